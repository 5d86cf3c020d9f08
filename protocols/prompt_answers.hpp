#pragma once

#include <algorithm>
#include <chrono>

#include "rig/base/timeline.hpp"

namespace penrig {

/// Whether a device answers sooner than a loop falls asleep and is woken again: then the loop looks out for the answer
/// (Timeline::look_out_until). Where answers came later, the processor that looked out may have kept one from the
/// device, or the device takes its time: it is tried more and more seldom.
class PromptAnswers {
 public:
  /// A sleep and a waking take about as long.
  static constexpr Nanoseconds kWithin = std::chrono::microseconds{100};

  /// To be asked once a request.
  bool expected() {
    if (left_out_ == 0) return true;
    --left_out_;
    return false;
  }
  /// How long one took that was looked out for.
  void took(Nanoseconds time) {
    late_ = time <= kWithin ? 0 : std::min(late_ + 1, kMostLate);
    left_out_ = (1U << late_) - 1;
  }

 private:
  static constexpr unsigned kMostLate = 3;
  unsigned late_ = 0, left_out_ = 0;  ///< in a row; requests that nobody looks out for
};

}  // namespace penrig
