#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/timeline.hpp"

// What the record store takes beside SQLite itself, and how it answers when there is much in it.

namespace {

using penrig::Measurement;
using penrig::PhaseRecord;
using penrig::RecordStore;
using penrig::ScratchDirectory;

constexpr std::array kMeasurands{"penetration",   "extension", "stroke_rate",       "period_jitter", "peak_force",
                                 "contact_speed", "dwell",     "penetration_error", "missed_rate",   "puncture_force"};

Measurement measurement(std::size_t i, std::size_t of_run) {
  Measurement m;
  m.measurand = kMeasurands[i % kMeasurands.size()];
  m.unit = "mm";
  m.depth_mm = 1.5;
  m.rate_per_min = 9000;
  // Every value is another, and one in ten thousand lies beyond 0.05.
  m.value = 0.05 * static_cast<double>((i * 7919 + of_run * 104'729) % 10'007) / 10'005;
  m.expanded_u = 0.0034;
  m.nu_eff = 512;
  m.realised = 1.2501;
  m.realised_u = 0.0012;
  m.n = 150;
  m.n_eff = 131.5;
  for (int line = 0; line < 6; ++line) {
    m.budget.push_back({fmt::format("source {}", line), line == 0, "normal", 1.25e-4 * line, 0, "um/N", 1.0 + line,
                        0.05, 2.5e-3, line == 3 ? "STD-7" : ""});
  }
  return m;
}

PhaseRecord phase_of(std::size_t measurements, std::size_t of_run = 0) {
  PhaseRecord phase;
  phase.name = "1.5 mm at 9000/min";
  phase.kind = "setting";
  phase.depth_mm = 1.5;
  phase.rate_per_min = 9000;
  for (std::size_t i = 0; i < measurements; ++i) phase.measurements.push_back(measurement(i, of_run));
  return phase;
}

penrig::RunHeader header() {
  penrig::RunHeader h;
  h.serial_number = "PRO-0001";
  h.plan_name = "eol-pro";
  h.product_name = "pen-pro";
  h.rig_name = h.slot = "1";
  h.started_utc_ns = 1'767'225'600'000'000'000;
  return h;
}

/// One row's INSERT, with all that it binds ready.
struct Insert {
  struct Value {
    int type;
    std::int64_t integer;
    double real;
    std::string bytes;
  };
  sqlite3_stmt* statement = nullptr;
  std::vector<Value> values;
  int phase_at = 0;  // what is bound anew each time; 0: nothing
};

/// The loop that somebody would write in C: the rows that the store wrote for one phase, written again and again on a
/// connection with the same pragmas. No unwrapping, no text to be made, no JSON.
class CLoop {
 public:
  CLoop(const std::filesystem::path& file, std::int64_t phase) {
    check(sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr));
    run("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF;"
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    take("phases", fmt::format("id = {}", phase));
    for (const char* table : {"strokes", "traces", "measurements"}) take(table, fmt::format("phase = {}", phase));
    check(sqlite3_prepare_v2(db_, "BEGIN IMMEDIATE", -1, &begin_, nullptr));
    check(sqlite3_prepare_v2(db_, "COMMIT", -1, &commit_, nullptr));
  }
  ~CLoop() {
    for (auto& [table, statement] : prepared_) sqlite3_finalize(statement);
    sqlite3_finalize(begin_);
    sqlite3_finalize(commit_);
    sqlite3_close(db_);
  }
  CLoop(const CLoop&) = delete;
  CLoop& operator=(const CLoop&) = delete;

  void transaction() {
    step(begin_);
    std::int64_t phase = 0;
    for (const Insert& insert : inserts_) {
      for (std::size_t i = 0; i < insert.values.size(); ++i) {
        const int at = static_cast<int>(i) + 1;
        const Insert::Value& v = insert.values[i];
        const int size = static_cast<int>(v.bytes.size());
        if (at == insert.phase_at) {
          sqlite3_bind_int64(insert.statement, at, phase);
        } else if (v.type == SQLITE_INTEGER) {
          sqlite3_bind_int64(insert.statement, at, v.integer);
        } else if (v.type == SQLITE_FLOAT) {
          sqlite3_bind_double(insert.statement, at, v.real);
        } else if (v.type == SQLITE_TEXT) {
          sqlite3_bind_text(insert.statement, at, v.bytes.data(), size, nullptr);
        } else if (v.type == SQLITE_BLOB) {
          sqlite3_bind_blob(insert.statement, at, v.bytes.data(), size, nullptr);
        } else {
          sqlite3_bind_null(insert.statement, at);
        }
      }
      step(insert.statement);
      if (phase == 0) phase = sqlite3_last_insert_rowid(db_);
    }
    step(commit_);
  }

 private:
  void check(int rc) {
    if (rc != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  void run(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

  /// Rows as they stand, without their id; what was NULL is left out of the statement, as the store does.
  void take(const char* table, const std::string& where) {
    sqlite3_stmt* rows = nullptr;
    check(sqlite3_prepare_v2(db_, fmt::format("SELECT * FROM {} WHERE {} ORDER BY id", table, where).c_str(), -1, &rows,
                             nullptr));
    while (sqlite3_step(rows) == SQLITE_ROW) {
      Insert insert;
      std::string names, marks;
      for (int i = 0; i < sqlite3_column_count(rows); ++i) {
        const std::string name = sqlite3_column_name(rows, i);
        const int type = sqlite3_column_type(rows, i);
        if (name == "id" || type == SQLITE_NULL) continue;
        names += (names.empty() ? "" : ",") + name;
        marks += marks.empty() ? "?" : ",?";
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows, i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows, i));
        insert.values.push_back({type, sqlite3_column_int64(rows, i), sqlite3_column_double(rows, i),
                                 bytes == nullptr ? "" : std::string(bytes, size)});
        if (name == "phase") insert.phase_at = static_cast<int>(insert.values.size());
      }
      insert.statement = prepared(fmt::format("INSERT INTO {}({}) VALUES({})", table, names, marks));
      inserts_.push_back(std::move(insert));
    }
    sqlite3_finalize(rows);
  }

  sqlite3_stmt* prepared(const std::string& sql) {
    for (const auto& [text, statement] : prepared_) {
      if (text == sql) return statement;
    }
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr));
    prepared_.emplace_back(sql, statement);
    return statement;
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr;
  std::vector<Insert> inserts_;
  std::vector<std::pair<std::string, sqlite3_stmt*>> prepared_;
};

/// Turn about, so that both meet the same disk: one transaction of the store, one of the loop. `ratio` is the store's
/// commit rate as a share of the loop's.
void commits_of_200_measurements(benchmark::State& state) {
  const ScratchDirectory of_store, of_loop;
  const PhaseRecord phase = phase_of(200);
  auto store = RecordStore::open(of_store.path()).value();
  const std::string run = store->open_run(header()).value();
  {
    auto other = RecordStore::open(of_loop.path()).value();
    other->add_phase(other->open_run(header()).value(), phase).value();
  }
  CLoop loop(of_loop.path() / "records.db", 1);
  std::vector<double> stores, loops, store_cpus, loop_cpus;
  const auto clock = penrig::make_real_timeline();
  const auto measure = [&clock](const auto& work, std::vector<double>& seconds, std::vector<double>& cpu) {
    const penrig::TimePoint begin = clock->now();
    const std::clock_t cpu_begin = std::clock();
    work();
    seconds.push_back(static_cast<double>((clock->now() - begin).count()) * 1e-9);
    cpu.push_back(static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC);
  };
  for (auto _ : state) {
    measure([&] { store->add_phase(run, phase).value(); }, stores, store_cpus);
    measure([&] { loop.transaction(); }, loops, loop_cpus);
  }
  // A disk that is busy elsewhere now and then says nothing about either: the median.
  const auto median = [](std::vector<double>& all) {
    std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
    return all[all.size() / 2];
  };
  const double of_store_s = median(stores), of_loop_s = median(loops);
  state.counters["store_ms"] = of_store_s * 1e3;
  state.counters["loop_ms"] = of_loop_s * 1e3;
  state.counters["ratio"] = of_loop_s / of_store_s;
  // The same of the CPU time alone, which a busy machine bends less.
  state.counters["cpu_ratio"] = median(loop_cpus) / median(store_cpus);
}
BENCHMARK(commits_of_200_measurements)->Unit(benchmark::kMillisecond)->Iterations(300);

/// A store with a million measurements: 5,000 runs of 200. In memory where there is such a folder: writing them is not
/// what is measured.
RecordStore& large_store() {
  static const ScratchDirectory folder(penrig::folder_in_memory());
  static const std::unique_ptr<RecordStore> store = [] {
    auto made = RecordStore::open(folder.path()).value();
    for (std::size_t run = 0; run < 5000; ++run) {
      penrig::RunHeader h = header();
      h.serial_number = fmt::format("PRO-{:04}", run % 1000);
      h.started_utc_ns += static_cast<std::int64_t>(run) * 60'000'000'000;
      const std::string id = made->open_run(h).value();
      made->add_phase(id, phase_of(200, run)).value();
      penrig::RunOutcome outcome;
      outcome.verdict = penrig::Verdict::pass;
      made->close_run(id, outcome).value();
    }
    return made;
  }();
  return *store;
}

void list(benchmark::State& state, const penrig::RunFilter& filter) {
  RecordStore& store = large_store();
  std::size_t found = 0;
  for (auto _ : state) found = store.list_runs(filter).value().size();
  state.counters["runs"] = static_cast<double>(found);
  std::string plan;
  for (const std::string& step : store.plan_of_list(filter).value()) plan += (plan.empty() ? "" : "; ") + step;
  state.SetLabel(plan);
}

void list_where_error_beyond_a_limit(benchmark::State& state) {
  penrig::RunFilter filter;
  filter.where = penrig::parse_condition("penetration_error > 0.04999", "--where").value;
  list(state, filter);
}
BENCHMARK(list_where_error_beyond_a_limit)->Unit(benchmark::kMillisecond);

void list_newest_20_with_a_column(benchmark::State& state) {
  penrig::RunFilter filter;
  filter.newest = 20;
  filter.measurand = "penetration_error";
  list(state, filter);
}
BENCHMARK(list_newest_20_with_a_column)->Unit(benchmark::kMillisecond);

void list_one_pen(benchmark::State& state) {
  penrig::RunFilter filter;
  filter.serial_number = "PRO-0123";
  list(state, filter);
}
BENCHMARK(list_one_pen)->Unit(benchmark::kMillisecond);

void list_all(benchmark::State& state) { list(state, {}); }
BENCHMARK(list_all)->Unit(benchmark::kMillisecond);

}  // namespace
