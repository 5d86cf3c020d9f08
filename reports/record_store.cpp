#include "reports/record_store.hpp"

#include <charconv>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/header_rows.hpp"
#include "reports/outcome_rows.hpp"
#include "reports/phase_rows.hpp"
#include "reports/spot_rows.hpp"
#include "reports/sqlite_database.hpp"
#include "reports/store_schema.hpp"

namespace penrig {
namespace {

constexpr const char* kFileName = "records.db";
constexpr std::int64_t kPageBytes = 4096;

/// Runs the body; what it throws comes back as an error.
template <class Body>
auto guarded(std::mutex& mutex, const std::filesystem::path& file, Body body) -> Result<decltype(body())> {
  try {
    const std::lock_guard lock(mutex);
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      return {};
    } else {
      return body();
    }
  } catch (const ErrorException& e) {
    return e.error;
  } catch (const nlohmann::json::exception& e) {
    return fail(Errc::bad_data, fmt::format("{}: a record in it is damaged: {}", file.string(), e.what()));
  }
}

/// A new name in a folder is durable only once the folder is.
void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool ok = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!ok)
    sqlite::raise(Errc::io, fmt::format("{}: cannot be made durable: {}", folder.string(),
                                        std::generic_category().message(error)));
}

/// Makes the folder and those above it that are missing, each durable before the next.
void make_folder(const std::filesystem::path& folder) {
  const auto refuse = [&](const std::error_code& error) {
    const Errc code = error == std::errc::no_space_on_device ? Errc::no_space : Errc::io;
    sqlite::raise(code, fmt::format("{}: the folder for records cannot be made: {}; choose another --records",
                                    folder.string(), error.message()));
  };
  std::error_code error;
  const auto whole = std::filesystem::absolute(folder, error).lexically_normal();
  if (error) refuse(error);
  std::filesystem::path made;
  for (const auto& part : whole) {
    const auto parent = made;
    made /= part;
    if (part.empty() || std::filesystem::is_directory(made, error)) continue;
    if (std::filesystem::create_directory(made, error)) sync_folder(parent);
    if (error) refuse(error);
  }
}

/// What durable means here; a file system that cannot do it (WAL needs shared memory) must not take records.
void demand_durable_writes(sqlite::Database& db) {
  db.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  constexpr std::int64_t kFull = 2;
  if (db.integer("PRAGMA synchronous") == kFull && db.text("PRAGMA journal_mode") == "wal") return;
  sqlite::raise(Errc::io, fmt::format("{}: cannot be written durably (journal mode {}, wal is needed); choose another "
                                      "--records, on a local disk",
                                      db.file().string(), db.text("PRAGMA journal_mode")));
}

const char* const kInterrupted =
    "the run was never closed: it is still running, or the program or machine stopped before its end";

}  // namespace

RecordStore::RecordStore(std::filesystem::path folder, std::unique_ptr<sqlite::Database> db)
    : folder_(std::move(folder)), db_(std::move(db)) {}
RecordStore::~RecordStore() = default;

Result<std::unique_ptr<RecordStore>> RecordStore::open(const std::filesystem::path& folder,
                                                       RecordStoreOptions options) {
  return open(folder, options, true);
}
Result<std::unique_ptr<RecordStore>> RecordStore::open_existing(const std::filesystem::path& folder,
                                                                RecordStoreOptions options) {
  return open(folder, options, false);
}

Result<std::unique_ptr<RecordStore>> RecordStore::open(const std::filesystem::path& folder, RecordStoreOptions options,
                                                       bool create) {
  const auto file = folder / kFileName;
  std::error_code error;
  const bool there = std::filesystem::exists(file, error);
  if (error) return fail(Errc::io, fmt::format("{}: cannot be looked into: {}", file.string(), error.message()));
  if (!create && !there) {
    return fail(Errc::usage, fmt::format("{}: there are no records (name the folder with --records)", folder.string()));
  }
  std::mutex nobody_else;
  return guarded(nobody_else, file, [&] {
    if (create) make_folder(folder);
    using Access = sqlite::Database::Access;
    auto db =
        std::make_unique<sqlite::Database>(file, create ? Access::create : Access::existing, options.busy_timeout_ms);
    db->run("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF");
    check_version(*db);
    if (!create && db->integer("PRAGMA user_version") == 0)
      sqlite::raise(Errc::usage, fmt::format("{}: there are no records in it", file.string()));
    if (create) {
      demand_durable_writes(*db);
      if (options.file_max_kib > 0)
        db->run(fmt::format("PRAGMA max_page_count = {}", options.file_max_kib * 1024 / kPageBytes));
      migrate(*db);
      if (!there) sync_folder(folder);
    }
    return std::unique_ptr<RecordStore>(new RecordStore(folder, std::move(db)));
  });
}

Result<std::string> RecordStore::open_run(const RunHeader& header) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    const std::int64_t run = rows::write_header(*db_, header);
    transaction.commit();
    return rows::run_name(run);
  });
}

Result<std::vector<SpotUse>> RecordStore::spots_taken(const SimulantSheet& sheet) {
  if (sheet.new_in_this_run) return std::vector<SpotUse>{};
  return guarded(one_at_a_time_, db_->file(), [&] { return rows::read_spots_taken(*db_, sheet); });
}

Result<void> RecordStore::take_spot(const std::string& run_id, const SpotPlace& spot) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    rows::write_spot_taken(*db_, id_of(run_id), spot);
    transaction.commit();
  });
}

Result<void> RecordStore::add_phase(const std::string& run_id, const PhaseRecord& phase) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    rows::write_phase(*db_, id_of(run_id), phase);
    transaction.commit();
  });
}

Result<void> RecordStore::close_run(const std::string& run_id, const RunOutcome& outcome) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    rows::write_outcome(*db_, id_of(run_id), outcome);
    transaction.commit();
  });
}

std::int64_t RecordStore::id_of(const std::string& run_id) {
  std::int64_t id = 0;
  if (run_id.starts_with("R-")) {
    const char* const end = run_id.data() + run_id.size();
    const auto [stopped, error] = std::from_chars(run_id.data() + 2, end, id);
    if (error != std::errc{} || stopped != end) id = 0;
  }
  if (id > 0) {
    sqlite::RowReader row(*db_, "SELECT id FROM runs WHERE id = ?");
    row.bind(1, id);
    if (row.next()) return id;
  }
  const std::int64_t last = db_->integer("SELECT coalesce(max(id), 0) FROM runs");
  const std::string known = last == 0 ? "the store holds no runs yet"
                                      : fmt::format("runs in the store: {}, the newest is {}",
                                                    db_->integer("SELECT count(*) FROM runs"), rows::run_name(last));
  sqlite::raise(Errc::usage, fmt::format("{}: no run '{}'; {}", db_->file().string(), run_id, known));
}

Result<std::vector<RunRow>> RecordStore::list_runs(const RunFilter& filter) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<RunRow> all;
    sqlite::RowReader row(
        *db_,
        "SELECT * FROM (SELECT runs.id AS id, serial_number, plan_name, product_name, rig_name, operator_name, slot,"
        " started_utc_ns, simulated, engineering, outcomes.id IS NOT NULL AS closed,"
        " coalesce(verdict, ?1) AS verdict, coalesce(reason, ?2) AS reason, duration_s, not_real,"
        " (SELECT count(*) FROM decisions WHERE decisions.run = runs.id) AS decisions"
        " FROM runs LEFT JOIN outcomes ON outcomes.run = runs.id"
        " WHERE (?3 = '' OR serial_number = ?3) AND (?4 = '' OR plan_name = ?4)"
        " AND (?5 = '' OR product_name = ?5) AND (?6 < 0 OR coalesce(verdict, ?1) = ?6)"
        " ORDER BY runs.id DESC LIMIT ?7) ORDER BY id");
    row.bind(1, static_cast<std::int64_t>(Verdict::error)).bind(2, std::string(kInterrupted));
    row.bind(3, filter.serial_number).bind(4, filter.plan_name).bind(5, filter.product_name);
    row.bind(6, filter.verdict ? static_cast<std::int64_t>(*filter.verdict) : std::int64_t{-1});
    row.bind(7, filter.newest == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(filter.newest));
    while (row.next()) {
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
      r.closed = row.flag("closed");
      const std::int64_t verdict = row.integer("verdict");
      // A verdict that nobody knows is not a good one.
      r.verdict = verdict >= 0 && verdict <= static_cast<std::int64_t>(Verdict::error) ? static_cast<Verdict>(verdict)
                                                                                       : Verdict::error;
      r.reason = row.text("reason");
      r.decisions = row.count("decisions");
      r.duration_s = row.optional_real("duration_s").value_or(0);
      all.push_back(std::move(r));
    }
    return all;
  });
}

Result<std::string> RecordStore::file_calibration(const Calibration& calibration) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    Calibration filed = calibration;
    const std::int64_t id = db_->integer("SELECT coalesce(max(id), 0) + 1 FROM calibrations");
    filed.id = fmt::format("C-{:06}", id);
    const std::string bytes = calibration_json_text(filed);
    sqlite::RowWriter row(*db_, "calibrations");
    row.integer("id", id).text("target", filed.target).text("fixture_id", filed.fixture_id);
    row.text("date", filed.date.text).text("due", filed.due.text).flag("simulated", filed.simulated);
    row.integer("filed_utc_ns", filed.filed_utc_ns).text("sha256", sha256_hex(bytes)).blob("bytes", bytes).insert();
    transaction.commit();
    return filed.id;
  });
}

Result<std::vector<Calibration>> RecordStore::list_calibrations() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<Calibration> all;
    // A file of an older version that is only read has no such table.
    if (db_->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'calibrations'") == 0) return all;
    sqlite::RowReader row(*db_, "SELECT * FROM calibrations ORDER BY id");
    while (row.next()) {
      const std::string bytes = row.blob("bytes"), id = fmt::format("C-{:06}", row.integer("id"));
      if (sha256_hex(bytes) != row.text("sha256")) {
        sqlite::raise(Errc::bad_data,
                      fmt::format("{}: calibration {} does not match its SHA-256; the record is damaged",
                                  db_->file().string(), id));
      }
      Result<Calibration> calibration = calibration_of(bytes);
      if (!calibration) {
        sqlite::raise(Errc::bad_data, fmt::format("{}: {}: {}", db_->file().string(), id, calibration.error().message));
      }
      all.push_back(std::move(*calibration));
    }
    return all;
  });
}

Result<Calibration> RecordStore::load_calibration(const std::string& id) {
  Result<std::vector<Calibration>> all = list_calibrations();
  if (!all) return all.error();
  for (Calibration& calibration : *all) {
    if (calibration.id == id) return std::move(calibration);
  }
  return fail(Errc::usage, fmt::format("{}: no calibration '{}'; {}", db_->file().string(), id,
                                       all->empty() ? std::string("the store holds none yet")
                                                    : fmt::format("the newest is {}", all->back().id)));
}

Result<RunRecord> RecordStore::load_run(const std::string& run_id) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    const std::int64_t run = id_of(run_id);
    RunRecord record;
    db_->run("BEGIN");  // one view of all tables, whatever another program adds meanwhile
    try {
      record.header = rows::read_header(*db_, run);
      record.phases = rows::read_phases(*db_, run);
      auto outcome = rows::read_outcome(*db_, run);
      record.closed = outcome.has_value();
      if (outcome) {
        record.outcome = std::move(*outcome);
      } else {
        record.outcome.reason = kInterrupted;
      }
    } catch (...) {
      db_->run("ROLLBACK");
      throw;
    }
    db_->run("ROLLBACK");
    for (const SourceDocument& document : record.header.documents) {
      if (sha256_hex(document.bytes) != document.sha256) {
        sqlite::raise(Errc::bad_data,
                      fmt::format("{}: {} '{}' of run {} does not match its SHA-256; the record is damaged",
                                  db_->file().string(), document.kind, document.name, run_id));
      }
    }
    return record;
  });
}

}  // namespace penrig
