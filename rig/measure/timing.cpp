#include "rig/measure/timing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "rig/base/portable_math.hpp"
#include "rig/base/two.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// What one covariance says about the mean of the differences.
struct Estimate {
  double mean = 0, variance = 0, log_likelihood = 0;
};

/// Differences of times that are the mean of two neighbours (weights 1 : a) of a walking phase with timing noise of
/// variance 1: autocovariances of (1 + a B)(w + (1 - B) n), two off-diagonals, factorised on the way as L D L^T. For
/// two walks side by side.
std::array<Estimate, 2> estimate(std::span<const double> d, std::span<const double> span, double a, Two walk) {
  const double weight = 1 / ((1 + a) * (1 + a)), squares = (1 + a * a) * weight, product = a * weight;
  constexpr double kFloor =
      1e-4;  // the estimator's own noise; keeps a = 1 from claiming that alternation is impossible
  const double c0 = squares * 2 - 2 * product + kFloor, c2 = -product;
  const Two c1 = -squares + product * (2 + walk);
  Two one_one{}, one_d{}, d_d{};        // of C^-1 with the spans (turns a difference covers) and differences
  Two d1{1, 1}, d2{1, 1}, l1_before{};  // pivots of the two rows before, and the last row's first off-diagonal
  Two u1{}, u2{}, y1{}, y2{};           // forward solutions of the two rows before
  Two determinant{1, 1}, log_determinant{};
  const auto take_logarithm = [&](std::size_t k) {
    log_determinant[k] += portable_log(determinant[k]);
    determinant[k] = 1;
  };
  const std::size_t n = d.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Two l2 = i >= 2 ? c2 / d2 : Two{};                                             // to row i - 2
    const Two l1 = i >= 1 ? (c1 - (i >= 2 ? l2 * d2 * l1_before : Two{})) / d1 : Two{};  // to row i - 1
    const Two pivot =
        c0 + walk * (squares + span[i] - 1) - (i >= 1 ? l1 * l1 * d1 : Two{}) - (i >= 2 ? l2 * l2 * d2 : Two{});
    const Two u = span[i] - l1 * u1 - l2 * u2;
    const Two y = d[i] - l1 * y1 - l2 * y2;
    one_one += u * u / pivot;
    one_d += u * y / pivot;
    d_d += y * y / pivot;
    determinant *= pivot;
    const auto far_off = (determinant > 1e200) | (determinant < 1e-200);
    if ((far_off[0] | far_off[1]) != 0) {
      for (std::size_t k = 0; k < 2; ++k) {
        if (far_off[k] != 0) take_logarithm(k);
      }
    }
    d2 = d1;
    d1 = pivot;
    l1_before = l1;
    u2 = u1;
    u1 = u;
    y2 = y1;
    y1 = y;
  }
  const double freedom = static_cast<double>(n - 1);
  std::array<Estimate, 2> both;
  for (std::size_t k = 0; k < 2; ++k) {
    Estimate& e = both[k];
    e.mean = one_d[k] / one_one[k];
    const double ss = std::max(d_d[k] - one_d[k] * one_d[k] / one_one[k], 1e-300);
    e.variance = ss / freedom / one_one[k];
    take_logarithm(k);
    e.log_likelihood = -0.5 * (freedom * portable_log(ss) + log_determinant[k] + portable_log(one_one[k]));
  }
  return both;
}

}  // namespace

ProcessPeriod process_period(std::span<const double> times, std::span<const double> turns) {
  const std::size_t n = times.size() - 1;
  const double nominal = (times[n] - times[0]) / (turns[n] - turns[0]);
  std::vector<double> d(n), span(n);
  for (std::size_t i = 0; i < n; ++i) {
    span[i] = turns[i + 1] - turns[i];
    d[i] = (times[i + 1] - times[i]) / nominal - span[i];  // relative to the nominal period: sums keep their digits
  }
  double squares = 0;
  for (const double x : d) squares += x * x;
  ProcessPeriod out;
  out.nu = static_cast<double>(n - 1);
  out.period = nominal;
  if (!(squares > 0)) return out;
  constexpr std::array<double, 3> kShares = {0, 0.5, 1};
  // Equal steps of the logarithm of q/v, from a walk that no record could show to one that hides all other noise.
  // Prior: half-Cauchy for the walk's sd in units of the timing noise's, which is wide and lets the record speak; and a
  // good part for no walk at all, without which the estimate would lose a tenth where there is none.
  constexpr double kLowestRatio = 1e-5, kStep = 2.1544346900318838;  // 10^(1/3)
  constexpr int kRatios = 24;                                        // whole pairs
  constexpr double kPriorScale = 0.1, kStill = 0.8;
  struct Point {
    Estimate e;
    double prior;
    bool walks;
  };
  std::vector<Point> grid;
  double walking = 0;
  for (const double a : kShares) {
    double ratio = kLowestRatio;
    for (int i = 0; i < kRatios; i += 2) {
      const Two ratios{ratio, ratio * kStep};
      const std::array<Estimate, 2> both = estimate(d, span, a, ratios);
      for (std::size_t k = 0; k < 2; ++k) {
        const double scaled = std::sqrt(ratios[k]) / kPriorScale;
        grid.push_back({both[k], scaled / (1 + scaled * scaled), true});
        walking += grid.back().prior;
      }
      ratio = ratios[1] * kStep;
    }
  }
  for (const double a : kShares) {
    grid.push_back({estimate(d, span, a, Two{})[0], kStill / (1 - kStill) * walking / kShares.size(), false});
  }
  double best = grid.front().e.log_likelihood;
  for (const Point& g : grid) best = std::max(best, g.e.log_likelihood);
  // The value is the mean over all. Its u comes from the points that walk alone, for a walk that a record does not show
  // is there all the same; and it holds how far the value lies from theirs.
  double weights = 0, mean = 0, walking_weights = 0, walking_mean = 0, variance = 0;
  for (Point& g : grid) {
    const double w = g.prior *= portable_exp(g.e.log_likelihood - best);
    weights += w;
    mean += w * g.e.mean;
    if (!g.walks) continue;
    walking_weights += w;
    walking_mean += w * g.e.mean;
    variance += w * g.e.variance;
  }
  mean /= weights;
  walking_mean /= walking_weights;
  for (const Point& g : grid) {
    if (g.walks) variance += g.prior * (g.e.mean - walking_mean) * (g.e.mean - walking_mean);
  }
  variance = variance / walking_weights + (mean - walking_mean) * (mean - walking_mean);
  out.period = nominal * (1 + mean);
  out.u = nominal * std::sqrt(variance);
  return out;
}

Jitter period_jitter(std::span<const double> periods, double floor) {
  const std::size_t n = periods.size();
  Jitter jitter;
  double mean = 0;
  for (const double p : periods) mean += p;
  mean /= static_cast<double>(n);
  const double centre = static_cast<double>(n - 1) / 2;
  double slope = 0, sxx = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = static_cast<double>(i) - centre;
    slope += x * (periods[i] - mean);
    sxx += x * x;
  }
  slope /= sxx;
  std::vector<double> residual(n);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    residual[i] = periods[i] - mean - slope * (static_cast<double>(i) - centre);
    squares += residual[i] * residual[i];
  }
  jitter.s = std::sqrt(squares / static_cast<double>(n - 2));
  jitter.n_eff = effective_count_of_variance(residual);
  const SigmaFactors factors = sigma_factors(jitter.n_eff - 2);
  const auto freed = [floor](double s) { return s > floor ? std::sqrt((s - floor) * (s + floor)) : 0.0; };
  jitter.sd = freed(jitter.s);
  jitter.low = freed(jitter.s * factors.low);
  jitter.high = freed(jitter.s * factors.high);
  return jitter;
}

}  // namespace penrig
