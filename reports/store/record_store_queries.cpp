#include <fmt/format.h>

#include "reports/query/condition_sql.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/live_runs.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"

namespace penrig {
namespace {

/// Of a row that is damaged the rest is told all the same: which run it is must be seen, and verifying names it.
constexpr const char* kFirmware =
    "coalesce(CASE WHEN json_valid(pen_json) THEN json_extract(pen_json, '$.firmware') END, '')";
constexpr const char* kNotReal = "CASE WHEN json_valid(not_real) THEN not_real END";

/// Only what was asked for stands in the question, so that an index can answer it.
SqlPiece conditions_of(const RunFilter& filter) {
  SqlPiece all{"1", {}};
  const auto demand = [&](const std::string& sql, SqlValue value) {
    all.sql += " AND " + sql;
    all.values.push_back(std::move(value));
  };
  if (!filter.serial_number.empty()) demand("serial_number = ?", filter.serial_number);
  if (!filter.plan_name.empty()) demand("plan_name = ?", filter.plan_name);
  if (!filter.product_name.empty()) demand("product_name = ?", filter.product_name);
  if (!filter.slot.empty()) demand("slot = ?", filter.slot);
  if (!filter.rig_name.empty()) demand("rig_name = ?", filter.rig_name);
  if (filter.at_a_bench) all.sql += " AND simulation = ''";
  if (!filter.firmware.empty()) demand(fmt::format("{} = ?", kFirmware), filter.firmware);
  if (filter.since_utc_ns) demand("started_utc_ns >= ?", *filter.since_utc_ns);
  if (filter.before_utc_ns) demand("started_utc_ns < ?", *filter.before_utc_ns);
  if (filter.verdict) {
    // A run that nobody closed counts as an ERROR.
    demand(fmt::format("coalesce(verdict, {}) = ?", static_cast<int>(Verdict::error)),
           static_cast<std::int64_t>(*filter.verdict));
  }
  if (filter.where) {
    SqlPiece where = sql_of(*filter.where);
    all.sql += " AND " + where.sql;
    for (SqlValue& value : where.values) all.values.push_back(std::move(value));
  }
  return all;
}

/// The values of one measurand, run by run. A negative zero has its bits in not_real alone.
constexpr const char* kMeasured =
    " LEFT JOIN (SELECT run, count(*) AS n, min(v) AS least, max(v) AS greatest, max(t) AS text FROM ("
    "SELECT run, value AS v, '' AS t FROM measurements WHERE measurand = ? AND value IS NOT NULL UNION ALL "
    "SELECT run, CASE CASE WHEN json_valid(not_real) THEN json_extract(not_real, '$.value') END"
    " WHEN '8000000000000000' THEN 0.0 END, text_value"
    " FROM measurements WHERE measurand = ? AND value IS NULL) GROUP BY run) AS measured ON measured.run = runs.id";

/// A file of an older version that is only read knows no run that somebody else closed.
bool knows_interrupted(sqlite::Database& db) {
  return db.integer("SELECT count(*) FROM pragma_table_info('outcomes') WHERE name = 'interrupted'") > 0;
}

SqlPiece question(sqlite::Database& db, const RunFilter& filter) {
  const bool measured = !filter.measurand.empty();
  const std::string interrupted = knows_interrupted(db) ? "coalesce(interrupted, 0)" : "0";
  SqlPiece wanted = conditions_of(filter);
  if (filter.interrupted) wanted.sql += fmt::format(" AND (outcomes.id IS NULL OR {} = 1)", interrupted);
  SqlPiece all;
  all.sql = fmt::format(
      "SELECT * FROM (SELECT runs.id AS id, serial_number, plan_name, product_name, rig_name, operator_name, slot,"
      " started_utc_ns, simulated, engineering, outcomes.id IS NOT NULL AS ended, {} AS interrupted,"
      " coalesce(verdict, {}) AS verdict, coalesce(reason, '') AS reason, duration_s, {} AS not_real, {} AS firmware,"
      " {} AS signature,{}"
      " (SELECT count(*) FROM decisions WHERE decisions.run = runs.id) AS decisions"
      " FROM runs LEFT JOIN outcomes ON outcomes.run = runs.id{} WHERE {} ORDER BY runs.id DESC LIMIT ?) ORDER BY id",
      interrupted, static_cast<int>(Verdict::error), kNotReal, kFirmware,
      db.has_table("log_leaves") ? "(SELECT signature FROM log_leaves WHERE run = runs.id)" : "''",
      measured ? " n, least, greatest, text," : "", measured ? kMeasured : "", wanted.sql);
  if (measured) all.values = {filter.measurand, filter.measurand};
  for (SqlValue& value : wanted.values) all.values.push_back(std::move(value));
  all.values.emplace_back(filter.newest == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.newest));
  return all;
}

void bind(sqlite::RowReader& row, const SqlPiece& sql) {
  int index = 0;
  for (const SqlValue& value : sql.values) {
    ++index;
    std::visit([&](const auto& v) { row.bind(index, v); }, value);
  }
}

RunRow run_row(const sqlite::RowReader& row) {
  RunRow r;
  r.run_id = rows::run_name(row.integer("id"));
  r.serial_number = row.text("serial_number");
  r.plan_name = row.text("plan_name");
  r.product_name = row.text("product_name");
  r.rig_name = row.text("rig_name");
  r.operator_name = row.text("operator_name");
  r.slot = row.text("slot");
  r.started_utc_ns = row.integer("started_utc_ns");
  r.simulated = row.flag("simulated");
  r.engineering = row.flag("engineering");
  r.closed = row.flag("ended") && !row.flag("interrupted");
  const std::int64_t verdict = row.integer("verdict");
  // A verdict that nobody knows is not a good one.
  r.verdict = verdict >= 0 && verdict <= static_cast<std::int64_t>(Verdict::error) ? static_cast<Verdict>(verdict)
                                                                                   : Verdict::error;
  r.reason = row.text("reason");
  r.decisions = row.count("decisions");
  r.duration_s = row.optional_real("duration_s").value_or(0);
  r.firmware = row.text("firmware");
  r.is_signed = !row.text("signature").empty();
  r.certifying_unsigned = r.closed && !r.simulated && !r.engineering && !r.is_signed;
  if (row.has("n") && !row.null("n")) {
    r.measured =
        MeasuredRange{row.count("n"), row.optional_real("least"), row.optional_real("greatest"), row.text("text")};
  }
  return r;
}

}  // namespace

Result<std::vector<RunRow>> RecordStore::list_runs(const RunFilter& filter) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<RunRow> all;
    const sqlite::View view(*db_);
    const SqlPiece sql = question(*db_, filter);
    sqlite::RowReader row(*db_, sql.sql);
    bind(row, sql);
    const std::set<std::string> voided = voided_runs(*db_);
    while (row.next()) {
      RunRow r = run_row(row);
      r.voided = voided.contains(r.run_id);
      if (!row.flag("ended")) {
        r.running = live_->alive(r.run_id);
        r.reason = why_open(r.run_id);
      }
      all.push_back(std::move(r));
    }
    return all;
  });
}

Result<std::vector<ClosedRun>> RecordStore::closed_after(std::int64_t closing, std::size_t at_most) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<ClosedRun> all;
    sqlite::RowReader row(*db_, "SELECT id, run FROM outcomes WHERE id > ? ORDER BY id LIMIT ?");
    row.bind(1, closing);
    row.bind(2, static_cast<std::int64_t>(at_most));
    while (row.next()) all.push_back({row.integer("id"), rows::run_name(row.integer("run"))});
    return all;
  });
}

Result<RecordStore::Closings> RecordStore::closings_after(std::int64_t closing) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::RowReader row(*db_,
                          "SELECT count(*) FILTER (WHERE id > ?) AS after, coalesce(max(id), 0) AS last FROM outcomes");
    row.bind(1, closing);
    row.next();
    return Closings{row.count("after"), row.integer("last")};
  });
}

Result<std::vector<std::string>> RecordStore::plan_of_list(const RunFilter& filter) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<std::string> steps;
    SqlPiece sql = question(*db_, filter);
    sqlite::RowReader row(*db_, "EXPLAIN QUERY PLAN " + sql.sql);
    bind(row, sql);
    while (row.next()) steps.push_back(row.text("detail"));
    return steps;
  });
}

}  // namespace penrig
