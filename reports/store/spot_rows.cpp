#include "reports/store/spot_rows.hpp"

namespace penrig::rows {
namespace {

using sqlite::RowReader;
using sqlite::RowWriter;

}  // namespace

void write_spot_taken(sqlite::Database& db, std::int64_t run, const SpotPlace& spot) {
  RowWriter row(db, "spots_taken");
  row.integer("run", run).text("name", spot.name).real("x_mm", spot.x_mm).real("y_mm", spot.y_mm).insert();
}

std::vector<SpotUse> read_spots_taken(sqlite::Database& db, const SimulantSheet& sheet) {
  // A run on a bench that was made for it alone (`simulation`) had a sheet that nobody else had. One from before sheets
  // had names was on the one that is called "1" where nobody says otherwise. A spot that has no row of its own is known
  // from the phase that was on it.
  RowReader row(db,
                "WITH on_sheet AS (SELECT id FROM runs WHERE simulation = '' AND simulant_lot = ?1 AND slot = ?2 "
                " AND coalesce(simulant_sheet, '1') = ?3 AND (rig_name = ?4 OR fixture_id = ?5)), "
                "used AS (SELECT run, name, x_mm, y_mm, not_real FROM spots_taken WHERE run IN on_sheet "
                " UNION ALL SELECT DISTINCT run, spot, NULL, NULL, NULL FROM phases WHERE run IN on_sheet "
                " AND spot IS NOT NULL AND NOT EXISTS (SELECT 1 FROM spots_taken AS t "
                "  WHERE t.run = phases.run AND t.name = phases.spot)) "
                "SELECT name, x_mm, y_mm, not_real, "
                "(SELECT coalesce(sum(coalesce(spot_strokes_after - spot_strokes_before, 0)), 0) FROM phases "
                " WHERE phases.run = used.run AND spot = used.name) AS strokes FROM used ORDER BY run, name");
  row.bind(1, sheet.lot).bind(2, sheet.slot).bind(3, sheet.sheet).bind(4, sheet.rig_name).bind(5, sheet.fixture_id);
  std::vector<SpotUse> uses;
  while (row.next()) {
    uses.push_back({row.text("name"), row.optional_real("x_mm"), row.optional_real("y_mm"), row.count("strokes")});
  }
  return uses;
}

std::vector<SpotPlace> read_spots_of_run(sqlite::Database& db, std::int64_t run) {
  std::vector<SpotPlace> spots;
  if (!db.has_table("spots_taken")) return spots;
  RowReader row(db, "SELECT * FROM spots_taken WHERE run = ? ORDER BY id");
  row.bind(1, run);
  while (row.next()) spots.push_back({row.text("name"), row.real("x_mm"), row.real("y_mm")});
  return spots;
}

}  // namespace penrig::rows
