#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rig/base/result.hpp"
#include "rig/base/sample_kernels.hpp"

namespace penrig {

/// The most samples of one channel in a block.
inline constexpr std::size_t kMaxBlockSamples = 1024;

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

/// The packing end of one channel: keeps the history and picks the order that suited the block before.
class SamplePacker {
 public:
  /// After a start or a gap: the next block stands alone.
  void restart() { started_ = false; }
  void pack(std::span<const std::int32_t> samples, std::string& into);

 private:
  bool started_ = false;
  unsigned order_ = 2;
  SamplesBefore before_{};
};

/// The unpacking end of one channel: checks that every block goes on where the one before it ended.
class SampleUnpacker {
 public:
  /// The next block is not the successor of the one before (first of a stream, lost frame): nothing to compare with.
  void restart() { known_ = 0; }
  /// Errc::bad_data as unpack_samples(); Errc::gap_in_record if the history contradicts the block before. After a gap
  /// `samples` are good nevertheless.
  Result<void> unpack(std::span<const std::byte> packed, std::span<std::int32_t> samples);

 private:
  std::size_t known_ = 0;  // how many of before_ were seen
  SamplesBefore before_{};
};

}  // namespace penrig
