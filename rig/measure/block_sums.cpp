#include "rig/measure/block_sums.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"

namespace penrig {

namespace {

constexpr std::size_t kMostOfBlock = 32;

/// x[2 i] + x[2 i + 1]; n: of the sums. In place where to is x.
PENRIG_EACH_PROCESSOR void add_neighbours(const std::int32_t* x, std::size_t n, std::int32_t* to) {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const FourCounts a = four_at(x + 2 * i), b = four_at(x + 2 * i + 4);
    const FourCounts sum = __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
    std::memcpy(to + i, &sum, sizeof sum);
  }
  for (; i < n; ++i) to[i] = x[2 * i] + x[2 * i + 1];
}

}  // namespace

BlockSums::BlockSums(std::span<const std::int32_t> counts, double turn_samples)
    : counts_(counts), turn_samples_(turn_samples) {
  if (counts.empty()) return;
  const Extremes seen = extremes_of(counts);
  largest_ = std::max(std::abs(std::int64_t{seen.low}), std::abs(std::int64_t{seen.high}));
  add_up(kFewestOfTurn);
}

BlockSums BlockSums::coarser() const {
  BlockSums fewer = *this;
  fewer.add_up(kFewestOfTurn / 4);
  return fewer;
}

void BlockSums::add_up(std::size_t fewest_of_turn) {
  const std::size_t most_of_block = kMostOfBlock * (kFewestOfTurn / fewest_of_turn);
  const auto fits = [&](std::size_t block) {
    return static_cast<double>(fewest_of_turn * block) <= turn_samples_ && counts_.size() >= block &&
           largest_ * static_cast<std::int64_t>(block) <= std::numeric_limits<std::int32_t>::max();
  };
  while (per_block_ < most_of_block && fits(2 * per_block_)) {
    const std::size_t n = counts_.size() / (2 * per_block_);
    const bool is_first = per_block_ == 1;
    if (is_first) sums_.resize(n);
    add_neighbours(is_first ? counts_.data() : sums_.data(), n, sums_.data());
    per_block_ *= 2;
    sums_.resize(n);
  }
}

}  // namespace penrig
