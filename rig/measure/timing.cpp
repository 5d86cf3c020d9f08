#include "rig/measure/timing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "rig/base/eight.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// What one covariance says about the mean of the differences.
struct Estimate {
  double mean = 0, variance = 0, log_likelihood = 0;
};

/// Of four covariances side by side, as far as the rows go that were taken: what the next row of their L D L^T and the
/// estimates need.
struct Factorisations {
  static constexpr double kLeast = 1e-200, kMost = 1e200;  ///< of a determinant, between two rows
  // Reciprocals of the pivots of the two rows before, and the last row's first off-diagonal.
  Four per_d1 = Four{} + 1.0, per_d2 = per_d1, l1_before{};
  Four u1{}, u2{}, y1{}, y2{};      ///< forward solutions of the two rows before
  Four one_one{}, one_d{}, d_d{};   ///< of C^-1 with the spans (turns a difference covers) and differences
  Four determinant = Four{} + 1.0;  ///< of the rows whose logarithm is not taken yet
  std::array<double, 4> log_determinant{};

  /// l2, l1: of the row's factor, to the row before the last, and to the last.
  [[gnu::always_inline]] void take(const Four& pivot, const Four& l2, const Four& l1, double span, double d) {
    const Four u = span - l1 * u1 - l2 * u2, y = d - l1 * y1 - l2 * y2;
    const Four per_pivot = 1 / pivot, weighted = u * per_pivot;
    one_one += u * weighted;
    one_d += y * weighted;
    d_d += y * y * per_pivot;
    determinant = determinant * pivot;
    if (any_beyond(determinant)) take_logarithms(kLeast, kMost);
    per_d2 = per_d1;
    per_d1 = per_pivot;
    l1_before = l1;
    u2 = u1;
    u1 = u;
    y2 = y1;
    y1 = y;
  }

  [[gnu::always_inline]] static bool any_beyond(const Four& x) {
    const auto is = (x > kMost) | (x < kLeast);
    return (is[0] | is[1] | is[2] | is[3]) != 0;
  }
  /// Of the determinants that do not lie within.
  void take_logarithms(double low, double high) {
    for (std::size_t k = 0; k < log_determinant.size(); ++k) {
      if (determinant[k] >= low && determinant[k] <= high) continue;
      log_determinant[k] += portable_log(determinant[k]);
      determinant[k] = 1;
    }
  }
};

/// Differences of times that are the mean of two neighbours (weights 1 : a) of a walking phase with timing noise of
/// variance 1: autocovariances of (1 + a B)(w + (1 - B) n), two off-diagonals, factorised on the way as L D L^T. For
/// four such walks and weights side by side: what eight need stands in no processor's registers.
/// @param d, span  n each.
PENRIG_EACH_PROCESSOR void estimate(const double* d, const double* span, std::size_t n, const double* shares,
                                    const double* walks, Estimate* estimates) {
  Four a, walk;
  std::memcpy(&a, shares, sizeof a);
  std::memcpy(&walk, walks, sizeof walk);
  const Four weight = 1 / ((1 + a) * (1 + a)), squares = (1 + a * a) * weight, product = a * weight;
  // The estimator's own noise; keeps a = 1 from claiming that alternation is impossible.
  constexpr double kFloor = 1e-4;
  const Four c0 = squares * 2 - 2 * product + kFloor, c1 = -squares + product * (2 + walk), c2 = -product;
  const auto diagonal = [&](std::size_t i) { return c0 + walk * (squares + span[i] - 1); };
  Factorisations rows;
  if (n > 0) rows.take(diagonal(0), Four{}, Four{}, span[0], d[0]);
  if (n > 1) {
    const Four l1 = c1 * rows.per_d1;
    rows.take(diagonal(1) - c1 * l1, Four{}, l1, span[1], d[1]);
  }
  for (std::size_t i = 2; i < n; ++i) {
    const Four to_last = c1 - c2 * rows.l1_before, l2 = c2 * rows.per_d2, l1 = to_last * rows.per_d1;
    rows.take(diagonal(i) - to_last * l1 - c2 * l2, l2, l1, span[i], d[i]);
  }
  rows.take_logarithms(1, 1);  // of all
  const double freedom = static_cast<double>(n - 1);
  for (std::size_t k = 0; k < 4; ++k) {
    Estimate& e = estimates[k];
    const double one_one = rows.one_one[k], one_d = rows.one_d[k];
    e.mean = one_d / one_one;
    const double ss = std::max(rows.d_d[k] - one_d * one_d / one_one, 1e-300);
    e.variance = ss / freedom / one_one;
    e.log_likelihood = -0.5 * (freedom * portable_log(ss) + rows.log_determinant[k] + portable_log(one_one));
  }
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
  constexpr std::size_t kRatios = 24;                                // whole fours
  constexpr double kPriorScale = 0.1, kStill = 0.8;
  struct Point {
    Estimate e;
    double prior;
    bool walks;
  };
  std::vector<Point> grid;
  double walking = 0;
  std::array<double, 4> shares{}, ratios{};
  std::array<Estimate, 4> estimates;
  for (const double a : kShares) {
    shares.fill(a);
    double ratio = kLowestRatio;
    for (std::size_t i = 0; i < kRatios; i += ratios.size()) {
      for (double& of_lane : ratios) of_lane = std::exchange(ratio, ratio * kStep);
      estimate(d.data(), span.data(), n, shares.data(), ratios.data(), estimates.data());
      for (std::size_t k = 0; k < ratios.size(); ++k) {
        const double scaled = std::sqrt(ratios[k]) / kPriorScale;
        grid.push_back({estimates[k], scaled / (1 + scaled * scaled), true});
        walking += grid.back().prior;
      }
    }
  }
  std::copy(kShares.begin(), kShares.end(), shares.begin());  // what stands behind them counts nowhere
  ratios.fill(0);
  estimate(d.data(), span.data(), n, shares.data(), ratios.data(), estimates.data());
  for (std::size_t k = 0; k < kShares.size(); ++k) {
    grid.push_back({estimates[k], kStill / (1 - kStill) * walking / kShares.size(), false});
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
  jitter.n_eff = effective_count_of_variance(residual, spread_of(residual));
  const SigmaFactors factors = sigma_factors(jitter.n_eff - 2);
  const auto freed = [floor](double s) { return s > floor ? std::sqrt((s - floor) * (s + floor)) : 0.0; };
  jitter.sd = freed(jitter.s);
  jitter.low = freed(jitter.s * factors.low);
  jitter.high = freed(jitter.s * factors.high);
  return jitter;
}

}  // namespace penrig
