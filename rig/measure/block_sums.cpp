#include "rig/measure/block_sums.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/base/rounds.hpp"

namespace penrig {

namespace {

constexpr std::size_t kMostOfBlock = 32;

/// x[2 i] + x[2 i + 1]; n: of the sums. In place where to is x.
PENRIG_EACH_PROCESSOR void add_neighbours(const std::int32_t* x, std::size_t n, std::int32_t* to) {
  std::size_t i = in_rounds<kEightCounts>(
      n, [&](std::size_t at) __attribute__((always_inline)) {
        const EightCounts a = eight_counts_at(x + 2 * at), b = eight_counts_at(x + 2 * at + kEightCounts);
        // By halves, as processors do it; those are put in order at the end.
        const EightCounts sum = __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14) +
                                __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
        const EightCounts in_order = __builtin_shufflevector(sum, sum, 0, 1, 4, 5, 2, 3, 6, 7);
        std::memcpy(to + at, &in_order, sizeof in_order);
      });
  for (; i < n; ++i) to[i] = x[2 * i] + x[2 * i + 1];
}

}  // namespace

BlockSums::BlockSums(std::span<const std::int32_t> counts, double turn_samples)
    : counts_(counts), turn_samples_(turn_samples) {
  if (counts.empty()) return;
  const Extremes seen = extremes_of(counts);
  largest_ = std::max(std::abs(std::int64_t{seen.low}), std::abs(std::int64_t{seen.high}));
  add_up(kFewestOfTurn, counts);
}

BlockSums::BlockSums(const BlockSums& finer, std::size_t fewest_of_turn)
    : counts_(finer.counts_),
      turn_samples_(finer.turn_samples_),
      largest_(finer.largest_),
      per_block_(finer.per_block_) {
  add_up(fewest_of_turn, finer.sums());
}

BlockSums BlockSums::coarser() const { return BlockSums(*this, kFewestOfTurn / 4); }

void BlockSums::add_up(std::size_t fewest_of_turn, std::span<const std::int32_t> from) {
  const std::size_t most_of_block = kMostOfBlock * (kFewestOfTurn / fewest_of_turn);
  const auto fits = [&](std::size_t block) {
    return static_cast<double>(fewest_of_turn * block) <= turn_samples_ && counts_.size() >= block &&
           largest_ * static_cast<std::int64_t>(block) <= std::numeric_limits<std::int32_t>::max();
  };
  while (per_block_ < most_of_block && fits(2 * per_block_)) {
    const std::size_t n = counts_.size() / (2 * per_block_);
    const bool is_first = sums_.empty();
    if (is_first) sums_.resize(n);
    add_neighbours(is_first ? from.data() : sums_.data(), n, sums_.data());
    per_block_ *= 2;
    sums_.resize(n);
  }
  if (per_block_ > 1 && sums_.empty()) sums_.assign(from.begin(), from.end());
}

}  // namespace penrig
