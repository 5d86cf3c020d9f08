#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/base/sample_kernels.hpp"

namespace penrig {

/// How a group of samples lies on the wire: a byte of two width codes, that of the first half in its lower four bits;
/// then the differences of the first half, then those of the second.
inline constexpr std::size_t kSampleGroup = 32, kSampleHalf = kSampleGroup / 2;

/// The bits of a difference, by width code: quiet channels have each width, loud ones a few.
inline constexpr std::array<std::uint8_t, 16> kSampleWidths{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 32};

/// The code of the narrowest width that holds so many bits, 0 to 32.
constexpr unsigned width_code(unsigned bits) {
  constexpr auto kCodes = [] {
    std::array<std::uint8_t, 33> codes{};
    for (std::size_t b = 0; b < codes.size(); ++b) {
      while (kSampleWidths[codes[b]] < b) ++codes[b];
    }
    return codes;
  }();
  return kCodes[bits];
}

/// Bytes of m differences: padded to a multiple of 8 of them.
constexpr std::size_t half_bytes(std::size_t m, unsigned width) { return (m + 7) / 8 * width; }

/// Bytes of a group of m samples, 1 to 32, that begins with these codes.
constexpr std::size_t group_bytes(unsigned codes, std::size_t m = kSampleGroup) {
  const std::size_t first = std::min(m, kSampleHalf);
  return 1 + half_bytes(first, kSampleWidths[codes & 15U]) + half_bytes(m - first, kSampleWidths[codes >> 4]);
}
inline constexpr std::size_t kMaxGroupBytes = group_bytes(0xFF);

/// Whole groups of packed bytes, one after the other, as far as kernels may read them: up to one that kSampleSlack
/// readable bytes do not follow.
class SampleGroups {
 public:
  explicit SampleGroups(std::span<const std::byte> in) : next_(in.data()), end_(next_ + in.size()), bits_(next_) {}
  /// False: that was the last one.
  bool next() {
    if (next_ == end_) return false;
    codes_ = std::to_integer<unsigned>(*next_);
    const std::size_t bytes = kBytes[codes_];
    if (static_cast<std::size_t>(end_ - next_) < bytes + kSampleSlack) return false;
    bits_ = next_ + 1;
    next_ += bytes;
    return true;
  }
  /// Width code of a half, 0 or 1.
  unsigned code(std::size_t half) const { return half == 0 ? codes_ & 15U : codes_ >> 4; }
  const std::byte* bits() const { return bits_; }
  std::span<const std::byte> left() const { return {next_, end_}; }

 private:
  static constexpr std::array<std::uint8_t, 256> kBytes = [] {
    static_assert(kMaxGroupBytes <= 255);
    std::array<std::uint8_t, 256> bytes{};
    for (unsigned codes = 0; codes < bytes.size(); ++codes)
      bytes[codes] = static_cast<std::uint8_t>(group_bytes(codes));
    return bytes;
  }();

  const std::byte* next_;
  const std::byte* end_;
  const std::byte* bits_;
  unsigned codes_ = 0;
};

}  // namespace penrig
