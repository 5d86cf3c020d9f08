#pragma once

#include <string>
#include <vector>

#include "rig/ports/record_sink.hpp"

namespace penrig::test {

/// Hands every call on. A test that wants one of them to go otherwise overrides that one.
class ForwardingSink : public RecordSink {
 public:
  explicit ForwardingSink(RecordSink& store) : store_(store) {}
  Result<std::string> open_run(const RunHeader& header) override { return store_.open_run(header); }
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
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override {
    return store_.close_run(run_id, outcome);
  }

 private:
  RecordSink& store_;
};

}  // namespace penrig::test
