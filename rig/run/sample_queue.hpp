#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "rig/ports/daq.hpp"

namespace penrig {

/// How often what was kept is measured: a worker is woken for it, and all that runs at the same time at the same point.
inline constexpr Nanoseconds kMeasuredEvery = std::chrono::milliseconds{200};

/// Keeps blocks as they come until somebody takes them elsewhere: what is done with samples may take longer than the
/// rig's one thread may be busy, and may have to wait for something that is not known yet. Of what nobody takes for too
/// long the rest is a gap.
class SampleQueue final : public SampleSink {
 public:
  /// Instants that wait at most: 40 s at 200 kS/s, some 80 MiB with the bytes they came in.
  static constexpr std::size_t kMostHeld = std::size_t{1} << 23U;
  explicit SampleQueue(std::size_t most_held = kMostHeld) : most_held_(most_held) {}

  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;

  /// What came since the last time, in order; to be handed on by whoever has time for it.
  class Batch {
   public:
    /// Hands it on, and lets go of each block at once.
    void replay(SampleSink& into);
    bool empty() const { return items_.empty(); }

   private:
    friend class SampleQueue;
    struct Item {
      SampleBlock block;
      std::string gap;  ///< in place of samples; empty: none
    };
    std::vector<Item> items_;
  };
  Batch take();
  /// Instants that wait.
  std::size_t samples_held() const { return samples_held_; }

 private:
  Batch batch_;
  std::size_t most_held_, samples_held_ = 0;
  bool full_ = false;  ///< since the last block that was kept
};

/// Hands on what has come, away from the loop: heartbeats and interlocks go on, however much it is.
Awaitable<void> replay_on_worker(Timeline& timeline, SampleQueue& arrived, SampleSink& into);

}  // namespace penrig
