#include "reports/statistics/power_transform.hpp"

#include <algorithm>
#include <cmath>

#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/search.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

constexpr double kMostLambda = 5;

double transformed(double l, double lambda) {
  const double x = lambda * l;
  if (std::abs(x) < 1e-5) return l * (1 + x / 2 + x * x / 6);
  return (portable_exp(x) - 1) / lambda;
}

/// Mean and ML deviation of the transformed values, and -ln likelihood per value with both at their best.
struct AtLambda {
  double mean = 0, sd = 0, cost = kInfinite;
};
AtLambda profile_of(const std::vector<double>& l, double lambda) {
  const auto n = static_cast<double>(l.size());
  double sum = 0, square = 0, sum_l = 0;
  std::vector<double> y(l.size());
  for (std::size_t i = 0; i < l.size(); ++i) {
    y[i] = transformed(l[i], lambda);
    sum += y[i];
    sum_l += l[i];
  }
  AtLambda p;
  p.mean = sum / n;
  for (const double v : y) square += (v - p.mean) * (v - p.mean);
  p.sd = std::sqrt(square / n);
  // dy = e^(lambda l) dl; a factor that does not hang on lambda is left out.
  if (p.sd > 0 && std::isfinite(p.sd)) p.cost = portable_log(p.sd) - lambda * sum_l / n;
  return p;
}

}  // namespace

std::optional<PowerTransform> PowerTransform::fit(std::span<const double> values) {
  const Spread s = spread_of(values);
  if (s.n < 20 || !(s.sd > 0)) return std::nullopt;
  PowerTransform t;
  t.of_logarithm_ = std::all_of(values.begin(), values.end(), [](double v) { return v > 0; });
  t.centre_ = s.mean;
  t.scale_ = s.sd;
  for (const double v : values) t.l_.push_back(t.of_logarithm_ ? portable_log(v) : (v - s.mean) / s.sd);
  // Steps of 0.5, sections to a millionth.
  const Peak best =
      greatest(-kMostLambda, kMostLambda, 20, 29, [&](double lambda) { return -profile_of(t.l_, lambda).cost; });
  if (best.at_end) return std::nullopt;
  t.lambda_ = best.at;
  const AtLambda at = profile_of(t.l_, t.lambda_);
  t.mean_ = at.mean;
  t.sd_ = at.sd;
  t.least_cost_ = at.cost;
  return t;
}

double PowerTransform::of_l(double l) const { return transformed(l, lambda_); }

double PowerTransform::forward(double x) const {
  if (!of_logarithm_) return of_l((x - centre_) / scale_);
  if (x > 0) return of_l(portable_log(x));
  return lambda_ > 0 ? -1 / lambda_ : -kInfinite;
}

double PowerTransform::inverse(double y) const {
  const double inside = 1 + lambda_ * y;
  double l = y;
  if (std::abs(lambda_ * y) >= 1e-5)
    l = inside > 0 ? portable_log(inside) / lambda_ : (lambda_ > 0 ? -1 : 1) * kInfinite;
  if (!of_logarithm_) return centre_ + scale_ * l;
  return l > 700 ? kInfinite : l < -700 ? 0 : portable_exp(l);
}

PowerTransform PowerTransform::with(double lambda, double mean, double sd) const {
  PowerTransform t;
  t.of_logarithm_ = of_logarithm_;
  t.centre_ = centre_;
  t.scale_ = scale_;
  t.lambda_ = lambda;
  t.mean_ = mean;
  t.sd_ = sd;
  return t;
}

PowerTransform::Profile PowerTransform::profile_at(double lambda) const {
  const auto at = profile_of(l_, lambda);
  return {at.mean, at.sd, at.cost - least_cost_};
}

}  // namespace penrig::statistics
