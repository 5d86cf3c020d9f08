#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocols/byte_link.hpp"
#include "reports/store/record_store.hpp"
#include "reports/trace/trace_file.hpp"

namespace penrig::cli {

/// A run whose link traffic is kept (`--trace`). Stands between the run and its store, and around each of its links:
/// the trace begins when the record is opened, and is durable and named before the record is closed. A trace that
/// cannot be kept closes the run as an ERROR, and close_run() fails: it was asked for.
class TracedRun final : public RecordSink {
 public:
  TracedRun(RecordStore& store, Timeline& timeline) : store_(store), timeline_(timeline) {}

  /// The same link, looked at. In the order in which links are wrapped they stand in the trace.
  std::unique_ptr<ByteLink> around(std::unique_ptr<ByteLink> link);

  Result<std::string> open_run(const RunHeader& header) override;
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet& sheet) override { return store_.spots_taken(sheet); }
  Result<void> take_spot(const std::string& run_id, const SpotPlace& spot) override {
    return store_.take_spot(run_id, spot);
  }
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) override {
    return store_.begin_waveform(run_id, head);
  }
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    return store_.add_phase(run_id, phase);
  }
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override;

 private:
  RecordStore& store_;
  Timeline& timeline_;
  std::shared_ptr<TraceFile> trace_;  // shared with links, which a coroutine may hold longer than the run
};

}  // namespace penrig::cli
