#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "rig/ports/record_sink.hpp"

namespace penrig::cli {

/// Shows whoever watches the samples that are being recorded, on their way to the record.
class TappedSink final : public RecordSink {
 public:
  /// Called on the rig's thread; must not block.
  using Tap = std::function<void(const WaveformHead& head, const SampleBlock& block)>;
  TappedSink(RecordSink& store, Tap tap) : store_(store), tap_(std::move(tap)) {}

  Result<std::string> open_run(const RunHeader& header) override { return store_.open_run(header); }
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet& sheet) override { return store_.spots_taken(sheet); }
  Result<void> take_spot(const std::string& run_id, const SpotPlace& spot) override {
    return store_.take_spot(run_id, spot);
  }
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) override {
    auto writer = store_.begin_waveform(run_id, head);
    if (!writer) return writer;  // nothing is kept
    return std::make_unique<Writer>(std::move(writer), head, tap_);
  }
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    return store_.add_phase(run_id, phase);
  }
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override {
    return store_.close_run(run_id, outcome);
  }

 private:
  class Writer final : public WaveformWriter {
   public:
    Writer(std::unique_ptr<WaveformWriter> writer, WaveformHead head, const Tap& tap)
        : writer_(std::move(writer)), head_(std::move(head)), tap_(tap) {}
    void samples(const SampleBlock& block) override {
      writer_->samples(block);
      tap_(head_, block);
    }
    void gap(const std::string& reason) override { writer_->gap(reason); }
    void end() override { writer_->end(); }
    Result<WaveformRecord> finish() override { return writer_->finish(); }

   private:
    std::unique_ptr<WaveformWriter> writer_;
    WaveformHead head_;
    const Tap& tap_;
  };

  RecordSink& store_;
  Tap tap_;
};

}  // namespace penrig::cli
