#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"
#include "reports/waveforms/unsynced_files.hpp"

namespace penrig {

/// Runs that become durable together: one transaction over a few runs of a store, for simulated rigs, where what a
/// crash takes can be run again. Each call is whole or not at all, as of the store; none is durable before commit().
/// Until then a verdict that a run returned means "if the group gets on disk", and must be told to nobody. A crash, an
/// error of commit() or a group that is dropped leaves none of its runs, not even interrupted ones.
///
/// One group at a time on a store; other programs that write to it wait meanwhile. What the store reads sees the
/// group's runs. The store outlives the group.
class RecordGroup final : public RecordSink {
 public:
  static constexpr std::size_t kRunsMax = 20;

  /// Errc::usage: a group is open already; locked, io, no_space as of the store.
  static Result<std::unique_ptr<RecordGroup>> begin(RecordStore& store);
  ~RecordGroup() override;
  RecordGroup(const RecordGroup&) = delete;
  RecordGroup& operator=(const RecordGroup&) = delete;

  /// Errc::usage: of a rig that is not simulated; of more than kRunsMax; after commit().
  Result<std::string> open_run(const RunHeader& header) override;
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet& sheet) override;
  Result<void> take_spot(const std::string& run_id, const SpotPlace& spot) override;
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) override;
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override;
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override;

  /// All of it is durable when this returned ok. On an error nothing of it is there; so it is where any call before
  /// came back with an error of the store.
  Result<void> commit();
  std::size_t runs() const { return runs_.size(); }

 private:
  explicit RecordGroup(RecordStore& store) : store_(store) {}
  template <class T>
  Result<T> noted(Result<T> result) {
    if (!result && !failed_) failed_ = result.error();
    return result;
  }
  /// Of its runs, whose numbers others get now, nothing is left.
  void drop();
  RecordStore& store_;
  std::optional<Error> failed_;  ///< the first call that was not done: the group is not to be kept
  std::vector<std::string> runs_;
  bool open_ = true;
  const std::shared_ptr<UnsyncedFiles> unsynced_ = std::make_shared<UnsyncedFiles>();  ///< of its waveforms
};

}  // namespace penrig
