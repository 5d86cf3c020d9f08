#include "reports/statistics/distributions.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "reports/statistics/not_finite.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::statistics {

namespace {

namespace bm = boost::math;
/// Everything wrong is NaN; doubles are not widened, which costs four times as much for digits that nobody sees.
using Policy = bm::policies::policy<
    bm::policies::domain_error<bm::policies::ignore_error>, bm::policies::pole_error<bm::policies::ignore_error>,
    bm::policies::overflow_error<bm::policies::ignore_error>,
    bm::policies::evaluation_error<bm::policies::ignore_error>, bm::policies::promote_double<false>>;
constexpr double kManyDegrees = 1e8;  ///< from here on infinite

bool probability(double p) { return p >= 0 && p <= 1; }

/// Of the noncentral t distribution below t > 0 for a large delta > 0, whose series has delta^2/2 terms: by the
/// trapezium over the normal value where chi is wide beside it, else over chi; for analytic integrands it errs below
/// 1e-12.
double far_noncentral_t_below(double t, double nu, double delta) {
  constexpr double kStep = 0.5, kReach = 8.5;
  constexpr int kPoints = 34;
  double sum = 0;
  if (t > std::sqrt(2 * nu)) {  // P = int phi(z) P(S >= (z + delta)/t) dz
    for (int i = 0; i <= kPoints; ++i) {
      const double z = kStep * i - kReach, s = (z + delta) / t;
      sum += std::exp(-0.5 * z * z) * bm::gamma_q(nu / 2, nu * s * s / 2, Policy());
    }
    return kStep * sum / std::sqrt(2 * M_PI);
  }
  double weights = 0;  // P = int f(s) Phi(t s - delta) ds, S = chi/sqrt(nu)
  for (int i = 0; i <= kPoints; ++i) {
    const double s = 1 + (kStep * i - kReach) / std::sqrt(2 * nu);
    if (s <= 0) continue;
    const double f = std::exp((nu - 1) * std::log(s) - nu * (s * s - 1) / 2);
    weights += f;
    sum += f * normal_below(t * s - delta);
  }
  return sum / weights;
}
constexpr double kFarNoncentrality = 20, kDegreesForFar = 200;

}  // namespace

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile(double p) {
  if (!probability(p)) return kNaN;
  return bm::quantile(bm::normal_distribution<double, Policy>(), p);
}

double student_below(double t, double nu) {
  if (!(nu > 0) || std::isnan(t)) return kNaN;
  if (nu > kManyDegrees) return normal_below(t);
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  return bm::cdf(bm::students_t_distribution<double, Policy>(nu), t);
}

double student_quantile(double p, double nu) {
  if (!(nu > 0) || !probability(p)) return kNaN;
  if (nu > kManyDegrees) return normal_quantile(p);
  return bm::quantile(bm::students_t_distribution<double, Policy>(nu), p);
}

double student_two_sided(double t, double nu) { return 2 * student_below(-std::abs(t), nu); }

double chi_squared_below(double x, double nu) {
  if (!(nu > 0) || std::isnan(x)) return kNaN;
  return x <= 0 ? 0 : bm::cdf(bm::chi_squared_distribution<double, Policy>(nu), x);
}

double f_above(double f, double nu1, double nu2) {
  if (!(nu1 > 0) || !(nu2 > 0) || std::isnan(f)) return kNaN;
  if (f <= 0) return 1;
  if (std::isinf(f)) return 0;
  if (nu2 > kManyDegrees) return bm::cdf(bm::complement(bm::chi_squared_distribution<double, Policy>(nu1), f * nu1));
  return bm::cdf(bm::complement(bm::fisher_f_distribution<double, Policy>(nu1, nu2), f));
}

double f_quantile(double p, double nu1, double nu2) {
  if (!(nu1 > 0) || !(nu2 > 0) || !probability(p)) return kNaN;
  if (nu2 > kManyDegrees) return chi_squared_quantile(p, nu1) / nu1;
  if (nu1 > kManyDegrees) return nu2 / chi_squared_quantile(1 - p, nu2);
  return bm::quantile(bm::fisher_f_distribution<double, Policy>(nu1, nu2), p);
}

double beta_quantile(double p, double a, double b) {
  if (!(a > 0) || !(b > 0) || !probability(p)) return kNaN;
  return bm::quantile(bm::beta_distribution<double, Policy>(a, b), p);
}

double noncentral_t_below(double t, double nu, double delta) {
  if (!(nu > 0) || std::isnan(t) || std::isnan(delta)) return kNaN;
  if (nu > kManyDegrees) return normal_below(t - delta);
  if (delta < -kFarNoncentrality && t < 0) return 1 - noncentral_t_below(-t, nu, -delta);
  if (delta > kFarNoncentrality && t > 0 && (nu > kDegreesForFar || t > std::sqrt(2 * nu)))
    return far_noncentral_t_below(t, nu, delta);
  return bm::cdf(bm::non_central_t_distribution<double, Policy>(nu, delta), t);
}

double noncentrality_of_t(double p, double t, double nu) {
  if (!(nu > 0) || !(p > 0) || !(p < 1) || !std::isfinite(t)) return kNaN;
  // As a normal quantile the probability is nearly a straight line in delta: secants from its large-sample line.
  const double z = normal_quantile(p);
  const auto miss = [&](double delta) {
    const double at = std::clamp(noncentral_t_below(t, nu, delta), 1e-300, 1 - 1e-16);
    return normal_quantile(at) - z;
  };
  const double spread = std::sqrt(1 + t * t / (2 * nu));
  double a = t * (1 - 1 / (4 * nu)) - z * spread, fa = miss(a);
  double b = a + fa, fb = miss(b);
  for (int i = 0; i < 40 && std::abs(fb) > 1e-11 && fb != fa; ++i) {
    const double next = b - fb * (b - a) / (fb - fa);
    a = b;
    fa = fb;
    b = next;
    fb = miss(b);
  }
  return std::abs(fb) < 1e-6 ? b : kNaN;
}

double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
  if (!probability(p)) return kNaN;
  if (k >= n) return 1;
  return bm::cdf(bm::binomial_distribution<double, Policy>(static_cast<double>(n), p), static_cast<double>(k));
}

Interval clopper_pearson(double hits, double n, double confidence) {
  if (!(n > 0)) return {0, 1};
  const double tail = (1 - confidence) / 2;
  return {hits > 0 ? beta_quantile(tail, hits, n - hits + 1) : 0,
          hits < n ? beta_quantile(1 - tail, hits + 1, n - hits) : 1};
}

double log_gamma(double x) { return x > 0 ? bm::lgamma(x, Policy()) : kNaN; }

}  // namespace penrig::statistics
