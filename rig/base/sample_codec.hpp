#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rig/base/result.hpp"
#include "rig/base/sample_groups.hpp"
#include "rig/base/sample_kernels.hpp"

namespace penrig {

/// The most samples of one channel in a block, and the most bytes that they need.
inline constexpr std::size_t kMaxBlockSamples = 1024;
inline constexpr std::size_t kMaxPackedBytes =
    1 + kMaxSampleHistory * sizeof(std::int32_t) + kMaxBlockSamples / kSampleGroup * kMaxGroupBytes;

/// The last samples before a block, x[-1] first.
using SamplesBefore = std::array<std::int32_t, kMaxSampleHistory>;

/// A block's order of differences, 0 to 3, and as much of what stood before it as they reach, history_of(order); the
/// rest is 0.
struct SampleHistory {
  unsigned order = 0;
  SamplesBefore before{};
  friend bool operator==(const SampleHistory&, const SampleHistory&) = default;
};

/// Packs one block of one channel: differences modulo 2^32, zigzagged, at one bit width for every 16 of them.
/// The layout is in protocols/WIRE.md ("Sample blocks"). Any counts can be packed; quiet ones need about a byte each.
/// @param samples  1 to kMaxBlockSamples counts.
/// @param into     the packed bytes are appended.
void pack_samples(const SampleHistory& history, std::span<const std::int32_t> samples, std::string& into);

/// Unpacks one block of one channel; it needs no other block.
/// @param packed   all of the channel's bytes.
/// @param samples  as many as the block says it has; undefined after an error.
/// @return the history that the block was packed against, or Errc::bad_data: unknown bits in its first byte, wrong
///         length, a width of no samples, padding that is not zero.
Result<SampleHistory> unpack_samples(std::span<const std::byte> packed, std::span<std::int32_t> samples);

/// The last samples of one channel, as far as they were seen.
class SampleTail {
 public:
  void forget() { known_ = 0; }
  /// Whether nothing that was seen contradicts what a block says of the samples before it.
  bool fits(const SampleHistory& history) const;
  /// The next samples of the channel, which go on where the last ones ended.
  void go_on(std::span<const std::int32_t> samples);
  /// What was not seen is the first sample, as if it had stood there.
  const SamplesBefore& before() const { return before_; }
  bool is_empty() const { return known_ == 0; }

 private:
  std::size_t known_ = 0;  // how many of before_ were seen
  SamplesBefore before_{};
};

/// The packing end of one channel: keeps the history and picks the order that suited the block before.
class SamplePacker {
 public:
  /// After a start or a gap: the next block stands alone.
  void restart() { tail_.forget(); }
  void pack(std::span<const std::int32_t> samples, std::string& into);

  /// Whether a block that somebody else packed may take the place of the next one: whoever unpacks it behind the last
  /// one sees no gap.
  bool is_continued_by(std::span<const std::byte> packed) const;
  /// It does.
  /// @param samples  what it unpacks to.
  void go_on(std::span<const std::byte> packed, std::span<const std::int32_t> samples);
  /// Whoever unpacks knows without a block that the channel stands on.
  void go_on(std::span<const std::int32_t> samples) { tail_.go_on(samples); }
  /// Whether the channel's last sample was this.
  bool is_at(std::int32_t count) const { return !tail_.is_empty() && tail_.before().front() == count; }

 private:
  unsigned order_ = 2;
  SampleTail tail_;
};

/// The unpacking end of one channel: checks that every block goes on where the one before it ended.
class SampleUnpacker {
 public:
  /// The next block is not the successor of the one before (first of a stream, lost frame): nothing to compare with.
  void restart() { tail_.forget(); }
  /// Errc::bad_data as unpack_samples(); Errc::gap_in_record if the history contradicts the block before. After a gap
  /// `samples` are good nevertheless.
  Result<void> unpack(std::span<const std::byte> packed, std::span<std::int32_t> samples);
  /// The next samples, which did not come packed.
  void go_on(std::span<const std::int32_t> samples) { tail_.go_on(samples); }

 private:
  SampleTail tail_;
};

}  // namespace penrig
