#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/extremes.hpp"

namespace penrig {

/// Counts of a channel that mostly stands still (a stage under a running pen): one number for as long as it does.
class SteadyCounts {
 public:
  void append(std::span<const std::int32_t> counts) {
    if (counts.empty()) return;
    const Extremes seen = extremes_of(counts);
    if (size_ == 0) value_ = seen.low;
    const bool stands = seen.low == seen.high && seen.low == value_;
    if (each_.empty() && !stands) each_.assign(size_, value_);
    if (!each_.empty() || !stands) each_.insert(each_.end(), counts.begin(), counts.end());
    size_ += counts.size();
  }
  /// Lets go of the first n.
  void drop(std::size_t n) {
    size_ -= n;
    if (each_.empty()) return;
    each_.erase(each_.begin(), each_.begin() + static_cast<std::ptrdiff_t>(n));
    const Extremes left = each_.empty() ? Extremes{} : extremes_of(each_);
    if (left.low != left.high) return;
    value_ = left.low;
    each_ = {};
  }
  void clear() { *this = {}; }
  /// Of those from one to before another.
  double sum(std::size_t from, std::size_t to) const {
    if (each_.empty()) return static_cast<double>(value_) * static_cast<double>(to - from);
    double sum = 0;
    for (std::size_t i = from; i < to; ++i) sum += each_[i];
    return sum;
  }

 private:
  std::size_t size_ = 0;
  std::int32_t value_ = 0;
  std::vector<std::int32_t> each_;  ///< empty while all of them are value_
};

}  // namespace penrig
