#include "reports/statistics/range_constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/not_finite.hpp"

namespace penrig::statistics {

namespace {

constexpr std::size_t kLargestTabulated = 100;

struct Moments {
  double mean = 0, square = 0;
};

/// P(range <= w) = n int phi(x) [Phi(x + w) - Phi(x)]^(n-1) dx: the trapezium's error vanishes like e^-(c/h^2). Over w
/// by Simpson's rule.
Moments range_moments(std::size_t n) {
  constexpr double kStep = 0.05, kReach = 8.5;
  constexpr std::size_t kPoints = 341, kWidths = 340;
  static const auto below = [] {  // on a grid that x and x + w share
    std::array<double, kPoints + kWidths + 1> p{};
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = normal_below(kStep * static_cast<double>(i) - kReach);
    return p;
  }();
  Moments m;
  for (std::size_t w = 0; w <= kWidths; ++w) {
    double inside = 0;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double x = kStep * static_cast<double>(i) - kReach;
      inside += std::exp(-0.5 * x * x) * std::pow(below[i + w] - below[i], static_cast<double>(n - 1));
    }
    const double above = 1 - std::min(1.0, static_cast<double>(n) * kStep * inside / std::sqrt(2 * M_PI));
    const double weight = kStep / 3 * (w == 0 || w == kWidths ? 1 : w % 2 == 1 ? 4 : 2);
    m.mean += weight * above;
    m.square += weight * 2 * kStep * static_cast<double>(w) * above;
  }
  return m;
}

/// Each is worked out once.
const Moments& moments(std::size_t n) {
  static std::array<Moments, kLargestTabulated + 1> known;
  static std::array<std::once_flag, kLargestTabulated + 1> once;
  static const Moments unknown{kNaN, kNaN};
  if (n < 2 || n > kLargestTabulated) return unknown;
  std::call_once(once[n], [n] { known[n] = range_moments(n); });
  return known[n];
}

}  // namespace

double d2(std::size_t n) { return moments(n).mean; }

double range_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *high - *low;
}

double d3(std::size_t n) { return std::sqrt(moments(n).square - moments(n).mean * moments(n).mean); }

double c4(std::size_t n) {
  if (n < 2) return kNaN;
  const auto nu = static_cast<double>(n - 1);
  return std::sqrt(2 / nu) * std::exp(log_gamma((nu + 1) / 2) - log_gamma(nu / 2));
}

double d2_star(std::size_t m, std::size_t g) {
  return std::sqrt(d2(m) * d2(m) + d3(m) * d3(m) / static_cast<double>(g));
}

double degrees_of_mean_range(std::size_t m, std::size_t g) {
  // A chi variable over its mean has the variance 1/(2 nu) + 1/(8 nu^2) + ...; solved for nu.
  const double relative = d3(m) * d3(m) / (d2(m) * d2(m) * static_cast<double>(g));
  return (1 + std::sqrt(1 + 2 * relative)) / (4 * relative);
}

double degrees_of_moving_range(std::size_t n) {
  if (n < 3) return n == 2 ? 1 : kNaN;
  // Var(mean MR) = sigma^2 (a n - b) / (n - 1)^2, over (2/sqrt pi)^2: a = 2 pi/3 - 3 + sqrt 3, b = 5 pi/6 - 5 + 2
  // sqrt 3.
  const auto count = static_cast<double>(n);
  const double a = 2 * M_PI / 3 - 3 + std::sqrt(3.0), b = 5 * M_PI / 6 - 5 + 2 * std::sqrt(3.0);
  const double relative = (a * count - b) / ((count - 1) * (count - 1));
  return (1 + std::sqrt(1 + 2 * relative)) / (4 * relative);
}

}  // namespace penrig::statistics
