#include "reports/store/record_store.hpp"

#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "reports/atomic_file.hpp"
#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/record_json.hpp"
#include "reports/store/header_rows.hpp"
#include "reports/store/live_runs.hpp"
#include "reports/store/outcome_rows.hpp"
#include "reports/store/phase_rows.hpp"
#include "reports/store/record_log.hpp"
#include "reports/store/spot_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/store/store_files.hpp"
#include "reports/store/store_remains.hpp"
#include "reports/store/store_schema.hpp"
#include "reports/trace/trace_rows.hpp"
#include "reports/waveforms/held_waveforms.hpp"

namespace penrig {
namespace {

constexpr std::int64_t kPageBytes = 4096;

void demand_durable(const std::filesystem::path& folder) {
  if (const Result<void> durable = sync_folder(folder); !durable) throw ErrorException(durable.error());
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
    if (std::filesystem::create_directory(made, error)) demand_durable(parent);
    if (error) refuse(error);
  }
}

void lay_down(const std::filesystem::path& file) {
  if (const Result<void> there = replace_file(file, empty_store()); !there) throw ErrorException(there.error());
}

/// A database without a schema is one that is being made, or what is left of one.
void demand_new(sqlite::Database& db, const std::filesystem::path& folder) {
  const Result<void> is_new = demand_no_remains(folder, "holds no records");
  // Read again: another program may have made the store just now, and what is beside it.
  if (!is_new && db.integer("PRAGMA user_version") == 0) throw ErrorException(is_new.error());
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

}  // namespace

RecordStore::RecordStore(std::filesystem::path folder, std::unique_ptr<sqlite::Database> db,
                         const RecordStoreOptions& options)
    : folder_(std::move(folder)),
      waveform_form_(options.waveform_form),
      held_waveforms_(options.waveforms_in_memory ? std::make_unique<HeldWaveforms>() : nullptr),
      db_(std::move(db)),
      live_(std::make_unique<LiveRuns>(folder_)),
      log_(std::make_unique<RecordLog>(*db_)) {}
RecordStore::~RecordStore() = default;

Result<std::unique_ptr<RecordStore>> RecordStore::open(const std::filesystem::path& folder,
                                                       RecordStoreOptions options) {
  return open(folder, std::move(options), true);
}
Result<std::unique_ptr<RecordStore>> RecordStore::open_existing(const std::filesystem::path& folder,
                                                                RecordStoreOptions options) {
  return open(folder, std::move(options), false);
}

Result<std::unique_ptr<RecordStore>> RecordStore::open(const std::filesystem::path& folder, RecordStoreOptions options,
                                                       bool create) {
  const Result<void> fits = create ? demand_not_lost(folder) : demand_records(folder);
  if (!fits) return fits.error();
  const Result<bool> there = holds_records(folder);
  if (!there) return there.error();
  const auto file = database_of(folder);
  if (options.waveforms_in_memory && *there) {
    return fail(Errc::usage, fmt::format("{}: it holds records already, whose waveforms are files; waveforms in memory "
                                         "are those of a store that is made anew",
                                         folder.string()));
  }
  std::mutex nobody_else;
  return guarded(nobody_else, file, [&] {
    if (create) make_folder(folder);
    const bool laid_down = options.short_lived && create && !*there;
    if (laid_down) lay_down(file);
    using Access = sqlite::Database::Access;
    auto db = std::make_unique<sqlite::Database>(file, create ? Access::create : Access::existing,
                                                 options.busy_timeout_ms, options.on_waiting);
    db->run("PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF");
    check_version(*db);
    if (db->integer("PRAGMA user_version") == 0) {
      demand_new(*db, folder);
      if (!create) sqlite::raise(Errc::usage, fmt::format("{}: there are no records in it", file.string()));
    }
    if (create) {
      demand_durable_writes(*db);
      if (options.file_max_kib > 0)
        db->run(fmt::format("PRAGMA max_page_count = {}", options.file_max_kib * 1024 / kPageBytes));
      if (options.short_lived) db->leave_its_log();
      laid_down ? name_log(*db) : migrate(*db);
      if (!*there) demand_durable(folder);
    }
    return std::unique_ptr<RecordStore>(new RecordStore(folder, std::move(db), options));
  });
}

Result<std::string> RecordStore::open_run(const RunHeader& header) {
  if (held_waveforms_ && !header.simulated) {
    return fail(Errc::usage, fmt::format("{}: a run of a real rig keeps its waveforms in files: they have to be there "
                                         "when the program is not",
                                         db_->file().string()));
  }
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    std::string run_id = rows::run_name(rows::write_header(*db_, header));
    LiveRuns::Held held = live_->take(run_id);  // nobody sees a run that seems to be nobody's
    transaction.commit();
    live_->keep(run_id, std::move(held));
    return run_id;
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
    const std::int64_t run = id_of(run_id);
    // Where this program added to it before, that is known: a run's format does not change.
    if (!readers_.contains(run)) rows::demand_own_format(*db_, run);
    rows::write_phase(*db_, run, phase);
    transaction.commit();
    std::unique_ptr<rows::PhaseReader> reader = take_reader(run);
    reader->read_on();
    readers_[run] = std::move(reader);
  });
}

Result<void> RecordStore::add_link_trace(const std::string& run_id, const LinkTraceRecord& trace) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    sqlite::Transaction transaction(*db_);
    rows::write_link_trace(*db_, id_of(run_id), trace);
    transaction.commit();
  });
}

Result<void> RecordStore::close_run(const std::string& run_id, const RunOutcome& outcome) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    const std::int64_t run = id_of(run_id);
    bool committing = false;
    try {
      sqlite::Transaction transaction(*db_);
      end_run(run, outcome);
      committing = true;
      transaction.commit();
    } catch (const ErrorException& e) {
      if (committing && !db_->in_group()) take_back(run, outcome, e.error);
      throw;
    }
    live_->let_go(run_id);
  });
}

void RecordStore::end_run(std::int64_t run, const RunOutcome& outcome) {
  if (!outcome.measurements.empty() && !readers_.contains(run)) rows::demand_own_format(*db_, run);
  RunRecord record;
  const std::unique_ptr<rows::PhaseReader> phases = take_reader(run);
  read_beginning(run, *phases, record);
  rows::write_outcome(*db_, run, outcome, record.phases, phases->measurements);
  read_end(run, *phases, record);
  log_->append_run(run, record_json_text(record, phases->texts));  // as it will be read back
}

std::unique_ptr<rows::PhaseReader> RecordStore::take_reader(std::int64_t run) {
  using rows::PhaseReader;
  if (auto known = readers_.extract(run)) return std::move(known.mapped());
  return std::make_unique<PhaseReader>(*db_, run, PhaseReader::Large::as_text);
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
    log_->append_audit(calibration_filed(filed, sha256_hex(bytes)));
    transaction.commit();
    return filed.id;
  });
}

Result<std::vector<Calibration>> RecordStore::list_calibrations() {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<Calibration> all;
    // A file of an older version that is only read has no such table.
    if (!db_->has_table("calibrations")) return all;
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
    const sqlite::View view(*db_);
    const std::int64_t run = id_of(run_id);
    RunRecord record;
    record = read_run(run);
    record.standing = standing_of(run, record);
    return record;
  });
}

RunRecord RecordStore::read_run(std::int64_t run) {
  RunRecord record;
  rows::PhaseReader phases(*db_, run, rows::PhaseReader::Large::in_phases);
  read_beginning(run, phases, record);
  read_end(run, phases, record);
  return record;
}

void RecordStore::read_beginning(std::int64_t run, rows::PhaseReader& phases, RunRecord& record) {
  rows::read_header(*db_, run, record);
  for (const SourceDocument& document : record.header.documents) {
    if (sha256_hex(document.bytes) != document.sha256) {
      sqlite::raise(Errc::bad_data,
                    fmt::format("{}: {} '{}' of run {} does not match its SHA-256; the record is damaged",
                                db_->file().string(), document.kind, document.name, record.header.run_id));
    }
  }
  phases.read_on();
  phases.end();
  record.phases = std::move(phases.phases);
  record.spots_taken = rows::read_spots_of_run(*db_, run);
  record.link_trace = rows::read_link_trace(*db_, run);
}

void RecordStore::read_end(std::int64_t run, rows::PhaseReader& phases, RunRecord& record) {
  auto outcome = rows::read_outcome(*db_, run, record.phases, phases.measurements);
  record.closed = outcome.has_value() && !outcome->interrupted;
  if (outcome) {
    record.outcome = std::move(*outcome);
  } else {
    record.outcome.reason = why_open(record.header.run_id);
  }
}

}  // namespace penrig
