#pragma once

#include <functional>

#include "rig/measure/setting.hpp"
#include "rig/ports/daq.hpp"

namespace penrig {

/// Takes the DAQ's stream for the whole run. Every block passes the guard first; then it goes to the sink of the phase
/// that is running, if there is one, and to whoever keeps the waveforms of phases.
class StreamRouter final : public SampleSink {
 public:
  /// guard: looks at each block for what must stop the rig. Must not block.
  StreamRouter(Timeline& timeline, double mm_per_count, std::function<void(const SampleBlock&)> guard);

  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;

  /// As long as it lives its sink is given what comes, unless end() came before, or another's begin().
  class [[nodiscard]] Listening {
   public:
    Listening(StreamRouter& router, const SampleSink& sink) : router_(router), sink_(sink) {}
    ~Listening() {
      if (router_.sink_ == &sink_) router_.end();
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

   private:
    StreamRouter& router_;
    const SampleSink& sink_;
  };
  /// From now on blocks go to `sink`, and strokes are counted afresh. One sink at a time. What comes back is to be kept
  /// beside the sink, behind it: a phase that ends early leaves its sink while the stream goes on.
  Listening begin(SampleSink& sink);
  void end() { sink_ = nullptr; }
  /// What a phase's sink is given goes to `recorder` as well, after it; null: to nobody. It outlives the stream.
  void record_to(SampleSink* recorder) { recorder_ = recorder; }

  const StrokeCounter& counter() const { return *counter_; }
  double still_for_s(double tick_hz) const { return counter_->still_for_s(tick_hz); }
  /// Mean needle encoder reading of the last block, mm on its raw scale.
  double needle_reading_mm() const { return needle_reading_mm_; }
  /// The device tick just past the last sample that arrived.
  double reached_tick() const { return reached_tick_; }
  TimePoint last_block_at() const { return last_block_at_; }
  std::uint64_t samples_seen() const { return samples_seen_; }
  std::uint64_t gaps_seen() const { return gaps_seen_; }
  /// Notified at every block.
  Event& arrived() { return arrived_; }

 private:
  Timeline& timeline_;
  double mm_per_count_;
  std::function<void(const SampleBlock&)> guard_;
  std::optional<StrokeCounter> counter_;
  SampleSink* sink_ = nullptr;
  SampleSink* recorder_ = nullptr;
  double reached_tick_ = 0, needle_reading_mm_ = 0;
  TimePoint last_block_at_;
  std::uint64_t samples_seen_ = 0, gaps_seen_ = 0;
  Event arrived_;
};

}  // namespace penrig
