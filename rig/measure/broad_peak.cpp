#include "rig/measure/broad_peak.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "rig/base/eight.hpp"
#include "rig/base/unset_vector.hpp"

namespace penrig {

namespace {

/// Weights that give the value in the middle of a least-squares quartic over 2 half + 1 values. A quadratic would not
/// do: the force turns round within the window, and falls faster behind the top than it rose before it.
std::vector<double> quartic_weights(std::size_t half) {
  const std::size_t n = 2 * half + 1;
  std::vector<double> one(n, 1.0), two(n), four(n), weights(n);
  const auto product = [n](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
  };
  for (std::size_t i = 0; i < n; ++i) {
    const double x = (static_cast<double>(i) - static_cast<double>(half)) / static_cast<double>(half);
    two[i] = x * x;
    four[i] = x * x * x * x;
  }
  // Even orthogonal polynomials; the odd ones vanish in the middle.
  const auto take_off = [&](std::vector<double>& from, const std::vector<double>& what) {
    const double share = product(from, what) / product(what, what);
    for (std::size_t i = 0; i < n; ++i) from[i] -= share * what[i];
  };
  take_off(two, one);
  take_off(four, one);
  take_off(four, two);
  for (const std::vector<double>* p : {&one, &two, &four}) {
    const double share = (*p)[half] / product(*p, *p);
    for (std::size_t i = 0; i < n; ++i) weights[i] += share * (*p)[i];
  }
  return weights;
}

PENRIG_EACH_PROCESSOR double weighted_sum(const double* f, const double* weights, std::size_t n) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) sums += eight_at(weights + i) * eight_at(f + i);
  double sum = sum_of(sums);
  for (; i < n; ++i) sum += weights[i] * f[i];
  return sum;
}

/// Of the values at the front.
double weighted(std::span<const double> f, const std::vector<double>& weights) {
  return weighted_sum(f.data(), weights.data(), weights.size());
}

/// The same of the windows that begin at [0, n); eight at a time, so that up to seven values more are read and written.
PENRIG_EACH_PROCESSOR void weighted_windows(const double* f, std::size_t n, const double* weights, std::size_t width,
                                            double* values) {
  for (std::size_t at = 0; at < n; at += kLanes) {
    Eight sum{};
    for (std::size_t i = 0; i < width; ++i) sum += weights[i] * eight_at(f + at + i);
    put_eight(values + at, sum);
  }
}

/// Of several strokes, sample by sample; n: of each.
PENRIG_EACH_PROCESSOR void add_strokes(std::span<const double* const> strokes, std::size_t n, double* sums) {
  constexpr std::size_t kAtOnce = 2 * kLanes;
  for (std::size_t next = 0; n >= kAtOnce && next < n; next += kAtOnce) {
    const std::size_t at = std::min(next, n - kAtOnce);  // the last overlap those before
    Eight sum{}, behind{};
    for (const double* const values : strokes) {
      sum += eight_at(values + at);
      behind += eight_at(values + at + kLanes);
    }
    put_eight(sums + at, sum);
    put_eight(sums + at + kLanes, behind);
  }
  for (std::size_t i = 0; n < kAtOnce && i < n; ++i) {
    sums[i] = 0;
    for (const double* const values : strokes) sums[i] += values[i];
  }
}

}  // namespace

std::vector<std::optional<double>> broad_peaks(std::span<const PeakSearch> strokes, std::size_t half,
                                               std::vector<double>* narrower) {
  std::vector<std::optional<double>> out(strokes.size());
  if (narrower != nullptr) narrower->assign(strokes.size(), 0);
  // Samples before and behind the top that every stroke has.
  std::size_t before = std::numeric_limits<std::size_t>::max(), behind = before;
  for (const PeakSearch& s : strokes) {
    if (s.from > s.top || s.top >= s.force_n.size()) return out;
    before = std::min(before, s.top - s.from);
    behind = std::min(behind, s.force_n.size() - 1 - s.top);
  }
  if (strokes.size() < 2 || half < 3 || before + behind < 2 * half) return out;
  const std::size_t length = before + behind + 1;
  const std::size_t half_as_wide = half / 2;
  const std::vector<double> weights = quartic_weights(half);
  const std::vector<double> fewer = narrower != nullptr ? quartic_weights(half_as_wide) : std::vector<double>{};
  const std::size_t windows = length - 2 * half;
  std::vector<double> sum(length + kLanes);
  UnsetVector<double> at_middle(windows + kLanes);
  std::vector<const double*> others;
  for (std::size_t of = 0; of < 2; ++of) {
    // Every other stroke says where the rest are read: a place chosen by its own noise would be too high.
    others.clear();
    for (std::size_t k = 1 - of; k < strokes.size(); k += 2)
      others.push_back(&strokes[k].force_n[strokes[k].top - before]);
    add_strokes(others, length, sum.data());
    weighted_windows(sum.data(), windows, weights.data(), weights.size(), at_middle.data());
    const auto last = at_middle.begin() + static_cast<std::ptrdiff_t>(windows);
    const auto highest = static_cast<std::size_t>(std::max_element(at_middle.begin(), last) - at_middle.begin());
    for (std::size_t k = of; k < strokes.size(); k += 2) {
      const std::span<const double> window = strokes[k].force_n.subspan(strokes[k].top - before + highest);
      out[k] = weighted(window, weights);
      if (narrower != nullptr) (*narrower)[k] = weighted(window.subspan(half - half_as_wide), fewer);
    }
  }
  return out;
}

namespace {

constexpr std::ptrdiff_t kEven = 5;

/// @param sign  -1: where it is lowest.
EvenForce extreme_means(std::span<const EvenSearch> strokes, double sign) {
  EvenForce out;
  std::ptrdiff_t from = std::numeric_limits<std::ptrdiff_t>::min(), to = std::numeric_limits<std::ptrdiff_t>::max();
  for (const EvenSearch& s : strokes) {
    const auto top = static_cast<std::ptrdiff_t>(s.top);
    from = std::max(from, static_cast<std::ptrdiff_t>(s.from) - top);
    to = std::min(to, static_cast<std::ptrdiff_t>(std::min(s.to, s.force_n.size())) - top);
  }
  if (strokes.size() < 2 || to < from + kEven) return out;
  const auto length = static_cast<std::size_t>(to - from), wide = static_cast<std::size_t>(kEven);
  const auto begin = [from](const EvenSearch& s) {
    return s.force_n.data() + (static_cast<std::ptrdiff_t>(s.top) + from);
  };
  const auto of_five = [](const double* f) { return f[0] + f[1] + f[2] + f[3] + f[4]; };
  out.mean_n.resize(strokes.size());
  std::array<double, static_cast<std::size_t>(kEven)> each{};
  UnsetVector<double> sum(length);
  std::vector<const double*> others;
  for (std::size_t of = 0; of < 2; ++of) {
    // As in broad_peaks().
    others.clear();
    for (std::size_t k = 1 - of; k < strokes.size(); k += 2) others.push_back(begin(strokes[k]));
    add_strokes(others, length, sum.data());
    std::size_t extreme = 0;
    for (std::size_t i = 1; i + wide <= length; ++i) {
      if (sign * of_five(&sum[i]) > sign * of_five(&sum[extreme])) extreme = i;
    }
    for (std::size_t k = of; k < strokes.size(); k += 2) {
      const double* f = begin(strokes[k]) + extreme;
      out.mean_n[k] = of_five(f) / static_cast<double>(kEven);
      for (std::size_t i = 0; i < wide; ++i) each[i] += f[i] / static_cast<double>(strokes.size());
    }
  }
  const auto [lowest, highest] = std::minmax_element(each.begin(), each.end());
  out.lowest_n = *lowest;
  out.highest_n = *highest;
  return out;
}

}  // namespace

double EvenForce::over_all_n() const {
  double sum = 0;
  for (const double f : mean_n) sum += f;
  return mean_n.empty() ? 0 : sum / static_cast<double>(mean_n.size());
}

EvenForce highest_means(std::span<const EvenSearch> strokes) { return extreme_means(strokes, 1); }

EvenForce lowest_means(std::span<const EvenSearch> strokes) { return extreme_means(strokes, -1); }

}  // namespace penrig
