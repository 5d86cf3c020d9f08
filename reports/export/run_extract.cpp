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

/// Which rows of a table of `schema` are the run's; empty: none.
std::string rows_of(sqlite::Database& db, const std::string& table, std::int64_t run, std::string_view schema) {
  if (std::ranges::find(kLeftOut, table) != kLeftOut.end()) return "";
  if (table == "runs") return fmt::format("id = {}", run);
  if (table == "documents")
    return fmt::format("id IN (SELECT document FROM {}.run_documents WHERE run = {})", schema, run);
  const std::vector<std::string> columns =
      texts(db, fmt::format("SELECT name AS text FROM pragma_table_info('{}')", table));
  if (std::ranges::find(columns, "run") != columns.end()) return fmt::format("run = {}", run);
  if (std::ranges::find(columns, "phase") != columns.end())
    return fmt::format("phase IN (SELECT id FROM {}.phases WHERE run = {})", schema, run);
  sqlite::raise(Errc::internal, fmt::format("the table {} is of no run that an extract could know", table));
}

/// "penrig-records/8f3a.../1/1" says from which run and calibration on there is a log: of this run there is none in an
/// extract.
std::string origin_behind(const std::string& origin, std::int64_t run) {
  return fmt::format("{}/{}/1", origin.substr(0, origin.find('/', origin.find('/') + 1)), run + 1);
}

constexpr const char* kTables =
    "SELECT name AS text FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";

/// Errc::usage: no run id.
Result<std::int64_t> number_of(const std::string& run_id) {
  const std::int64_t run = run_id.starts_with("R-") ? std::atoll(run_id.c_str() + 2) : 0;
  if (run <= 0) return fail(Errc::usage, fmt::format("'{}' is no run id (such as R-000001)", run_id));
  return run;
}

void copy(sqlite::Database& db, std::int64_t run) {
  // Tables and rows first: triggers would see a closed run.
  constexpr const char* kSql =
      "SELECT sql AS text FROM source.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND type {} "
      "ORDER BY rowid";
  for (const std::string& sql : texts(db, fmt::format(kSql, "= 'table'"))) db.run(sql);
  for (const std::string& table : texts(db, kTables)) {
    const std::string where = rows_of(db, table, run, "source");
    if (where.empty()) continue;
    db.run(fmt::format("INSERT INTO main.{0} SELECT * FROM source.{0} WHERE {1} ORDER BY id", table, where));
  }
  if (db.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = 'log_origin'") == 1) {
    sqlite::RowWriter(db, "main.log_origin")
        .integer("id", std::int64_t{1})
        .text("origin", origin_behind(db.text("SELECT origin FROM source.log_origin WHERE id = 1"), run))
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
  const Result<std::int64_t> number = number_of(run_id);
  if (!number) return number.error();
  const std::int64_t run = *number;
  std::mutex nobody_else;
  return guarded(nobody_else, from, [&] {
    const ScratchDirectory scratch;
    const auto file = database_of(scratch.path());
    {
      sqlite::Database db(file, sqlite::Database::Access::create, 2000);
      db.run("PRAGMA journal_mode = DELETE; PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = OFF");
      db.attach(from, "source");
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

Result<std::vector<std::string>> rows_beside(const std::filesystem::path& folder, const std::string& run_id) {
  const auto file = database_of(folder);
  const Result<std::int64_t> run = number_of(run_id);
  if (!run) return run.error();
  std::mutex nobody_else;
  return guarded(nobody_else, file, [&] {
    std::vector<std::string> found;
    sqlite::Database db(file, sqlite::Database::Access::existing, 2000);
    for (const std::string& table : texts(db, kTables)) {
      if (table == "log_origin") continue;
      const std::string where = rows_of(db, table, *run, "main");
      const std::int64_t all = db.integer(fmt::format("SELECT count(*) FROM {}", table));
      const std::int64_t of_run =
          where.empty() ? 0 : db.integer(fmt::format("SELECT count(*) FROM {} WHERE {}", table, where));
      if (all != of_run)
        found.push_back(fmt::format("its table {} holds {} rows that are none of {}", table, all - of_run, run_id));
    }
    if (db.has_table("log_origin")) {
      const std::string origin = db.text("SELECT group_concat(origin, ' ') FROM log_origin");
      if (origin != origin_behind(origin, *run))
        found.push_back(fmt::format("it says of itself that it begins at '{}', and not behind {}", origin, run_id));
    }
    return found;
  });
}

}  // namespace penrig
