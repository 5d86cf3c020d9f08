#include "reports/statistics/spread_law.hpp"

#include <algorithm>
#include <cmath>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/range_constants.hpp"
#include "reports/statistics/search.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

/// Third and second central moment of (chi squared / df)^power over powers of its mean.
struct Shape {
  double mean, relative_variance, skewness;
};
Shape shape_of(double df, double power) {
  const auto moment = [&](double k) {
    return std::exp(power * k * std::log(2 / df) + log_gamma(df / 2 + power * k) - log_gamma(df / 2));
  };
  const double m = moment(1), v = moment(2) - m * m;
  return {m, v / (m * m), (moment(3) - 3 * m * moment(2) + 2 * m * m * m) / (v * std::sqrt(v))};
}

/// Degrees of freedom with which that variable has the relative variance.
double df_of(double relative_variance, double power) {
  const double first = std::log(2 * power * power / relative_variance);
  return std::exp(where(-relative_variance, first - 0.5, first + 0.5,
                        [&](double log_df) { return -shape_of(std::exp(log_df), power).relative_variance; }));
}

template <class Of>
double mean_over(const LawPoints& points, Of of) {
  double sum = 0;
  for (std::size_t i = 0; i < points.ratio.size(); ++i) sum += points.weight[i] * of(points.ratio[i]);
  return sum;
}

/// What is left of sigma^2 when that of reading is taken out, of one point of both laws; not negative.
double left_of(double estimate, double w, const ReadingVariance& reading, double v) {
  return std::max(0.0, estimate * estimate / (w * w) - reading.variance / (v * v));
}

}  // namespace

double SpreadLaw::quantile(double p) const {
  if (std::isinf(df)) return 1;
  return scale * std::pow(chi_squared_quantile(p, df) / df, power);
}

SpreadLaw law_of_deviation(double df) { return {df, 0.5, 1}; }

SpreadLaw law_of_moving_range(std::size_t n) {
  // Cumulants of |x2 - x1| + ... + |xn - xn-1|, sigma 1: 2 pi/3 - 3 + sqrt 3 and 5 pi/6 - 5 + 2 sqrt 3 over pi/4 are
  // those of the variance; those of the third are by quadrature of its pairs and triples.
  const auto count = static_cast<double>(n);
  const double mean = (count - 1) * d2(2);
  const double a = 2 * M_PI / 3 - 3 + std::sqrt(3.0), b = 5 * M_PI / 6 - 5 + 2 * std::sqrt(3.0);
  const double variance = (a * count - b) * d2(2) * d2(2);
  const double third = 1.64267154 * count - 2.51335178;
  const double relative = variance / (mean * mean), skewness = third / (variance * std::sqrt(variance));
  SpreadLaw law;
  law.power = where(skewness, 0.5, 1, [&](double power) { return shape_of(df_of(relative, power), power).skewness; });
  law.df = df_of(relative, law.power);
  law.scale = 1 / shape_of(law.df, law.power).mean;
  return law;
}

LawPoints points_of(const SpreadLaw& law, int steps) {
  if (std::isinf(law.df)) return {{1}, {1}};
  constexpr double kReach = 6;
  LawPoints points;
  double sum = 0;
  for (int i = -steps; i <= steps; ++i) {
    const double z = kReach * i / steps;
    points.ratio.push_back(law.quantile(normal_below(z)));
    points.weight.push_back(std::exp(-0.5 * z * z));
    sum += points.weight.back();
  }
  for (double& w : points.weight) w /= sum;
  return points;
}

Interval factors_of(const SpreadLaw& law) { return {1 / law.quantile(1 - kTail), 1 / law.quantile(kTail)}; }

Interval side_interval(const LawPoints& law, double room, double estimate, double n) {
  const double t = std::sqrt(n) * room / estimate;
  const auto below = [&](double delta) {
    return mean_over(law, [&](double w) { return normal_below(t * w - delta); });
  };
  const auto bound = [&](double p) {
    return where(1 - p, t - 1, t + 1, [&](double delta) { return 1 - below(delta); }) / (3 * std::sqrt(n));
  };
  return {bound(1 - kTail), bound(kTail)};
}

Interval side_interval_without(const LawPoints& law, const ReadingVariance& reading, double room, double estimate,
                               double n) {
  const double at = room / (3 * std::sqrt(std::max(left_of(estimate, 1, reading, 1), 0.01 * estimate * estimate)));
  const auto below = [&](double index) {
    return mean_over(law, [&](double w) {
      const double sigma = estimate / w;
      return mean_over(reading.law, [&](double v) {
        return normal_below((3 * index * std::sqrt(left_of(estimate, w, reading, v)) - room) * std::sqrt(n) / sigma);
      });
    });
  };
  const double step = 0.1 * std::abs(at) + 1 / std::sqrt(n);
  return {where(kTail, at - 2 * step, at - step, below), where(1 - kTail, at + step, at + 2 * step, below)};
}

Interval deviation_without(const LawPoints& law, const ReadingVariance& reading, double estimate) {
  // Of the second law only its points: between them the probability is made even by the first one's own steps.
  std::vector<std::pair<double, double>> all;
  for (std::size_t i = 0; i < law.ratio.size(); ++i)
    for (std::size_t k = 0; k < reading.law.ratio.size(); ++k)
      all.emplace_back(left_of(estimate, law.ratio[i], reading, reading.law.ratio[k]),
                       law.weight[i] * reading.law.weight[k]);
  std::sort(all.begin(), all.end());
  const auto at = [&](double p) {
    double sum = 0, before = 0, before_at = 0;
    for (const auto& [variance, weight] : all) {
      const double here = sum + weight / 2;
      if (here >= p) {
        const double share = here > before_at ? (p - before_at) / (here - before_at) : 1;
        return std::sqrt(std::max(0.0, before + share * (variance - before)));
      }
      before = variance;
      before_at = here;
      sum += weight;
    }
    return std::sqrt(before);
  };
  return {at(kTail), at(1 - kTail)};
}

}  // namespace penrig::statistics
