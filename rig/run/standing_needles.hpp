#pragma once

#include <optional>

#include "rig/base/result.hpp"
#include "rig/ports/daq.hpp"

namespace penrig {

/// Where needles were taken to stand. A pen that creeps through a dead centre seems to stand for a while, so until the
/// rig moves them again every block of samples is held against that place. That costs no time.
class StandingNeedles {
 public:
  explicit StandingNeedles(double mm_per_count) : mm_per_count_(mm_per_count) {}

  /// They were seen to stand at this reading of their encoder, mm on its raw scale.
  void stand_at(double reading_mm);
  /// They are about to be moved, or nobody looks any more.
  void let_go() { stood_mm_.reset(); }
  void samples(const SampleBlock& block);
  /// Errc::device_fault: a block lay elsewhere since, by more than noise and rest explain.
  /// @param zero_mm  the reading with the tips level with the nose cone, for the message.
  Result<void> stood(double zero_mm) const;

 private:
  double mm_per_count_;
  std::optional<double> stood_mm_;
  std::optional<double> crept_to_mm_;  ///< the farthest
};

}  // namespace penrig
