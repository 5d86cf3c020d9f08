#include <fmt/format.h>

#include "reports/store/header_rows.hpp"
#include "reports/store/live_runs.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {
namespace {

std::vector<std::int64_t> open_runs(sqlite::Database& db) {
  std::vector<std::int64_t> all;
  sqlite::RowReader row(db, "SELECT id FROM runs WHERE id NOT IN (SELECT run FROM outcomes) ORDER BY id");
  while (row.next()) all.push_back(row.integer("id"));
  return all;
}

struct Left {
  InterruptedRun run;
  std::uint64_t settings = 0, settings_planned = 0;
  double last_s = 0;
};

/// What a run's program had recorded before it went.
Left what_is_left(sqlite::Database& db, std::int64_t run) {
  Left left;
  sqlite::RowReader row(db,
                        "SELECT serial_number, plan_name, settings_planned,"
                        " (SELECT count(*) FROM phases WHERE run = runs.id) AS phases,"
                        " (SELECT count(*) FROM phases WHERE run = runs.id AND kind = 'setting') AS settings,"
                        " (SELECT max(ended_s) FROM phases WHERE run = runs.id) AS last_s,"
                        " (SELECT count(*) FROM measurements WHERE run = runs.id) AS measurements"
                        " FROM runs WHERE id = ?");
  row.bind(1, run);
  if (!row.next()) sqlite::raise(Errc::internal, fmt::format("no run {}", run));
  left.run = {rows::run_name(run), row.text("serial_number"), row.text("plan_name"), row.count("phases"),
              row.count("measurements")};
  left.settings = row.count("settings");
  left.settings_planned = row.count("settings_planned");
  left.last_s = row.optional_real("last_s").value_or(0);
  return left;
}

/// What was never named by a record of a program that is gone. Files are named after their run.
void remove_leftovers(const std::filesystem::path& records, const LiveRuns& live) {
  constexpr std::size_t kRunIdLength = 8;  // "R-000391"; more digits for a later run
  std::error_code none_there;
  for (const auto& entry : std::filesystem::directory_iterator(incoming_folder(records), none_there)) {
    const std::string name = entry.path().filename().string();
    std::size_t length = 2;
    while (length < name.size() && name[length] >= '0' && name[length] <= '9') ++length;
    if (!name.starts_with("R-") || length < kRunIdLength || live.alive(name.substr(0, length))) continue;
    std::error_code stays_behind;  // says nothing about any record
    std::filesystem::remove(entry.path(), stays_behind);
  }
}

}  // namespace

std::string RecordStore::why_open(const std::string& run_id) const {
  return live_->alive(run_id) ? "the run was never closed: a program still holds it"
                              : "the run was never closed: its program or machine stopped before its end";
}

/// Pages that a sync failed on stay in the write-ahead log with all their checksums, so the next program that opens the
/// database counts the transaction as done. The end that is written over it here needs no sync to be seen; if even that
/// cannot be written, nothing was.
void RecordStore::take_back(std::int64_t run, const RunOutcome& outcome, const Error& why) {
  RunOutcome failed;
  failed.verdict = Verdict::error;
  failed.reason = "the record could not be written: " + why.message;
  failed.events = outcome.events;
  failed.safe_state_confirmed = outcome.safe_state_confirmed;
  failed.ended_utc_ns = outcome.ended_utc_ns;
  failed.duration_s = outcome.duration_s;
  try {
    db_->run("PRAGMA synchronous = OFF");
    {
      sqlite::Transaction transaction(*db_);
      end_run(run, failed);
      transaction.commit();
    }
    db_->run("PRAGMA synchronous = FULL");
  } catch (const ErrorException&) {
    db_->run("PRAGMA synchronous = FULL");
  }
}

Result<std::vector<InterruptedRun>> RecordStore::close_interrupted(std::int64_t utc_ns) {
  return guarded(one_at_a_time_, db_->file(), [&] {
    std::vector<InterruptedRun> closed;
    for (const std::int64_t run : open_runs(*db_)) {
      const std::string run_id = rows::run_name(run);
      const auto mine = live_->take_over(run_id);
      if (!mine) continue;
      {
        sqlite::Transaction transaction(*db_);
        // Closed in between: by itself just before it ended, or by another program that recovers.
        sqlite::RowReader ended(*db_, "SELECT 1 FROM outcomes WHERE run = ?");
        ended.bind(1, run);
        if (!ended.next()) {
          const Left left = what_is_left(*db_, run);
          RunOutcome outcome;
          outcome.verdict = Verdict::error;
          outcome.interrupted = true;
          outcome.reason = fmt::format(
              "the run was never closed: its program or machine stopped before its end ({} of {} settings recorded)",
              left.settings, left.settings_planned);
          outcome.ended_utc_ns = utc_ns;
          outcome.duration_s = left.last_s;
          end_run(run, outcome);
          transaction.commit();
          closed.push_back(left.run);
        }
      }
      live_->remove_file(run_id);
    }
    remove_leftovers(folder_, *live_);
    return closed;
  });
}

}  // namespace penrig
