#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "rig/ports/record_sink.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

namespace sqlite {
class Database;
}

struct RecordStoreOptions {
  int busy_timeout_ms = 2000;     ///< how long a call waits for another program that writes
  std::int64_t file_max_kib = 0;  ///< upper bound of the database file, a quota; 0 = none
};

/// Which runs to list. All conditions hold at once.
struct RunFilter {
  std::string serial_number{}, plan_name{}, product_name{};  ///< empty: any
  std::optional<Verdict> verdict{};                          ///< as it counts: an interrupted run is an ERROR
  std::size_t newest = 0;                                    ///< at most so many, the newest; 0 = all
};

/// A run in a list.
struct RunRow {
  std::string run_id, serial_number, plan_name, product_name, rig_name, operator_name, slot;
  std::int64_t started_utc_ns = 0;
  bool simulated = false, engineering = true;
  bool closed = false;               ///< false: INTERRUPTED (or still running)
  Verdict verdict = Verdict::error;  ///< as it counts
  std::string reason;
  std::uint64_t decisions = 0;
  double duration_s = 0;
};

/// The records of a folder: `records.db`, SQLite, WAL with synchronous=FULL, append-only by triggers. Every call is one
/// transaction and durable when it returned ok. Several programs may hold the same folder; calls may come from any
/// thread.
///
/// Errors: no_space (disk or quota full), locked (another program did not let go in time), io (read-only, damaged,
/// of another program or a later version), usage (no such run, no records there). Messages name the file.
class RecordStore final : public RecordSink {
 public:
  /// Creates folder and database where they do not exist.
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
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override;
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override;

  /// Oldest first.
  Result<std::vector<RunRow>> list_runs(const RunFilter& filter = {});
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

 private:
  RecordStore(std::filesystem::path folder, std::unique_ptr<sqlite::Database> db);
  static Result<std::unique_ptr<RecordStore>> open(const std::filesystem::path& folder, RecordStoreOptions options,
                                                   bool create);
  std::int64_t id_of(const std::string& run_id);

  std::filesystem::path folder_;
  std::mutex one_at_a_time_;  // phases are written from workers while a list may be read elsewhere
  std::unique_ptr<sqlite::Database> db_;
};

}  // namespace penrig
