#pragma once

#include <cstddef>
#include <span>

#include "protocols/sample_kernels.hpp"

namespace penrig {

/// Whole groups of packed bytes, one after the other, as far as kernels may read them: up to a group that is wider than
/// they read, or that kSampleSlack readable bytes do not follow.
class SampleGroups {
 public:
  /// widest: bits that the kernels read, 32 at most.
  SampleGroups(std::span<const std::byte> in, unsigned widest)
      : next_(in.data()), end_(next_ + in.size()), bits_(next_), widest_(widest) {}
  /// False: that was the last one.
  bool next() {
    if (next_ == end_) return false;
    width_ = std::to_integer<unsigned>(*next_);
    if (width_ > widest_ || static_cast<std::size_t>(end_ - next_) < group_bytes(width_) + kSampleSlack) return false;
    bits_ = next_ + 1;
    next_ += group_bytes(width_);
    return true;
  }
  unsigned width() const { return width_; }
  const std::byte* bits() const { return bits_; }
  std::span<const std::byte> left() const { return {next_, end_}; }

 private:
  const std::byte* next_;
  const std::byte* end_;
  const std::byte* bits_;
  unsigned widest_, width_ = 0;
};

}  // namespace penrig
