#include "rig/measure/touch_groups.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/extremes.hpp"
#include "rig/base/pow_of_four.hpp"
#include "rig/measure/levels.hpp"

namespace penrig {

namespace {

constexpr std::size_t kFour = 4;

[[gnu::always_inline]] inline Four loaded_four(const double* first) {
  Four x;
  std::memcpy(&x, first, sizeof x);
  return x;
}
[[gnu::always_inline]] inline void put_down(double* first, const Four& x) { std::memcpy(first, &x, sizeof x); }
[[gnu::always_inline]] inline double sum_of_lanes(const Four& x) { return (x[0] + x[2]) + (x[1] + x[3]); }

/// Where a group lies and what it feels, from the sums of counts that stand there. n: in whole fours.
PENRIG_EACH_PROCESSOR void scale_groups(double* at_mm, double* force_n, std::size_t n, double group,
                                        const TouchScales& scales) {
  for (std::size_t i = 0; i < n; i += kFour) {
    const Four force = (loaded_four(force_n + i) / group - scales.zero_counts) * scales.n_per_count;
    put_down(force_n + i, force);
    put_down(at_mm + i, loaded_four(at_mm + i) / group * scales.mm_per_count - scales.soft_mm_per_n * force);
  }
}

PENRIG_EACH_PROCESSOR void take_each(const std::int32_t* counts, std::size_t n, double* to) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) put_eight(to + i, eight_at(counts + i));
  for (; i < n; ++i) to[i] = counts[i];
}

/// Four groups side by side.
PENRIG_EACH_PROCESSOR void add_up_fours(const std::int32_t* counts, std::size_t groups, std::size_t group,
                                        double* sums) {
  const std::int32_t *first = counts, *second = first + group, *third = second + group, *fourth = third + group;
  for (std::size_t i = 0; i < groups; i += kFour) {
    Four sum{};
    for (std::size_t k = 0; k < group; ++k) sum += four_of(FourCounts{first[k], second[k], third[k], fourth[k]});
    put_down(sums + i, sum);
    for (const std::int32_t** const of : {&first, &second, &third, &fourth}) *of += kFour * group;
  }
}

void add_up_groups(const std::int32_t* counts, std::size_t groups, std::size_t group, double* sums) {
  if (group == 1) {
    take_each(counts, groups, sums);
    return;
  }
  const std::size_t in_fours = groups / kFour * kFour;
  add_up_fours(counts, in_fours, group, sums);
  for (std::size_t i = in_fours; i < groups; ++i) {
    sums[i] = 0;
    for (std::size_t k = 0; k < group; ++k) sums[i] += counts[i * group + k];
  }
}

/// The law's power of x, and that by x.
struct LawAt {
  Four power, slope;
};
/// Laws for x >= 0; at 0 neither counts.
struct Linear {
  [[gnu::always_inline]] LawAt operator()(const Four& x) const { return {x, Four{} + 1.0}; }
};
struct Hertzian {
  [[gnu::always_inline]] LawAt operator()(const Four& x) const {
    const Four root = root_of(x);
    return {x * root, 1.5 * root};
  }
};
struct Quadratic {
  [[gnu::always_inline]] LawAt operator()(const Four& x) const { return {x * x, 2 * x}; }
};
struct AnyPower {
  double exponent;
  [[gnu::always_inline]] LawAt operator()(const Four& x) const {
    constexpr double kLeast = std::numeric_limits<double>::min();
    const Four base = x > kLeast ? x : Four{} + kLeast, power = portable_pow(base, exponent);
    return {power, exponent * power / base};
  }
};

/// What a law is held against: groups in whole fours.
struct GroupArrays {
  const double *at_mm, *force_n;
  std::size_t n;
};

/// Groups [from, to) touch nothing, or are not counted: they tell of the offset alone.
[[gnu::always_inline]] inline void add_free(const GroupArrays& groups, std::size_t from, std::size_t to,
                                            const LawOfTouch& law, double from_mm, LawSums& sums) {
  const Four none{}, one = none + 1.0;
  Four left{}, counted{};
  std::size_t i = from;
  for (; i + kFour <= to; i += kFour) {
    const auto counts = loaded_four(groups.at_mm + i) >= from_mm;
    left += counts ? loaded_four(groups.force_n + i) - law.offset_n : none;
    counted += counts ? one : none;
  }
  sums.left[2] += sum_of_lanes(left);
  sums.normal[2][2] += sum_of_lanes(counted);
  for (; i < to; ++i) {
    if (!(groups.at_mm[i] >= from_mm)) continue;
    sums.left[2] += groups.force_n[i] - law.offset_n;
    sums.normal[2][2] += 1;
  }
}

/// Groups from one on, of which some touch.
template <class Power>
[[gnu::always_inline]] inline void add_touching(const GroupArrays& groups, std::size_t from, const LawOfTouch& law,
                                                double from_mm, const Power& power_of, LawSums& sums) {
  const Four none{}, one = none + 1.0;
  Four aa{}, ab{}, a{}, bb{}, b{}, a_left{}, b_left{}, left{}, ab_force{}, bb_force{}, b_force{}, squares{}, touching{},
      counted{};
  for (std::size_t i = from; i < groups.n; i += kFour) {
    const Four at = loaded_four(groups.at_mm + i), force = loaded_four(groups.force_n + i),
               behind = at - law.contact_mm;
    const auto touches = behind > 0, counts = at >= from_mm;
    const LawAt x = power_of(touches ? behind : none);
    const Four power = touches ? x.power : none, slope = touches ? -law.kappa * x.slope : none;
    const Four off = force - law.offset_n - law.kappa * power, both = power * slope, squared = slope * slope;
    aa += power * power;
    ab += both;
    a += power;
    bb += squared;
    b += slope;
    a_left += power * off;
    b_left += slope * off;
    left += counts ? off : none;
    ab_force += both * force;
    bb_force += squared * force;
    b_force += slope * force;
    squares += touches ? off * off : none;
    touching += touches ? one : none;
    counted += counts ? one : none;
  }
  sums.normal[0][0] = sum_of_lanes(aa);
  sums.normal[0][1] = sums.normal[1][0] = sum_of_lanes(ab);
  sums.normal[0][2] = sums.normal[2][0] = sum_of_lanes(a);
  sums.normal[1][1] = sum_of_lanes(bb);
  sums.normal[1][2] = sums.normal[2][1] = sum_of_lanes(b);
  sums.normal[2][2] += sum_of_lanes(counted);
  sums.left[0] = sum_of_lanes(a_left);
  sums.left[1] = sum_of_lanes(b_left);
  sums.left[2] += sum_of_lanes(left);
  sums.give[0] = -sum_of_lanes(ab_force);
  sums.give[1] = -sum_of_lanes(bb_force);
  sums.give[2] = -sum_of_lanes(b_force);
  sums.touching_ss = sum_of_lanes(squares);
  sums.touching = static_cast<std::size_t>(sum_of_lanes(touching));
}

/// free, touching: where those that are looked at begin.
PENRIG_EACH_PROCESSOR void add_all(const GroupArrays& groups, std::size_t free, std::size_t touching,
                                   const LawOfTouch& law, double from_mm, LawSums& sums) {
  add_free(groups, free, touching, law, from_mm, sums);
  if (law.exponent == 1.5) {
    add_touching(groups, touching, law, from_mm, Hertzian{}, sums);
  } else if (law.exponent == 1) {
    add_touching(groups, touching, law, from_mm, Linear{}, sums);
  } else if (law.exponent == 2) {
    add_touching(groups, touching, law, from_mm, Quadratic{}, sums);
  } else {
    add_touching(groups, touching, law, from_mm, AnyPower{law.exponent}, sums);
  }
}

template <class Power>
[[gnu::always_inline]] inline void put_beside(const GroupArrays& groups, const LawOfTouch& law, const Power& power_of,
                                              double* beside) {
  const Four none{};
  for (std::size_t i = 0; i < groups.n; i += kFour) {
    const Four behind = loaded_four(groups.at_mm + i) - law.contact_mm;
    const auto touches = behind > 0;
    const Four power = power_of(touches ? behind : none).power;
    put_down(beside + i, loaded_four(groups.force_n + i) - law.offset_n - law.kappa * (touches ? power : none));
  }
}

PENRIG_EACH_PROCESSOR void put_all_beside(const GroupArrays& groups, const LawOfTouch& law, double* beside) {
  if (law.exponent == 1.5) {
    put_beside(groups, law, Hertzian{}, beside);
  } else if (law.exponent == 1) {
    put_beside(groups, law, Linear{}, beside);
  } else if (law.exponent == 2) {
    put_beside(groups, law, Quadratic{}, beside);
  } else {
    put_beside(groups, law, AnyPower{law.exponent}, beside);
  }
}

/// Whole eights at the front without one that is no less than `least`.
PENRIG_EACH_PROCESSOR std::size_t all_below(const std::int32_t* counts, std::size_t n, std::int32_t least) {
  using FourLongs = std::int64_t __attribute__((vector_size(32)));
  std::size_t i = 0;
  for (; i + 2 * kEightCounts <= n; i += 2 * kEightCounts) {
    const auto is = (eight_counts_at(counts + i) >= least) | (eight_counts_at(counts + i + kEightCounts) >= least);
    const auto any = std::bit_cast<FourLongs>(is);
    if ((any[0] | any[1] | any[2] | any[3]) != 0) break;
  }
  return i;
}

PENRIG_EACH_PROCESSOR double sum_of_each(const std::int32_t* counts, std::size_t n) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) sums += eight_at(counts + i);
  double sum = sum_of(sums);
  for (; i < n; ++i) sum += counts[i];
  return sum;
}

PENRIG_EACH_PROCESSOR SumsAboveFirst add_above(const std::int32_t* counts, std::size_t n, double first) {
  Eight sums{}, squares{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight above = eight_at(counts + i) - first;
    sums += above;
    squares += above * above;
  }
  SumsAboveFirst all{sum_of(sums), sum_of(squares)};
  for (; i < n; ++i) {
    const double above = counts[i] - first;
    all.sum += above;
    all.squares += above * above;
  }
  return all;
}

PENRIG_EACH_PROCESSOR void put_bends(const double* x, std::size_t n, double* bends) {
  const auto size_of = [](const Four& bend) __attribute__((always_inline)) { return bend < 0 ? -bend : bend; };
  std::size_t i = 0;
  for (; i + kFour <= n; i += kFour)
    put_down(bends + i, size_of(loaded_four(x + i + 2) - 2 * loaded_four(x + i + 1) + loaded_four(x + i)));
  for (; i < n; ++i) bends[i] = std::abs(x[i + 2] - 2 * x[i + 1] + x[i]);
}

std::size_t whole_fours(std::size_t n) { return (n + kFour - 1) / kFour * kFour; }

}  // namespace

TouchGroups::TouchGroups(std::span<const std::int32_t> stage, std::span<const std::int32_t> force, std::size_t group,
                         const TouchScales& scales)
    : size_(stage.size() / group), at_mm_(whole_fours(size_)), force_n_(at_mm_.size()) {
  add_up_groups(stage.data(), size_, group, at_mm_.data());
  add_up_groups(force.data(), size_, group, force_n_.data());
  std::fill(at_mm_.begin() + static_cast<std::ptrdiff_t>(size_), at_mm_.end(), 0.0);
  std::fill(force_n_.begin() + static_cast<std::ptrdiff_t>(size_), force_n_.end(), 0.0);
  scale_groups(at_mm_.data(), force_n_.data(), at_mm_.size(), static_cast<double>(group), scales);
  std::fill(at_mm_.begin() + static_cast<std::ptrdiff_t>(size_), at_mm_.end(),
            -std::numeric_limits<double>::infinity());
  for (const double f : force_n()) largest_n_ = std::max(largest_n_, f);
}

LawSums LawOfTouch::sums(const TouchGroups& groups, double from_mm) const {
  LawSums sums;
  const std::size_t free = first_not_below(groups.at_mm(), 0, from_mm),
                    touching = first_not_below(groups.at_mm(), free, contact_mm) / kFour * kFour;
  const GroupArrays arrays{groups.at_mm_.data(), groups.force_n_.data(), groups.at_mm_.size()};
  add_all(arrays, std::min(free, touching), touching, *this, from_mm, sums);
  return sums;
}

UnsetVector<double> LawOfTouch::beside(const TouchGroups& groups) const {
  UnsetVector<double> all(groups.at_mm_.size());
  put_all_beside({groups.at_mm_.data(), groups.force_n_.data(), all.size()}, *this, all.data());
  all.resize(groups.size());
  return all;
}

std::size_t first_at_least(std::span<const std::int32_t> counts, std::int32_t least) {
  std::size_t i = all_below(counts.data(), counts.size(), least);
  while (i < counts.size() && counts[i] < least) ++i;
  return i;
}

double sum_of_counts(std::span<const std::int32_t> counts) { return sum_of_each(counts.data(), counts.size()); }

SumsAboveFirst sums_above_first(std::span<const std::int32_t> counts) {
  return add_above(counts.data(), counts.size(), counts[0]);
}

UnsetVector<double> bends_of(std::span<const double> x) {
  UnsetVector<double> bends(x.size() < 2 ? 0 : x.size() - 2);
  put_bends(x.data(), bends.size(), bends.data());
  return bends;
}

}  // namespace penrig
