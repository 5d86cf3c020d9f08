#include "rig/measure/crank_series.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cycle_series.hpp"

namespace penrig {
namespace {

constexpr double kSigma = 20;

/// Turns of one crank after the other, each of another length; with noise.
class Record {
 public:
  Record() {
    Random random(11, "crank series");
    double start = 40.3;
    for (std::size_t i = 0; i < 11; ++i) {
      const double period = 500 + 7 * random.normal();
      parts.push_back({start, start + period, i == 3 ? 30.0 : 0, i == 6 ? 40.0 : 0});
      start += period;
    }
    counts.resize(static_cast<std::size_t>(start) + 50);
    std::size_t cycle = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto at = static_cast<double>(i);
      while (cycle + 1 < parts.size() && at > parts[cycle].end) ++cycle;
      const double turns = (at - parts[cycle].start) / (parts[cycle].end - parts[cycle].start);
      const double y = 30'000 - 25'000 * turn(turns).re + 900 * turn(2 * turns).re + 40 * turn(3 * turns).im;
      counts[i] = static_cast<std::int32_t>(std::lround(y + kSigma * random.normal()));
    }
  }

  std::vector<std::int32_t> counts;
  std::vector<CyclePart> parts;
};

/// Least squares of so many unknowns, by elimination.
class Elimination {
 public:
  explicit Elimination(std::size_t n) : n_(n), rows_(n, std::vector<long double>(n + 1)) {}
  void add(const std::vector<long double>& by, long double y) {
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) rows_[i][j] += by[i] * by[j];
      rows_[i][n_] += by[i] * y;
    }
  }
  std::vector<long double> solve() const { return solve(column()); }
  /// g^T M^-1 g.
  long double quadratic(const std::vector<long double>& g) const {
    const std::vector<long double> x = solve(g);
    return std::inner_product(g.begin(), g.end(), x.begin(), 0.0L);
  }

 private:
  std::vector<long double> column() const {
    std::vector<long double> right;
    for (const auto& row : rows_) right.push_back(row[n_]);
    return right;
  }
  std::vector<long double> solve(std::vector<long double> right) const {
    auto rows = rows_;
    for (std::size_t j = 0; j < n_; ++j) {
      for (std::size_t i = 0; i < n_; ++i) {
        if (i == j) continue;
        const long double share = rows[i][j] / rows[j][j];
        for (std::size_t k = 0; k < n_; ++k) rows[i][k] -= share * rows[j][k];
        right[i] -= share * right[j];
      }
    }
    for (std::size_t i = 0; i < n_; ++i) right[i] /= rows[i][i];
    return right;
  }

  std::size_t n_;
  std::vector<std::vector<long double>> rows_;
};

/// Terms of the series at a phase, or their derivatives by it, of one sample or of a block.
std::vector<long double> terms_at(double turns, int harmonics, bool slope) {
  std::vector<long double> by{slope ? 0.0L : 1.0L};
  for (int k = 1; k <= harmonics; ++k) {
    const Complex w = turn(k * turns);
    by.push_back(slope ? -k * w.im : w.re);
    by.push_back(slope ? k * w.re : w.im);
  }
  return by;
}

TEST(FitSeries, IsTheLeastSquaresOfEachCycle) {
  const Record record;
  for (const double turn_samples : {100.0, 500.0, 2000.0}) {
    const BlockSums blocks(record.counts, turn_samples);
    for (const int harmonics : {1, 2, 4, 6}) {
      const std::vector<CycleFit> fits = fit_series_and_tops(blocks, record.parts, harmonics);
      ASSERT_EQ(fits.size(), record.parts.size());
      for (std::size_t i = 0; i < fits.size(); ++i) {
        const CycleFit& fit = fits[i];
        const CyclePart& part = record.parts[i];
        ASSERT_EQ(fit.harmonics, harmonics);
        const auto terms = static_cast<std::size_t>(2 * harmonics + 1);
        Elimination plain(terms);
        std::vector<std::vector<long double>> all;
        std::vector<long double> sums;
        for (std::size_t b = 0; b < blocks.sums().size(); ++b) {
          const auto per_block = static_cast<double>(fit.per_block);
          const double first = static_cast<double>(b) * per_block, middle = first + 0.5 * (per_block - 1);
          if (middle < part.start + part.skip_first || middle >= part.end - part.skip_last) continue;
          std::vector<long double> by(terms);
          for (std::size_t s = 0; s < fit.per_block; ++s) {
            const auto one = terms_at((first + static_cast<double>(s) - fit.start) / fit.period, harmonics, false);
            for (std::size_t t = 0; t < terms; ++t) by[t] += one[t];
          }
          all.push_back(by);
          sums.push_back(blocks.sums()[b]);
          plain.add(by, sums.back());
        }
        EXPECT_EQ(fit.samples, all.size() * fit.per_block);
        const std::vector<long double> c = plain.solve();
        long double left = 0;
        for (std::size_t b = 0; b < all.size(); ++b) {
          const long double r = sums[b] - std::inner_product(c.begin(), c.end(), all[b].begin(), 0.0L);
          left += r * r;
        }
        const auto per_block = static_cast<long double>(fit.per_block);
        for (std::size_t t = 0; t < terms; ++t) EXPECT_NEAR(fit.c[t], static_cast<double>(c[t]), 1e-8) << t;
        EXPECT_NEAR(fit.residual_ss / static_cast<double>(left / per_block), 1, 1e-6);
        EXPECT_NEAR(fit.top_turns, extreme_near(fit, 0.5), 1e-13);
        EXPECT_NEAR(fit.top, fit.at_turns(fit.top_turns).value, 1e-9);
        const auto u = [&](bool slope) {
          const long double variance = plain.quadratic(terms_at(fit.top_turns, harmonics, slope));
          return static_cast<double>(std::sqrt(variance * per_block));
        };
        EXPECT_NEAR(fit.u_top / u(false), 1, 1e-9);
        const double curvature = std::abs(fit.at_turns(fit.top_turns).curvature);
        EXPECT_NEAR(fit.u_time / (u(true) / curvature * fit.period / kTwoPi), 1, 1e-9);
      }
    }
  }
}

TEST(FitSeries, LeavesOutACycleThatCannotBeFitted) {
  const Record record;
  std::vector<CyclePart> parts = record.parts;
  parts[4].end = parts[4].start + 5;
  parts[9].end = static_cast<double>(record.counts.size()) + 1;
  const BlockSums blocks(record.counts, 500);
  const std::vector<CycleFit> all = fit_series_and_tops(blocks, record.parts, 4),
                              some = fit_series_and_tops(blocks, parts, 4);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool left_out = i == 4 || i == 9;
    EXPECT_EQ(some[i].harmonics, left_out ? 0 : 4) << i;
    if (left_out) continue;
    // Another cycle stands beside it now.
    EXPECT_NEAR(some[i].top, all[i].top, 1e-8) << i;
    EXPECT_NEAR(some[i].top_index(), all[i].top_index(), 1e-10) << i;
  }
}

TEST(CrankFits, HaveTheExtremesAndPointsThatEachHas) {
  const Record record;
  std::vector<CycleFit> fits = fit_series(BlockSums(record.counts, 500), record.parts, 4);
  fits[5] = CycleFit{};  // nothing was fitted
  const std::vector<std::size_t> which = {10, 0, 1, 2, 3, 4, 5, 6, 9, 7};
  for (const double near : {0.0, 0.5, 0.43}) {
    const std::vector<double> extremes = extremes_near(fits, which, near);
    const std::vector<CycleFit::Point> points = points_at(fits, which, extremes);
    ASSERT_EQ(extremes.size(), which.size());
    ASSERT_EQ(points.size(), which.size());
    for (std::size_t w = 0; w < which.size(); ++w) {
      const CycleFit& fit = fits[which[w]];
      EXPECT_NEAR(extremes[w], extreme_near(fit, near), 1e-12) << w;
      const CycleFit::Point at = fit.at_turns(extremes[w]);
      EXPECT_NEAR(points[w].value, at.value, 1e-9) << w;
      EXPECT_NEAR(points[w].slope, at.slope, 1e-9) << w;
      EXPECT_NEAR(points[w].curvature, at.curvature, 1e-9) << w;
    }
  }
}

TEST(CrankFits, HaveTheirBottomWhereTheirTurnBegins) {
  const Record record;
  for (const CycleFit& fit : fit_series(BlockSums(record.counts, 500), record.parts, 4)) {
    const CycleFit::Point bottom = fit.at_bottom(), at = fit.at_turns(0);
    EXPECT_EQ(bottom.value, at.value);
    EXPECT_EQ(bottom.slope, at.slope);
    EXPECT_EQ(bottom.curvature, at.curvature);
  }
}

TEST(CrankFits, LeaveOutHarmonicsThatDoNotCount) {
  const Record record;
  const std::vector<CycleFit> fits = fit_series(BlockSums(record.counts, 500), record.parts, 4);
  const std::vector<std::size_t> which = {8, 2};
  UsedHarmonics used{};
  used[1] = used[3] = true;
  const std::vector<double> turns = {0.4, 0.7};
  const std::vector<CycleFit::Point> points = points_at(fits, which, turns, used);
  for (std::size_t w = 0; w < which.size(); ++w) {
    CycleFit fit = fits[which[w]];
    for (const int k : {2, 4}) fit.c[cosine_term(k)] = fit.c[sine_term(k)] = 0;
    EXPECT_NEAR(points[w].value, fit.at_turns(turns[w]).value, 1e-9);
  }
}

}  // namespace
}  // namespace penrig
