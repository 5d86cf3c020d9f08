#include "rig/measure/broad_peak.hpp"

#include <algorithm>
#include <limits>

#include "rig/base/eight.hpp"

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

double weighted(std::span<const double> f, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * f[i];
  return sum;
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

PENRIG_EACH_PROCESSOR void add_values(const double* values, std::size_t n, double* sums) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) put_eight(sums + i, eight_at(sums + i) + eight_at(values + i));
  for (; i < n; ++i) sums[i] += values[i];
}

}  // namespace

std::vector<std::optional<double>> broad_peaks(std::span<const PeakSearch> strokes, std::size_t half) {
  std::vector<std::optional<double>> out(strokes.size());
  // Samples before and behind the top that every stroke has.
  std::size_t before = std::numeric_limits<std::size_t>::max(), behind = before;
  for (const PeakSearch& s : strokes) {
    if (s.from > s.top || s.top >= s.force_n.size()) return out;
    before = std::min(before, s.top - s.from);
    behind = std::min(behind, s.force_n.size() - 1 - s.top);
  }
  if (strokes.size() < 2 || half < 3 || before + behind < 2 * half) return out;
  const std::size_t length = before + behind + 1;
  const std::vector<double> weights = quartic_weights(half);
  const std::size_t windows = length - 2 * half;
  std::vector<double> sum(length + kLanes), at_middle(windows + kLanes);
  for (std::size_t of = 0; of < 2; ++of) {
    // Every other stroke says where the rest are read: a place chosen by its own noise would be too high.
    std::ranges::fill(sum, 0.0);
    for (std::size_t k = 1 - of; k < strokes.size(); k += 2) {
      add_values(&strokes[k].force_n[strokes[k].top - before], length, sum.data());
    }
    weighted_windows(sum.data(), windows, weights.data(), weights.size(), at_middle.data());
    const auto last = at_middle.begin() + static_cast<std::ptrdiff_t>(windows);
    const auto highest = static_cast<std::size_t>(std::max_element(at_middle.begin(), last) - at_middle.begin());
    for (std::size_t k = of; k < strokes.size(); k += 2) {
      out[k] = weighted(strokes[k].force_n.subspan(strokes[k].top - before + highest), weights);
    }
  }
  return out;
}

}  // namespace penrig
