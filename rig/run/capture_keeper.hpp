#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rig/ports/waveform_writer.hpp"
#include "rig/record/run_record.hpp"
#include "rig/run/stored_inputs.hpp"

namespace penrig {

struct RunState;

/// Keeps the samples of every capture of the attempt that is running, and what its analysis was given. Between begin()
/// and end() the stream goes to the phase's own sink and to a writer of the record.
class CaptureKeeper {
 public:
  explicit CaptureKeeper(RunState& run) : run_(run) {}

  void begin_attempt(std::string phase, std::uint32_t attempt);
  /// purpose: as WaveformRecord has it. sink: as StreamRouter::begin() takes it.
  void begin(SampleSink& sink, const char* purpose);
  void end();
  /// What the capture that ended last is analysed with.
  template <class Inputs>
  void analysed_with(const Inputs& inputs) {
    if (!captures_.empty()) captures_.back().inputs = stored(inputs);
  }
  /// Waits until all of the attempt are durable; blocks. The first error that there was; the others are waited for.
  Result<std::vector<WaveformRecord>> finish();

 private:
  struct Kept {
    std::unique_ptr<WaveformWriter> writer;
    AnalysisInputs inputs;
  };
  WaveformHead head(const char* purpose) const;

  RunState& run_;
  std::string phase_;
  std::uint32_t attempt_ = 1;
  std::vector<Kept> captures_;
};

}  // namespace penrig
