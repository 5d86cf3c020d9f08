#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/ports/daq.hpp"

namespace penrig {

/// The raw record of one phase: counts of all channels as they came, and what was lost.
class Capture final : public SampleSink {
 public:
  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;

  std::size_t size() const { return force.size(); }
  /// Samples a second by the device's own clock.
  double sample_rate_hz(double tick_hz) const { return tick_hz / ticks_per_sample; }
  /// Index (fractional) of a device tick.
  double index_at(double tick) const { return (tick - static_cast<double>(first_tick)) / ticks_per_sample; }

  std::uint64_t first_tick = 0;
  double ticks_per_sample = 0;
  std::vector<std::int32_t> force, position, stage;
  struct Gap {
    std::size_t before_sample;
    std::string reason;
  };
  std::vector<Gap> gaps;
};

}  // namespace penrig
