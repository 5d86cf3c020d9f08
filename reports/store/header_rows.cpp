#include "reports/store/header_rows.hpp"

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/store/row_values.hpp"

namespace penrig::rows {
namespace {

using sqlite::RowReader;
using sqlite::RowWriter;

void write_document(sqlite::Database& db, std::int64_t run, const SourceDocument& document) {
  const std::string sha256 = sha256_hex(document.bytes);
  if (!document.sha256.empty() && document.sha256 != sha256) {
    sqlite::raise(Errc::internal, fmt::format("{} '{}': its SHA-256 was given as {}, its bytes have {}", document.kind,
                                              document.name, document.sha256, sha256));
  }
  std::int64_t id = 0;
  {
    RowReader known(db, "SELECT id FROM documents WHERE sha256 = ?");
    known.bind(1, sha256);
    if (known.next()) id = known.integer("id");
  }
  if (id == 0) id = RowWriter(db, "documents").text("sha256", sha256).blob("bytes", document.bytes).insert();
  RowWriter row(db, "run_documents");
  row.integer("run", run).integer("document", id).text("kind", document.kind).text("name", document.name);
  row.text("path", document.path).insert();
}

/// A run from before formats had numbers has no number, and is of the first; a file of an older version that is only
/// read has not even the column.
std::uint32_t known_format(const RowReader& row, const std::string& run_id) {
  const std::int64_t format = row.has("record_format") && !row.null("record_format") ? row.integer("record_format") : 1;
  if (format < 1 || format > std::int64_t{kRecordFormat}) {
    sqlite::raise(Errc::bad_data, fmt::format("{} is of record format {}, this program knows 1 to {}; use the newer "
                                              "penrig that wrote it",
                                              run_id, format, kRecordFormat));
  }
  return static_cast<std::uint32_t>(format);
}

}  // namespace

std::string run_name(std::int64_t run) { return fmt::format("R-{:06}", run); }

std::int64_t write_header(sqlite::Database& db, const RunHeader& h) {
  RowWriter row(db, "runs");
  row.text("serial_number", h.serial_number).text("operator_name", h.operator_name).text("slot", h.slot);
  row.text("plan_name", h.plan_name).text("product_name", h.product_name).text("rig_name", h.rig_name);
  row.integer("plan_revision", std::uint64_t{h.plan_revision});
  row.integer("product_revision", std::uint64_t{h.product_revision});
  row.integer("rig_revision", std::uint64_t{h.rig_revision});
  row.text("software_version", h.software_version).text("software_commit", h.software_commit);
  row.integer("started_utc_ns", h.started_utc_ns).flag("simulated", h.simulated).flag("engineering", h.engineering);
  row.text("simulation", h.simulation).text("cartridge_lot", h.cartridge_lot).text("simulant_lot", h.simulant_lot);
  if (!h.fixture_id.empty()) row.text("fixture_id", h.fixture_id);
  if (!h.simulant_sheet.empty()) row.text("simulant_sheet", h.simulant_sheet);
  row.text("engineering_because", h.engineering_because).text("run_reason", h.reason);
  row.text("earlier_certifying", dumped(nlohmann::ordered_json(h.earlier_certifying)));
  row.integer("cartridge_needles", std::uint64_t{h.cartridge_needles});
  row.integer("decisions_planned", h.decisions_planned).integer("settings_planned", h.settings_planned);
  if (!h.algorithm_version.empty()) row.text("algorithm_version", h.algorithm_version);
  row.integer("record_format", std::uint64_t{kRecordFormat});
  const std::int64_t run = row.insert();
  for (const SourceDocument& document : h.documents) write_document(db, run, document);
  return run;
}

void read_header(sqlite::Database& db, std::int64_t run, RunRecord& record) {
  RunHeader& h = record.header;
  {
    RowReader row(db, "SELECT * FROM runs WHERE id = ?");
    row.bind(1, run);
    if (!row.next()) sqlite::raise(Errc::internal, fmt::format("no run {}", run));
    h.run_id = run_name(run);
    record.format = known_format(row, h.run_id);
    h.serial_number = row.text("serial_number");
    h.operator_name = row.text("operator_name");
    h.slot = row.text("slot");
    h.plan_name = row.text("plan_name");
    h.product_name = row.text("product_name");
    h.rig_name = row.text("rig_name");
    h.plan_revision = static_cast<std::uint32_t>(row.integer("plan_revision"));
    h.product_revision = static_cast<std::uint32_t>(row.integer("product_revision"));
    h.rig_revision = static_cast<std::uint32_t>(row.integer("rig_revision"));
    h.software_version = row.text("software_version");
    h.software_commit = row.text("software_commit");
    h.started_utc_ns = row.integer("started_utc_ns");
    h.simulated = row.flag("simulated");
    h.engineering = row.flag("engineering");
    h.simulation = row.text("simulation");
    h.cartridge_lot = row.text("cartridge_lot");
    h.simulant_lot = row.text("simulant_lot");
    if (row.has("fixture_id")) h.fixture_id = row.text("fixture_id");
    if (row.has("simulant_sheet")) h.simulant_sheet = row.text("simulant_sheet");
    if (row.has("engineering_because")) h.engineering_because = row.text("engineering_because");
    if (row.has("run_reason")) h.reason = row.text("run_reason");
    if (row.has("earlier_certifying") && !row.null("earlier_certifying")) {
      h.earlier_certifying =
          nlohmann::ordered_json::parse(row.text("earlier_certifying")).get<std::vector<std::string>>();
    }
    if (row.has("algorithm_version") && !row.null("algorithm_version")) {
      h.algorithm_version = row.text("algorithm_version");
    }
    h.cartridge_needles = static_cast<std::uint32_t>(row.integer("cartridge_needles"));
    h.decisions_planned = row.count("decisions_planned");
    h.settings_planned = row.count("settings_planned");
  }
  RowReader row(db,
                "SELECT kind, name, path, bytes, sha256 FROM run_documents JOIN documents ON documents.id = document "
                "WHERE run = ? ORDER BY run_documents.id");
  row.bind(1, run);
  while (row.next()) {
    h.documents.push_back(
        {row.text("kind"), row.text("name"), row.text("path"), row.blob("bytes"), row.text("sha256")});
  }
}

std::uint32_t format_of(sqlite::Database& db, std::int64_t run) {
  RowReader row(db, "SELECT * FROM runs WHERE id = ?");  // a file of an older version has no such column
  row.bind(1, run);
  if (!row.next()) sqlite::raise(Errc::internal, fmt::format("no run {}", run));
  return known_format(row, run_name(run));
}

void demand_own_format(sqlite::Database& db, std::int64_t run) {
  const std::uint32_t format = format_of(db, run);
  if (format == kRecordFormat) return;
  sqlite::raise(Errc::usage,
                fmt::format("{}: {} was begun in record format {}, this program adds to format {} alone; the program "
                            "that began it may end it, penrig records recover closes it as interrupted",
                            db.file().string(), run_name(run), format, kRecordFormat));
}

}  // namespace penrig::rows
