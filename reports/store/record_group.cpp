#include "reports/store/record_group.hpp"

#include <fmt/format.h>

#include "reports/store/live_runs.hpp"
#include "reports/store/phase_rows.hpp"
#include "reports/store/sqlite_database.hpp"
#include "reports/store/store_call.hpp"

namespace penrig {

Result<std::unique_ptr<RecordGroup>> RecordGroup::begin(RecordStore& store) {
  return guarded(store.one_at_a_time_, store.db_->file(), [&] {
    store.db_->begin_group();
    return std::unique_ptr<RecordGroup>(new RecordGroup(store));
  });
}

RecordGroup::~RecordGroup() {
  if (!open_) return;
  const std::lock_guard lock(store_.one_at_a_time_);
  drop();
}

void RecordGroup::drop() {
  store_.readers_.clear();
  for (const std::string& run_id : runs_) store_.live_->let_go(run_id);  // those that were left open
  store_.db_->drop_group();
}

Result<std::string> RecordGroup::open_run(const RunHeader& header) {
  const std::string file = store_.db_->file().string();
  if (!open_) return fail(Errc::usage, fmt::format("{}: the group was committed; begin another", file));
  if (!header.simulated) {
    return fail(Errc::usage, fmt::format("{}: a run of a real rig is recorded by itself: a crash must not take it with "
                                         "the rest of a group",
                                         file));
  }
  if (runs_.size() == kRunsMax)
    return fail(Errc::usage, fmt::format("{}: a group holds at most {} runs; commit it first", file, kRunsMax));
  Result<std::string> id = noted(store_.open_run(header));
  if (id) runs_.push_back(*id);
  return id;
}

Result<std::vector<SpotUse>> RecordGroup::spots_taken(const SimulantSheet& sheet) { return store_.spots_taken(sheet); }
Result<void> RecordGroup::take_spot(const std::string& run_id, const SpotPlace& spot) {
  return noted(store_.take_spot(run_id, spot));
}
std::unique_ptr<WaveformWriter> RecordGroup::begin_waveform(const std::string& run_id, const WaveformHead& head) {
  return store_.begin_waveform(run_id, head, unsynced_);
}
Result<void> RecordGroup::add_phase(const std::string& run_id, const PhaseRecord& phase) {
  return noted(store_.add_phase(run_id, phase));
}
Result<void> RecordGroup::close_run(const std::string& run_id, const RunOutcome& outcome) {
  return noted(store_.close_run(run_id, outcome));
}

Result<void> RecordGroup::commit() {
  return guarded(store_.one_at_a_time_, store_.db_->file(), [&] {
    if (!open_)
      sqlite::raise(Errc::usage, fmt::format("{}: the group was committed already", store_.db_->file().string()));
    open_ = false;
    try {
      if (failed_) throw ErrorException(*failed_);
      // First the waveforms, then the rows that name them.
      if (const Result<void> durable = unsynced_->sync(); !durable) throw ErrorException(durable.error());
      store_.db_->commit_group();
    } catch (...) {
      drop();
      throw;
    }
  });
}

}  // namespace penrig
