#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/base/unset_vector.hpp"

namespace penrig {

/// A position's samples, and the sums of so many of them in a row: what a few harmonics are fitted to. A turn that has
/// many more samples than its harmonics need says as much of them by such sums, for the mean of a harmonic over a block
/// is the harmonic again, smaller by a known factor (the boxcar's response), and white noise stays white.
class BlockSums {
 public:
  /// At least so many blocks a turn: a harmonic of a crank loses 0.4 % of its amplitude at most, and twice that of what
  /// the samples say of it. Fewer would let a speed that changes within the turn pass for noise: what no harmonic
  /// follows is in a sum as often as it has samples.
  static constexpr std::size_t kFewestOfTurn = 128;

  /// @param counts        must outlive this.
  /// @param turn_samples  of a typical turn.
  BlockSums(std::span<const std::int32_t> counts, double turn_samples);
  /// A quarter as many, for what is looked for once more in these.
  BlockSums coarser() const;

  std::span<const std::int32_t> counts() const { return counts_; }
  /// Samples of a block: a power of two, 1 where there is none to spare.
  std::size_t per_block() const { return per_block_; }
  /// Of whole blocks from the first sample on: counts() itself where a block is one sample.
  std::span<const std::int32_t> sums() const { return per_block_ == 1 ? counts_ : std::span(sums_); }

 private:
  BlockSums(const BlockSums& finer, std::size_t fewest_of_turn);
  /// from: sums of per_block() samples.
  void add_up(std::size_t fewest_of_turn, std::span<const std::int32_t> from);

  std::span<const std::int32_t> counts_;
  double turn_samples_;
  std::int64_t largest_ = 0;  ///< count, by magnitude
  std::size_t per_block_ = 1;
  UnsetVector<std::int32_t> sums_;
};

}  // namespace penrig
