#include "reports/statistics/sample_size.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "reports/statistics/distributions.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr std::size_t kLargestSample = 1000000;

/// The smallest n of least..kLargestSample for which `enough` holds; it holds for all above.
std::optional<std::size_t> smallest(std::size_t least, const std::function<bool(std::size_t)>& enough) {
  std::size_t high = least;
  while (!enough(high)) {
    if (high >= kLargestSample) return std::nullopt;
    least = high + 1;
    high = std::min(2 * high, kLargestSample);
  }
  while (least < high) {
    const std::size_t middle = least + (high - least) / 2;
    if (enough(middle)) {
      high = middle;
    } else {
      least = middle + 1;
    }
  }
  return least;
}

struct Design {
  double se, df;
};
Design design_of(Comparison comparison, std::size_t units, double sd) {
  const auto n = static_cast<double>(units);
  if (comparison == Comparison::pairs) return {sd / std::sqrt(n), n - 1};
  return {sd * std::sqrt(2 / n), 2 * (n - 1)};
}

}  // namespace

double power_to_find(Comparison comparison, std::size_t units, double difference, double sd, double alpha) {
  const Design d = design_of(comparison, units, sd);
  const double t = student_quantile(1 - alpha / 2, d.df), delta = std::abs(difference) / d.se;
  // Far from the border the series need not be summed.
  if (delta - t > 10) return 1;
  return 1 - noncentral_t_below(t, d.df, delta) + noncentral_t_below(-t, d.df, delta);
}

std::optional<std::size_t> units_to_find(Comparison comparison, double difference, double sd, double alpha,
                                         double power) {
  if (difference == 0) return std::nullopt;
  return smallest(2, [&](std::size_t n) { return power_to_find(comparison, n, difference, sd, alpha) >= power; });
}

std::optional<std::size_t> units_to_show_equal(Comparison comparison, double margin, double sd, double alpha,
                                               double power) {
  if (!(margin > 0)) return std::nullopt;
  return smallest(2, [&](std::size_t n) {
    const Design d = design_of(comparison, n, sd);
    const double t = student_quantile(1 - alpha, d.df), delta = margin / d.se;
    // Each of the two tests succeeds with this probability; both at least with 1 - 2 (1 - p).
    const double one = delta - t > 10 ? 1 : 1 - noncentral_t_below(t, d.df, delta);
    return 1 - 2 * (1 - one) >= power;
  });
}

std::size_t values_of_free_tolerance_interval(double share, double confidence, bool two_sided) {
  return smallest(two_sided ? 2 : 1,
                  [&](std::size_t n) {
                    const auto count = static_cast<double>(n);
                    const double all = std::pow(share, count);
                    const double miss = two_sided ? count * std::pow(share, count - 1) - (count - 1) * all : all;
                    return 1 - miss >= confidence;
                  })
      .value_or(kLargestSample);
}

std::optional<std::size_t> values_of_tolerance_interval(double share, double confidence, double excess) {
  const double z = normal_quantile(0.5 + share / 2);
  return smallest(
      2, [&](std::size_t n) { return tolerance_factor(static_cast<double>(n), share, confidence) <= excess * z; });
}

std::optional<std::size_t> trials_of_gage_study(std::size_t parts, std::size_t appraisers, double factor) {
  return smallest(2, [&](std::size_t trials) {
    return sigma_factors(static_cast<double>(parts * appraisers * (trials - 1))).high <= factor;
  });
}

}  // namespace penrig::statistics
