#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "reports/query/condition.hpp"
#include "reports/store/record_space.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/ports/record_sink.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

class HeldWaveforms;
class LiveRuns;
class KeyRing;
class RecordLog;
class RecordGroup;
class UnsyncedFiles;
struct ActedBy;
struct AuditEntry;
struct LogState;
struct RunEvidence;
struct TrailEntry;
namespace rows {
class PhaseReader;
}
namespace sqlite {
class Database;
}

struct RecordStoreOptions {
  int busy_timeout_ms = 2000;  ///< how long a call waits for another program that writes
  /// Told once in each wait that lasts longer than a second: the file, and how long the call waits at most, in ms.
  std::function<void(const std::filesystem::path& file, int at_most_ms)> on_waiting{};
  std::int64_t file_max_kib = 0;                    ///< upper bound of the database file, a quota; 0 = none
  WaveformForm waveform_form = WaveformForm::flac;  ///< of those that are begun through it
  /// The folder is nobody else's and goes soon: a new file is laid down as it is, its write-ahead log is not folded
  /// into it in the end. Nothing is less durable for it; whoever opens the folder all the same finds all.
  bool short_lived = false;
  /// Waveforms lie in memory and go with the store (reports/waveforms/held_waveforms.hpp): of a folder that holds no
  /// records before, and of runs of simulated rigs alone. Rows and log say the same of them, and are as durable.
  bool waveforms_in_memory = false;
};

/// Which runs to list. All conditions hold at once.
struct RunFilter {
  std::string serial_number{}, plan_name{}, product_name{};     ///< empty: any
  std::optional<Verdict> verdict{};                             ///< as it counts: an interrupted run is an ERROR
  std::size_t newest = 0;                                       ///< at most so many, the newest; 0 = all
  bool interrupted = false;                                     ///< only runs that their program did not close
  std::string firmware{}, slot{}, rig_name{};                   ///< empty: any
  bool at_a_bench = false;                                      ///< not those of a rig in the program's own process
  std::optional<std::int64_t> since_utc_ns{}, before_utc_ns{};  ///< when the run began
  std::optional<Condition> where{};                             ///< what its measurements have to fulfil
  std::string measurand{};                                      ///< id; its values come with each row; empty: none
};

/// What a run measured of one measurand: over all settings and attempts.
struct MeasuredRange {
  std::uint64_t n = 0;                      ///< measurements, with or without a value
  std::optional<double> least, greatest{};  ///< of those with a value
  std::string text{};                       ///< of a measurand that is a text; the last by alphabet of several
};

/// A run in a list.
struct RunRow {
  std::string run_id, serial_number, plan_name, product_name, rig_name, operator_name, slot;
  std::int64_t started_utc_ns = 0;
  bool simulated = false, engineering = true;
  bool closed = false;               ///< by its own program; false: INTERRUPTED, or still running
  bool running = false;              ///< a program holds it
  Verdict verdict = Verdict::error;  ///< as it counts
  std::string reason;
  bool voided = false;               ///< somebody declared it void
  bool is_signed = false;            ///< the log holds a signature of it
  bool certifying_unsigned = false;  ///< a certifying run that was closed, and the log holds none: no certificate
  std::uint64_t decisions = 0;
  double duration_s = 0;
  std::string firmware;                   ///< of the pen, as it said; empty: not known
  std::optional<MeasuredRange> measured;  ///< of RunFilter::measurand; none: not asked for, or not measured
};

/// What a person calls its end: the verdict's name, or INTERRUPTED for one whose program did not close it.
inline std::string verdict_word(const RunRow& run) { return run.closed ? name_of(run.verdict) : "INTERRUPTED"; }

/// A run that was closed, and its place in the order in which runs were closed.
struct ClosedRun {
  std::int64_t closing = 0;  ///< from 1 on, each greater than those before
  std::string run_id;
};

/// The newest time in a store.
struct NewestTime {
  std::int64_t utc_ns = 0;
  std::string what;  ///< "R-000012"
};

/// A run that its program left open, and what there is of it.
struct InterruptedRun {
  std::string run_id, serial_number, plan_name;
  std::uint64_t phases = 0, measurements = 0;
};

/// A waveform's file in the folder of records.
struct KeptFile {
  std::string sha256;
  WaveformForm form = WaveformForm::flac;
};

/// A file that waveforms were moved into.
struct ArchivedIn {
  std::string file, sha256;  ///< path as it was then; hex, of its bytes
  std::int64_t made_utc_ns = 0;
};

/// An archive as the store knows it.
struct FiledArchive {
  ArchivedIn archive;
  std::vector<std::string> waveforms;  ///< their SHA-256, hex, as they were entered
};

/// The records of a folder: `records.db`, SQLite, WAL with synchronous=FULL, append-only by triggers. Every call is one
/// transaction and durable when it returned ok. Several programs may hold the same folder; calls may come from any
/// thread.
///
/// Errors: no_space (disk or quota full), locked (another program did not let go in time), io (read-only, damaged,
/// of another program or a later version, lost while what was recorded with it is still there), usage (no such run, no
/// records there, waveforms in memory where they cannot be). Messages name the file.
class RecordStore final : public RecordSink {
 public:
  /// Creates folder and database where they do not exist, but no database in place of one that was lost.
  static Result<std::unique_ptr<RecordStore>> open(const std::filesystem::path& folder,
                                                   RecordStoreOptions options = {});
  /// Only what is there already; for reading.
  static Result<std::unique_ptr<RecordStore>> open_existing(const std::filesystem::path& folder,
                                                            RecordStoreOptions options = {});
  ~RecordStore() override;

  Result<std::string> open_run(const RunHeader& header) override;
  /// Of this store alone: a sheet belongs to one folder of records.
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet& sheet) override;
  Result<void> take_spot(const std::string& run_id, const SpotPlace& spot) override;
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) override;
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override;
  /// Before the run is closed, once: names a trace whose file is durable (reports/trace/trace_file.hpp).
  Result<void> add_link_trace(const std::string& run_id, const LinkTraceRecord& trace);
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override;

  /// Refuses a run that may not fit: on the disk, in the quota of the database, in this process' limit for files.
  /// Errc::no_space with what it needs and what there is.
  Result<void> check_space(const RunSize& size);

  /// Closes every run whose program is gone as INTERRUPTED, with all that was recorded of it, and removes what such
  /// programs left of waveforms they had begun; a run that a program still holds stays open.
  /// @param utc_ns  when that is done: the end of such a run is not known.
  Result<std::vector<InterruptedRun>> close_interrupted(std::int64_t utc_ns);

  /// Waveforms that only closed runs name which began before then (reports/store/archive_waveforms.hpp).
  Result<std::vector<KeptFile>> waveforms_before(std::int64_t utc_ns);
  /// Enters that these were moved, into the store and its audit trail, at the time when the archive was made. The
  /// caller has read the file back.
  Result<void> file_archive(const ArchivedIn& archive, const std::vector<std::string>& waveforms, const ActedBy& by);
  /// Where a waveform was moved to last; nothing if it never was.
  Result<std::optional<ArchivedIn>> archive_of(const std::string& waveform_sha256);
  /// All that were entered, oldest first.
  Result<std::vector<FiledArchive>> archives();

  /// Oldest first.
  Result<std::vector<RunRow>> list_runs(const RunFilter& filter = {});
  /// Ids of all runs, oldest first, whatever else stands in their rows.
  Result<std::vector<std::string>> run_ids();
  /// Runs that were closed after that one, in this order; at most so many.
  Result<std::vector<ClosedRun>> closed_after(std::int64_t closing, std::size_t at_most);
  /// How many were, and the last of all: 0 where none was closed yet.
  struct Closings {
    std::uint64_t after = 0;
    std::int64_t last = 0;
  };
  Result<Closings> closings_after(std::int64_t closing);
  /// How SQLite would look for them, one step a line (EXPLAIN QUERY PLAN); for tests and benchmarks.
  Result<std::vector<std::string>> plan_of_list(const RunFilter& filter);
  /// The whole run, every double bit for bit. A run that was never closed comes with closed = false, verdict ERROR and
  /// a reason that says so. Document bytes that no longer match their SHA-256: Errc::bad_data.
  Result<RunRecord> load_run(const std::string& run_id);

  /// Files a calibration for good and gives it its id, "C-000012".
  Result<std::string> file_calibration(const Calibration& calibration);
  /// All, oldest first. Bytes that no longer match their SHA-256: Errc::bad_data, naming the calibration.
  Result<std::vector<Calibration>> list_calibrations();
  /// Errc::usage: no such calibration.
  Result<Calibration> load_calibration(const std::string& id);

  const std::filesystem::path& folder() const { return folder_; }
  /// Where its waveforms lie; nullptr: in files beneath its folder.
  const HeldWaveforms* held_waveforms() const { return held_waveforms_.get(); }

  // The log (reports/store/record_log.hpp): every closed run and every entry of the audit trail is a leaf of it.

  /// From here on what is appended is signed. A store without a key gets this one entered; see RecordLog::sign_with().
  Result<void> sign_with(std::shared_ptr<const KeyRing> keys, const ActedBy& by);
  /// Enters something into the audit trail. @return its id, "A-000003".
  Result<std::string> add_audit(const AuditEntry& entry);
  /// Oldest first, each with whether its signature holds; at most the `newest` so many, 0: all.
  Result<std::vector<TrailEntry>> audit_trail(std::size_t newest = 0);
  /// Ids of audit entries that are no leaf of the log. This program leaves none.
  Result<std::vector<std::string>> entries_beside_the_log();
  /// The log as it stands. Errc::usage: a store of a version without one.
  Result<LogState> log_state();
  /// Bytes, signature, leaf and proof of a run. Errc::usage: not closed yet, or closed before there was a log.
  Result<RunEvidence> evidence_of(const std::string& run_id);
  /// SHA-256, hex, of the bytes of a calibration as they stand. Errc::usage: no such calibration.
  Result<std::string> calibration_sha256(const std::string& id);
  /// The latest time that any record or audit entry on this machine's clock speaks of; nothing in an empty store. Runs
  /// of a rig in the program's own process have a clock of their own and do not count.
  Result<std::optional<NewestTime>> newest_utc();
  /// What the database itself finds wrong: damaged pages, references to nothing, tables or triggers that are not those
  /// of this version. Empty: nothing.
  Result<std::vector<std::string>> check_database();

 private:
  friend class RecordGroup;
  RecordStore(std::filesystem::path folder, std::unique_ptr<sqlite::Database> db, const RecordStoreOptions& options);
  static Result<std::unique_ptr<RecordStore>> open(const std::filesystem::path& folder, RecordStoreOptions options,
                                                   bool create);
  std::int64_t id_of(const std::string& run_id);
  /// A run as it stands in the caller's transaction.
  RunRecord read_run(std::int64_t run);
  /// All but how it ended. @param phases  what reads its phases, which it gives to the record.
  void read_beginning(std::int64_t run, rows::PhaseReader& phases, RunRecord& record);
  void read_end(std::int64_t run, rows::PhaseReader& phases, RunRecord& record);
  /// What has read the phases of a run that this store writes, so far as they are there; for the caller to keep or
  /// drop.
  std::unique_ptr<rows::PhaseReader> take_reader(std::int64_t run);
  RunStanding standing_of(std::int64_t run, const RunRecord& record);
  /// The last rows of a run, in the caller's transaction.
  void end_run(std::int64_t run, const RunOutcome& outcome);
  /// After a commit that failed: whoever heard of an ERROR must not find a PASS later.
  void take_back(std::int64_t run, const RunOutcome& outcome, const Error& why);
  /// @param unsynced  nullptr, or what takes files and folders to be made durable.
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head,
                                                 std::shared_ptr<UnsyncedFiles> unsynced);
  /// Why a run has no end yet, as a sentence.
  std::string why_open(const std::string& run_id) const;

  std::filesystem::path folder_;
  WaveformForm waveform_form_ = WaveformForm::flac;
  std::unique_ptr<HeldWaveforms> held_waveforms_;
  std::mutex one_at_a_time_;  // phases are written from workers while a list may be read elsewhere
  std::unique_ptr<sqlite::Database> db_;
  std::unique_ptr<LiveRuns> live_;
  std::unique_ptr<RecordLog> log_;
  /// Of open runs: each phase is read back when it is written, and not when everybody waits for the run's end.
  std::map<std::int64_t, std::unique_ptr<rows::PhaseReader>> readers_;
};

}  // namespace penrig
