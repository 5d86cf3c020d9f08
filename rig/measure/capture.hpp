#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/ports/daq.hpp"

namespace penrig {

/// Where a record's samples stand on the device's clock.
struct SampleClock {
  std::uint64_t first_tick = 0;
  double ticks_per_sample = 0;

  /// Samples a second by the device's own clock.
  double sample_rate_hz(double tick_hz) const { return tick_hz / ticks_per_sample; }
  /// Index (fractional) of a device tick, and the tick of an index.
  double index_at(double tick) const { return (tick - static_cast<double>(first_tick)) / ticks_per_sample; }
  double tick_of(double index) const { return static_cast<double>(first_tick) + index * ticks_per_sample; }

  /// What keeps a block from following `before` samples of this record; the first block sets the clock.
  std::optional<std::string> break_before(const SampleBlock& block, std::size_t before);
};

/// The raw record of one phase: counts of all channels as they came, and what was lost.
class Capture final : public SampleSink, public SampleClock {
 public:
  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;

  std::size_t size() const { return force.size(); }

  std::vector<std::int32_t> force, position, stage;
  struct Gap {
    std::size_t before_sample;
    std::string reason;
  };
  std::vector<Gap> gaps;
};

/// A stretch of it that lies within it, with the gaps in it and at its ends, and the clock of its own first sample.
Capture part_of(const Capture& capture, std::size_t first, std::size_t samples);

/// The channels of a block are of one length, without which it holds no instants.
bool is_whole(const SampleBlock& block);
inline constexpr const char* kChannelsDiffer = "the channels of a block differ in length";

/// Hands a record to a sink as it came: blocks of at most `block_samples`, and its gaps where they were.
void replay(const Capture& capture, std::size_t block_samples, SampleSink& into);

}  // namespace penrig
