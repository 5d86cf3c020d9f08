#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rig/measure/capture.hpp"
#include "rig/ports/waveform_writer.hpp"
#include "rig/record/run_record.hpp"
#include "rig/run/stored_inputs.hpp"
#include "rig/run/stream_router.hpp"

namespace penrig {

struct RunState;

/// Keeps the samples of every capture of the attempt that is running, and what its analysis was given. Between begin()
/// and end() the stream goes to the phase's own sink and to a writer of the record. Captures that follow each other
/// without a sample lost or left out between them, as the touches of one surface do, share a file as its parts.
class CaptureKeeper final : private SampleSink {
 public:
  explicit CaptureKeeper(RunState& run) : run_(run) {}

  void begin_attempt(std::string phase, std::uint32_t attempt);
  /// purpose: as WaveformRecord has it. sink, and what comes back: as of StreamRouter::begin().
  StreamRouter::Listening begin(SampleSink& sink, const char* purpose);
  /// The same for one that is a part of the waveform before it, if that has this purpose and was analysed to its end,
  /// and if the first thing that comes is the sample behind its last.
  StreamRouter::Listening begin_part(SampleSink& sink, const char* purpose);
  void end();
  /// What the capture that ended last is analysed with.
  template <class Inputs>
  void analysed_with(const Inputs& inputs) {
    // Of nothing there is nothing to be analysed again.
    if (captures_.empty() || may_go_on_ || captures_.back().part_is_empty()) return;
    Kept& kept = captures_.back();
    // Most touches are given what the one before was.
    std::string given = bytes_of(inputs);
    if (kept.analysed.empty() || kept.analysed.back().given != given)
      kept.analysed.push_back({std::move(given), stored(inputs), {}});
    kept.end_part();
  }
  /// Waits until all of the attempt are durable; blocks. The first error that there was; the others are waited for.
  /// A file whose parts were given different inputs stands there once for each, one behind the other.
  Result<std::vector<WaveformRecord>> finish();

 private:
  /// Parts that followed each other and were given the same.
  struct Analysed {
    std::string given;  ///< the inputs by their bytes
    AnalysisInputs inputs;
    std::vector<WaveformPart> parts;
  };
  struct Kept {
    std::unique_ptr<WaveformWriter> writer;
    std::string purpose;
    bool of_parts = false;          ///< another part may follow
    std::uint64_t samples = 0;      ///< that came so far
    SampleClock clock{};            ///< of them
    std::uint64_t part_begins = 0;  ///< where the capture does that runs, or ended last
    std::vector<Analysed> analysed{};

    bool is_continued_by(const SampleBlock& block) const;
    bool was_analysed() const;  ///< to its end, part by part
    bool part_is_empty() const { return samples == part_begins; }
    void end_part() { analysed.back().parts.push_back({part_begins, samples - part_begins}); }
  };
  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;
  void begin_waveform(const std::string& purpose, bool of_parts);
  StreamRouter::Listening listen(SampleSink& sink);
  /// The capture that begins is a part of the waveform before it, or has one of its own.
  void settle(bool goes_on);
  WaveformHead head(const std::string& purpose) const;

  RunState& run_;
  std::string phase_;
  std::uint32_t attempt_ = 1;
  std::vector<Kept> captures_;
  bool may_go_on_ = false;  ///< nothing has come yet of a part that may belong to the waveform before it
};

}  // namespace penrig
