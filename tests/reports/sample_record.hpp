#pragma once

#include <cstdint>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig::testing {

enum class SampleEnd { pass, fail, error, aborted, interrupted };

struct SampleOptions {
  SampleEnd end = SampleEnd::pass;
  std::vector<double> depths_mm{0.5, 1.0, 1.5, 2.0, 2.5}, rates_per_min{6000, 7500, 9000};
  std::uint32_t strokes = 150;
  bool simulated = true, engineering = true;
  std::uint64_t seed = 1;
};

/// A whole run as the sequencer would leave it, made up but consistent: the same options give the same bits.
RunRecord sample_record(const SampleOptions& options = {});

/// Two depths at one rate, few strokes; what is not simulated certifies.
inline RunRecord small_record(SampleEnd end = SampleEnd::pass, bool simulated = true) {
  return sample_record({.end = end,
                        .depths_mm = {0.5, 2.5},
                        .rates_per_min = {9000},
                        .strokes = 40,
                        .simulated = simulated,
                        .engineering = simulated});
}

}  // namespace penrig::testing
