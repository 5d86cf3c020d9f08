#include "rig/measure/held_counts.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/base/rounds.hpp"

namespace penrig {

namespace {

using EightAbove = std::uint16_t __attribute__((vector_size(16)));
using SixteenAbove = std::uint16_t __attribute__((vector_size(32)));

/// The lower halves of sixteen counts.
[[gnu::always_inline]] inline SixteenAbove lower_halves(const EightCounts& first, const EightCounts& second) {
  return __builtin_shufflevector(std::bit_cast<SixteenAbove>(first), std::bit_cast<SixteenAbove>(second), 0, 2, 4, 6, 8,
                                 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

PENRIG_EACH_PROCESSOR void take_above(const std::int32_t* counts, std::size_t n, std::int32_t low,
                                      std::uint16_t* above) {
  constexpr std::size_t kSixteen = 2 * kEightCounts;
  static_assert(std::endian::native == std::endian::little);
  std::size_t i = in_rounds<kSixteen>(
      n, [&](std::size_t at) __attribute__((always_inline)) {
        const SixteenAbove x =
            lower_halves(eight_counts_at(counts + at) - low, eight_counts_at(counts + at + kEightCounts) - low);
        std::memcpy(above + at, &x, sizeof x);
      });
  for (; i < n; ++i) above[i] = static_cast<std::uint16_t>(counts[i] - low);
}

PENRIG_EACH_PROCESSOR void give_back(const std::uint16_t* above, std::size_t n, std::int32_t low,
                                     std::int32_t* counts) {
  std::size_t i = in_rounds<kEightCounts>(
      n, [&](std::size_t at) __attribute__((always_inline)) {
        EightAbove x;
        std::memcpy(&x, above + at, sizeof x);
        // One by one, as in four_of().
        const EightCounts eight = EightCounts{x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]} + low;
        std::memcpy(counts + at, &eight, sizeof eight);
      });
  for (; i < n; ++i) counts[i] = low + above[i];
}

}  // namespace

HeldCounts::Part HeldCounts::packed(std::span<const std::int32_t> counts, const Extremes& extremes) {
  const std::int64_t range = std::int64_t{extremes.high} - extremes.low;
  Part part{extremes.low, {}, {}};
  if (range > std::numeric_limits<std::uint16_t>::max()) {
    part.each = std::make_unique_for_overwrite<std::int32_t[]>(counts.size());
    std::ranges::copy(counts, part.each.get());
  } else if (range > 0) {
    part.above = std::make_unique_for_overwrite<std::uint16_t[]>(counts.size());
    take_above(counts.data(), counts.size(), part.low, part.above.get());
  }
  return part;
}

void HeldCounts::append(const SeenCounts& seen) {
  end_ += seen.counts.size();
  for (std::span<const std::int32_t> counts = seen.counts; !counts.empty();) {
    const std::span<const std::int32_t> some = counts.first(std::min(counts.size(), kPart - newest_size_));
    const Extremes extremes = some.size() == seen.counts.size() ? seen.extremes : extremes_of(some);
    if (some.size() == kPart) {
      parts_.push_back(packed(some, extremes));
    } else {
      append_to_newest(some, extremes);
    }
    counts = counts.subspan(some.size());
  }
}

void HeldCounts::append_to_newest(std::span<const std::int32_t> counts, const Extremes& extremes) {
  const bool first = newest_size_ == 0;
  const std::int32_t stood_at = newest_extremes_.low;
  newest_extremes_ = {first ? extremes.low : std::min(newest_extremes_.low, extremes.low),
                      first ? extremes.high : std::max(newest_extremes_.high, extremes.high)};
  if (newest_extremes_.low != newest_extremes_.high) {
    newest_.resize(newest_size_, stood_at);
    newest_.insert(newest_.end(), counts.begin(), counts.end());
  }
  newest_size_ += counts.size();
  if (newest_size_ < kPart) return;
  parts_.push_back(packed(newest_, newest_extremes_));
  newest_.clear();
  newest_size_ = 0;
}

void HeldCounts::let_go(std::size_t index) {
  for (; !parts_.empty() && parts_from_ + kPart <= index; parts_from_ += kPart) parts_.pop_front();
}

HeldCounts::Stretch HeldCounts::stretch(std::size_t from, std::size_t to) const {
  const std::size_t at = from - parts_from_, part = at / kPart, first = at % kPart;
  Stretch all{std::min(kPart - first, to - from)};
  if (part == parts_.size()) {
    all.low = newest_extremes_.low;
    if (!newest_.empty()) all.each = newest_.data() + first;
    return all;
  }
  all.low = parts_[part].low;
  if (parts_[part].above) all.above = parts_[part].above.get() + first;
  if (parts_[part].each) all.each = parts_[part].each.get() + first;
  return all;
}

UnsetVector<std::int32_t> HeldCounts::samples(std::size_t from, std::size_t to) const {
  UnsetVector<std::int32_t> all(to - from);
  std::int32_t* into = all.data();
  while (from < to) {
    const auto [n, low, above, each] = stretch(from, to);
    if (each != nullptr) {
      std::copy_n(each, n, into);
    } else if (above != nullptr) {
      give_back(above, n, low, into);
    } else {
      std::fill_n(into, n, low);
    }
    into += n;
    from += n;
  }
  return all;
}

double HeldCounts::sum(std::size_t from, std::size_t to) const {
  double sum = 0;
  while (from < to) {
    const auto [n, low, above, each] = stretch(from, to);
    if (each != nullptr) {
      for (std::size_t i = 0; i < n; ++i) sum += each[i];
    } else {
      sum += static_cast<double>(low) * static_cast<double>(n);
    }
    for (std::size_t i = 0; above != nullptr && i < n; ++i) sum += above[i];
    from += n;
  }
  return sum;
}

}  // namespace penrig
