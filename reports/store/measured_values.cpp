#include "reports/store/measured_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <mutex>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "reports/store/header_rows.hpp"
#include "reports/store/json_scan.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/row_values.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/store/store_files.hpp"
#include "reports/store/store_schema.hpp"
#include "rig/record/switched_off.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {
namespace {

using sqlite::RowReader;

/// The store's file, for reading alone.
class Reading {
 public:
  Reading(const std::filesystem::path& folder, const RecordStoreOptions& options)
      : db_(database_of(folder), sqlite::Database::Access::existing, options.busy_timeout_ms, options.on_waiting) {
    check_version(db_);
    const std::int64_t version = db_.integer("PRAGMA user_version");
    if (version < kStoreVersion) {
      sqlite::raise(Errc::usage,
                    fmt::format("{}: is of version {}, values are read from version {} on; let 'penrig records "
                                "recover' open it once, which brings it up to date",
                                db_.file().string(), version, kStoreVersion));
    }
  }
  sqlite::Database& db() { return db_; }

 private:
  sqlite::Database db_;
};

template <class Body>
auto reading(const std::filesystem::path& folder, const RecordStoreOptions& options, Body body)
    -> Result<decltype(body(std::declval<sqlite::Database&>()))> {
  if (const Result<void> there = demand_records(folder); !there) return there.error();
  std::mutex alone;
  return guarded(alone, database_of(folder), [&] {
    Reading file(folder, options);
    const sqlite::View view(file.db());
    return body(file.db());
  });
}

std::vector<ValuesRun> read_runs(sqlite::Database& db) {
  std::vector<ValuesRun> runs;
  const std::set<std::string> voided = voided_runs(db);
  RowReader row(
      db,
      "SELECT runs.id AS id, serial_number, rig_name, slot, plan_name, plan_revision, product_name, product_revision,"
      " cartridge_lot, coalesce(algorithm_version, '') AS algorithm, started_utc_ns, simulated, outcomes.id IS NOT "
      "NULL AND interrupted = 0 AS closed, verdict,"
      " pen_json IS NULL OR json_valid(pen_json) AS readable,"
      " CASE WHEN json_valid(pen_json) THEN coalesce(json_extract(pen_json, '$.firmware'), '') END AS firmware,"
      " CASE WHEN json_valid(pen_json) THEN coalesce(json_extract(pen_json, '$.hardware'), '') END AS hardware,"
      " EXISTS (SELECT 1 FROM corrections WHERE corrections.run = runs.id AND note = ?) AS uncorrected"
      " FROM runs LEFT JOIN outcomes ON outcomes.run = runs.id ORDER BY runs.id");
  row.bind(1, kSwitchedOff);
  while (row.next()) {
    ValuesRun r;
    r.number = row.integer("id");
    r.run_id = rows::run_name(r.number);
    if (!row.flag("readable")) {
      sqlite::raise(Errc::bad_data,
                    fmt::format("{}: {} is damaged: what its pen said of itself is no JSON (penrig verify "
                                "names all that is)",
                                db.file().string(), r.run_id));
    }
    r.serial_number = row.text("serial_number");
    r.rig_name = row.text("rig_name");
    r.slot = row.text("slot");
    r.plan_name = row.text("plan_name");
    r.plan_revision = row.integer("plan_revision");
    r.product_name = row.text("product_name");
    r.product_revision = row.integer("product_revision");
    r.cartridge_lot = row.text("cartridge_lot");
    r.algorithm = row.text("algorithm");
    r.started_utc_ns = row.integer("started_utc_ns");
    r.simulated = row.flag("simulated");
    r.closed = !row.null("closed") && row.flag("closed");
    r.verdict = row.null("verdict") ? Verdict::error : rows::verdict_of(row.integer("verdict"));
    r.firmware = row.text("firmware");
    r.hardware = row.text("hardware");
    r.uncorrected = row.flag("uncorrected");
    r.voided = voided.contains(r.run_id);
    runs.push_back(std::move(r));
  }
  return runs;
}

/// A measurement's row, as far as a study needs it.
struct Row {
  std::int64_t id = 0;
  bool of_run = false;     ///< of no phase
  std::size_t series = 0;  ///< of the key without its occurrence; kText: a text
  std::optional<double> value;
  double expanded_u = 0;
};
constexpr std::size_t kText = ~std::size_t{0};

class Collector {
 public:
  Collector(sqlite::Database& db, std::vector<ValuesRun> runs, std::string measurand)
      : db_(db), only_(std::move(measurand)) {
    out_.runs = std::move(runs);
  }
  MeasuredValues take() {
    for (std::size_t i = 0; i < out_.runs.size(); ++i) add(i);
    return std::move(out_);
  }

 private:
  struct Base {
    ValuesKey key;
    std::vector<std::size_t> keys;  ///< of the occurrences
    std::size_t last_run = kText;
    unsigned seen = 0;
  };

  /// The series of a measurand at a setting over a link; made where it is new.
  std::size_t series_of(const RowReader& row) {
    std::string& name = name_;
    name = row.text("measurand");
    const auto depth = row.optional_real("depth_mm"), rate = row.optional_real("rate_per_min");
    const std::size_t plain = name.size();
    const auto append = [&](const std::optional<double>& v) {
      const auto bits = std::bit_cast<std::uint64_t>(v.value_or(-1));
      name.append(1, v ? '\1' : '\2').append(std::bit_cast<std::array<char, 8>>(bits).data(), 8);
    };
    append(depth);
    append(rate);
    const bool linked = !row.null("link");
    if (linked) name += row.text("link");
    const auto [at, fresh] = series_.emplace(name, bases_.size());
    if (!fresh) return at->second;
    const std::string measurand = name.substr(0, plain);
    const MeasurandInfo* info = find_measurand(measurand);
    // An answer stands in no catalogue: one without a unit is a text (a number without one has "1").
    const bool text = info != nullptr ? info->text : row.text("unit").empty();
    if (text) return at->second = kText;
    bases_.push_back(
        {{measurand, row.text("unit"), depth, rate, linked ? pen_link_named(row.text("link")) : std::nullopt, 1},
         {},
         kText,
         0});
    return at->second;
  }

  /// Columns in the order in which they are asked for: so the reader finds each at once.
  std::vector<Row> read_rows(std::int64_t run) {
    const std::string sql = std::string(
                                "SELECT id, phase, measurand, depth_mm, rate_per_min, link, value, expanded_u,"
                                " censored_high, unit, not_real FROM measurements WHERE run = ?") +
                            (only_.empty() ? "" : " AND measurand = ?") + " ORDER BY id";
    RowReader row(db_, sql);
    row.bind(1, run);
    if (!only_.empty()) row.bind(2, only_);
    std::vector<Row> rows;
    while (row.next()) {
      Row r;
      r.id = row.integer("id");
      r.of_run = row.null("phase");
      r.series = series_of(row);
      r.value = row.optional_real("value");
      r.expanded_u = row.optional_real("expanded_u").value_or(0);
      if (r.value && (!std::isfinite(*r.value) || row.flag("censored_high"))) r.value.reset();
      rows.push_back(r);
    }
    return rows;
  }

  /// The run's list of measurements by id; nothing: format 1, whose list is the rows of no phase.
  std::optional<std::vector<std::int64_t>> list_of(std::int64_t run) {
    RowReader row(db_, "SELECT measurements_json FROM outcomes WHERE run = ?");
    row.bind(1, run);
    if (!row.next() || row.null("measurements_json")) return std::nullopt;
    const std::string text = row.text("measurements_json");
    std::vector<std::int64_t> ids;
    JsonScan scan(text);
    const bool good = scan.array([&] {
      const auto id = scan.whole();
      if (id) ids.push_back(*id);
      return id.has_value();
    });
    if (!good || !scan.at_end())
      sqlite::raise(Errc::bad_data,
                    fmt::format("run {} has no list of measurements that can be read", rows::run_name(run)));
    return ids;
  }

  std::size_t key_of(std::size_t series, std::size_t run) {
    Base& base = bases_[series];
    base.seen = base.last_run == run ? base.seen + 1 : 1;
    base.last_run = run;
    if (base.keys.size() < base.seen) {
      base.keys.push_back(out_.keys.size());
      out_.keys.push_back(base.key);
      out_.keys.back().occurrence = base.seen;
      out_.values.emplace_back();
    }
    return base.keys[base.seen - 1];
  }

  void add(std::size_t run) {
    const std::int64_t number = out_.runs[run].number;
    const std::vector<Row> rows = read_rows(number);
    const auto list = list_of(number);
    /// Place in the run's list → key and index in its values.
    std::vector<std::pair<std::size_t, std::size_t>> places;
    const auto take = [&](const Row* row) {
      if (row == nullptr || row->series == kText) {
        places.emplace_back(kText, 0);
        return;
      }
      const std::size_t key = key_of(row->series, run);
      places.emplace_back(key, out_.values[key].size());
      out_.values[key].push_back({run, row->value, row->expanded_u, {}, {}, Verdict::not_judged});
    };
    if (list) {
      for (const std::int64_t id : *list) {
        const auto at =
            std::lower_bound(rows.begin(), rows.end(), id, [](const Row& r, std::int64_t i) { return r.id < i; });
        take(at != rows.end() && at->id == id ? &*at : nullptr);
      }
    } else {
      for (const Row& row : rows)
        if (row.of_run) take(&row);
      if (!only_.empty()) return;  // places count all measurements
    }
    add_decisions(number, places);
  }

  void add_decisions(std::int64_t run, const std::vector<std::pair<std::size_t, std::size_t>>& places) {
    RowReader row(db_, "SELECT measurement, lower, upper, verdict FROM decisions WHERE run = ? ORDER BY id");
    row.bind(1, run);
    while (row.next()) {
      const auto at = static_cast<std::size_t>(row.integer("measurement"));
      if (at >= places.size() || places[at].first == kText) continue;
      MeasuredValue& value = out_.values[places[at].first][places[at].second];
      // Of several requirements the narrower limits.
      const auto lower = row.optional_real("lower"), upper = row.optional_real("upper");
      if (lower) value.lower = value.lower ? std::max(*value.lower, *lower) : *lower;
      if (upper) value.upper = value.upper ? std::min(*value.upper, *upper) : *upper;
      value.verdict = worst(value.verdict, rows::verdict_of(row.integer("verdict")));
    }
  }

  sqlite::Database& db_;
  std::string only_, name_;
  MeasuredValues out_;
  std::unordered_map<std::string, std::size_t> series_;
  std::vector<Base> bases_;
};

}  // namespace

Result<std::vector<ValuesRun>> runs_to_study(const std::filesystem::path& folder, const RecordStoreOptions& options) {
  return reading(folder, options, [](sqlite::Database& db) { return read_runs(db); });
}

Result<MeasuredValues> values_to_study(const std::filesystem::path& folder, const RecordStoreOptions& options,
                                       std::vector<ValuesRun> runs, const std::string& measurand) {
  return reading(folder, options,
                 [&](sqlite::Database& db) { return Collector(db, std::move(runs), measurand).take(); });
}

}  // namespace penrig
