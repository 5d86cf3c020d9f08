#include "reports/export/run_extract.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "reports/scratch_directory.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/store/store_files.hpp"

namespace penrig {
namespace {

/// What belongs to the store or to all runs, not to one.
constexpr std::array<std::string_view, 6> kLeftOut{"calibrations", "audit_entries",      "log_leaves",
                                                   "archives",     "archived_waveforms", "log_origin"};

std::vector<std::string> texts(sqlite::Database& db, const std::string& sql) {
  std::vector<std::string> all;
  sqlite::RowReader row(db, sql);
  while (row.next()) all.push_back(row.text("text"));
  return all;
}

/// Which rows of a table are the run's; empty: none.
std::string rows_of(sqlite::Database& db, const std::string& table) {
  if (std::ranges::find(kLeftOut, table) != kLeftOut.end()) return "";
  if (table == "runs") return "id = {0}";
  if (table == "documents") return "id IN (SELECT document FROM source.run_documents WHERE run = {0})";
  const std::vector<std::string> columns =
      texts(db, fmt::format("SELECT name AS text FROM pragma_table_info('{}')", table));
  if (std::ranges::find(columns, "run") != columns.end()) return "run = {0}";
  if (std::ranges::find(columns, "phase") != columns.end())
    return "phase IN (SELECT id FROM source.phases WHERE run = {0})";
  sqlite::raise(Errc::internal, fmt::format("the table {} is of no run that an extract could know", table));
}

void copy(sqlite::Database& db, std::int64_t run) {
  // Tables and rows first: triggers would see a closed run.
  constexpr const char* kSql =
      "SELECT sql AS text FROM source.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND type {} "
      "ORDER BY rowid";
  for (const std::string& sql : texts(db, fmt::format(kSql, "= 'table'"))) db.run(sql);
  for (const std::string& table :
       texts(db,
             "SELECT name AS text FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
             "ORDER BY rowid")) {
    const std::string where = rows_of(db, table);
    if (where.empty()) continue;
    db.run(fmt::format("INSERT INTO main.{0} SELECT * FROM source.{0} WHERE {1} ORDER BY id", table,
                       fmt::format(fmt::runtime(where), run)));
  }
  if (db.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = 'log_origin'") == 1) {
    // "penrig-records/8f3a.../1/1": from which run and calibration on there is a log. Of this run there is none here.
    const std::string origin = db.text("SELECT origin FROM source.log_origin WHERE id = 1");
    const std::string name = origin.substr(0, origin.find('/', origin.find('/') + 1));
    sqlite::RowWriter(db, "main.log_origin")
        .integer("id", std::int64_t{1})
        .text("origin", fmt::format("{}/{}/1", name, run + 1))
        .insert();
  }
  for (const std::string& sql : texts(db, fmt::format(kSql, "<> 'table'"))) db.run(sql);
  for (const char* pragma : {"user_version", "application_id"}) {
    db.run(fmt::format("PRAGMA main.{0} = {1}", pragma, db.integer(fmt::format("PRAGMA source.{}", pragma))));
  }
}

}  // namespace

Result<std::string> run_extract(const std::filesystem::path& folder, const std::string& run_id) {
  const auto from = database_of(folder);
  std::int64_t run = 0;
  if (!run_id.starts_with("R-") || (run = std::atoll(run_id.c_str() + 2)) <= 0)
    return fail(Errc::usage, fmt::format("'{}' is no run id (such as R-000001)", run_id));
  std::mutex nobody_else;
  return guarded(nobody_else, from, [&] {
    const ScratchDirectory scratch;
    const auto file = database_of(scratch.path());
    {
      sqlite::Database db(file, sqlite::Database::Access::create, 2000);
      db.run("PRAGMA journal_mode = DELETE; PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = OFF");
      std::string quoted;
      for (const char c : from.string()) quoted += c == '\'' ? "''" : std::string(1, c);
      db.run(fmt::format("ATTACH '{}' AS source", quoted));
      db.run("BEGIN");
      if (db.integer(fmt::format("SELECT count(*) FROM source.runs WHERE id = {}", run)) != 1)
        sqlite::raise(Errc::usage, fmt::format("{}: holds no run {}", from.string(), run_id));
      copy(db, run);
      if (db.integer("SELECT count(*) FROM pragma_foreign_key_check()") != 0)
        sqlite::raise(Errc::bad_data,
                      fmt::format("{}: run {} refers to rows that are not there", from.string(), run_id));
      db.run("COMMIT");
    }
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in || bytes.empty()) sqlite::raise(Errc::io, fmt::format("{}: cannot be read again", file.string()));
    return bytes;
  });
}

}  // namespace penrig
