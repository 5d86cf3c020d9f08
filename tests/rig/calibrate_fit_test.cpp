#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/calibrate/polynomial_fit.hpp"
#include "rig/calibrate/prediction.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/rig/strd_data.hpp"

namespace penrig {
namespace {

using testing::certified;

struct Xy {
  std::vector<double> x, y;
};

/// repeats readings at each of 0, 1, ... 10, with this noise on f.
template <class F>
Xy points_of(F f, double noise, int repeats, std::uint64_t seed) {
  Random random(seed, "points");
  Xy points;
  for (int r = 0; r < repeats; ++r) {
    for (int i = 0; i <= 10; ++i) {
      points.x.push_back(i);
      points.y.push_back(f(static_cast<double>(i)) + noise * random.normal());
    }
  }
  return points;
}

TEST(LackOfFit, IsThatOfTheHandbookForNistsLoadCell) {
  // NIST/SEMATECH e-Handbook 4.6.1, the data of Pontius: F = 214.746 with 18 and 20 degrees of freedom for the line,
  // 0.8107 with 17 and 20 for the parabola. The further digits are those of rational arithmetic on the data.
  const auto data = certified("Pontius");
  const auto line = lack_of_fit(fit_polynomial(data.x, data.y, 1).value(), data.x, data.y).value();
  EXPECT_NEAR(line.f, 214.74692365392, 1e-9);
  EXPECT_EQ(line.dof_above, 18U);
  EXPECT_EQ(line.dof_below, 20U);
  EXPECT_LT(line.p, 1e-10);
  const auto parabola = lack_of_fit(fit_polynomial(data.x, data.y, 2).value(), data.x, data.y).value();
  EXPECT_NEAR(parabola.f, 0.8107, 5e-5);
  EXPECT_GT(parabola.p, 0.5);
}

TEST(LackOfFit, CannotBeTestedWithoutRepeats) {
  const Xy p = points_of([](double x) { return x; }, 0.1, 1, 1);
  EXPECT_FALSE(lack_of_fit(fit_polynomial(p.x, p.y, 1).value(), p.x, p.y));
}

TEST(Degree, OfNistsLoadCellIsTwo) {
  const auto data = certified("Pontius");
  const DegreeChoice choice = choose_degree(data.x, data.y).value();
  EXPECT_EQ(choice.fit().degree, 2U);
  EXPECT_TRUE(choice.fits);
  EXPECT_FALSE(choice.candidates[0].adequate);
}

TEST(Degree, OfNistsOzoneMonitorsIsOne) {
  const auto data = certified("Norris");
  EXPECT_EQ(choose_degree(data.x, data.y).value().fit().degree, 1U);
}

TEST(Degree, IsOneForMostLines) {
  int one = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Xy p = points_of([](double x) { return 3 + 5 * x; }, 1, 3, seed);
    one += choose_degree(p.x, p.y).value().fit().degree == 1 ? 1 : 0;
  }
  EXPECT_GE(one, 175) << "of 200: the tests are at 5 and 2.5 %";
}

TEST(Degree, SeesTheCubicTermThatHidesBehindNoSquare) {
  const auto cubic = [](double x) { return 5 * x + 0.05 * (x - 5) * (x - 5) * (x - 5); };
  for (const int repeats : {1, 3}) {
    const Xy p = points_of(cubic, 0.1, repeats, 7);
    EXPECT_EQ(choose_degree(p.x, p.y).value().fit().degree, 3U) << repeats << " repeats";
  }
}

TEST(Degree, SaysWhenNoneFits) {
  // Points that repeat perfectly well, on a saw that no polynomial of degree five meets.
  const auto saw = [](double x) { return 100 * x + (static_cast<int>(x) % 2 == 0 ? 1 : -1); };
  const Xy p = points_of(saw, 0.01, 3, 3);
  const DegreeChoice choice = choose_degree(p.x, p.y).value();
  EXPECT_FALSE(choice.fits);
}

TEST(Degree, OfPointsWithoutScatterIsTheirOwn) {
  const auto data = certified("Wampler1");
  EXPECT_EQ(choose_degree(data.x, data.y).value().fit().degree, 5U);
  const Xy line = points_of([](double x) { return 2 + 3 * x; }, 0, 2, 1);
  EXPECT_EQ(choose_degree(line.x, line.y).value().fit().degree, 1U);
}

TEST(Degree, IsAtMostWhatThePointsCanTell) {
  const Xy p{{1, 2, 3, 1, 2, 3}, {1.1, 2, 3.2, 1, 2.1, 3}};
  EXPECT_EQ(choose_degree(p.x, p.y).value().candidates.size(), 1U);
}

TEST(Fit, RefusesWhatDetermineNothing) {
  const std::vector<double> x{1, 1, 1, 2}, y{1, 2, 3, 4};
  EXPECT_TRUE(fit_polynomial(x, y, 1).has_value());
  EXPECT_FALSE(fit_polynomial(x, y, 2).has_value()) << "two different x";
  EXPECT_FALSE(fit_polynomial(x, y, 6).has_value());
  EXPECT_FALSE(fit_polynomial(std::vector<double>{1, 2}, std::vector<double>{1, 2}, 1).has_value()) << "nothing left";
  EXPECT_FALSE(fit_polynomial(x, std::vector<double>{1, 2, NAN, 4}, 1).has_value());
  EXPECT_FALSE(fit_polynomial(x, std::vector<double>{1, 2, 3}, 1).has_value());
  EXPECT_FALSE(fit_polynomial(x, y, 1, true, std::vector<double>{1, 0, 1, 1}).has_value()) << "a weight of 0";
}

TEST(Fit, TakesAWeightAsSoManyPoints) {
  const std::vector<double> x{0, 1, 2, 3}, y{0.1, 0.9, 2.3, 2.8}, weights{1, 2, 3, 1};
  std::vector<double> many_x, many_y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (int k = 0; k < static_cast<int>(weights[i]); ++k) many_x.push_back(x[i]), many_y.push_back(y[i]);
  }
  const auto weighted = fit_polynomial(x, y, 1, true, weights).value();
  const auto repeated = fit_polynomial(many_x, many_y, 1).value();
  EXPECT_NEAR(weighted.coefficients[0], repeated.coefficients[0], 1e-15);
  EXPECT_NEAR(weighted.coefficients[1], repeated.coefficients[1], 1e-15);
  EXPECT_NEAR(weighted.residual_ss, repeated.residual_ss, 1e-15);
}

TEST(Fit, GivesTheSameBitsEverywhere) {
  // Taken down once; the fit uses +, -, *, / and roots alone.
  const auto data = certified("Norris");
  const auto fit = fit_polynomial(data.x, data.y, 2).value();
  EXPECT_EQ(fit.coefficients[0], -0x1.cba88d5bf732ap-2);
  EXPECT_EQ(fit.coefficient_sd[2], 0x1.a50fb635e0e98p-20);
}

TEST(LowerLimitFactor, OfNistsLoadCellFollowsFromItsCertifiedResidualSd) {
  // ASTM E74, 8.5: LLF = 2.4 s_m, s_m = sqrt(sum d^2 / (n - m - 1)); for m = 2 and n = 40 that root is the residual sd
  // that NIST certifies for Pontius, 0.205177424076185E-03. As a force: times the mean of force over deflection.
  const auto data = certified("Pontius");
  const auto fit = fit_polynomial(data.x, data.y, 2).value();
  const LowerLimitFactor llf = lower_limit_factor(fit, data.x, data.y, 0);
  EXPECT_NEAR(llf.s_m, 0.205177424076185e-3, 1e-16);
  double ratio = 0;
  for (std::size_t i = 0; i < data.x.size(); ++i) ratio += data.x[i] / (data.y[i] - fit.coefficients[0]) / 40;
  EXPECT_NEAR(llf.llf, 2.4 * 0.205177424076185e-3 * ratio, 1e-6);
  EXPECT_NEAR(llf.llf, 677.295, 0.001) << "by rational arithmetic on the data";
  EXPECT_DOUBLE_EQ(llf.class_a_from, 400 * llf.llf);
  EXPECT_DOUBLE_EQ(llf.class_aa_from, 2000 * llf.llf);
  EXPECT_TRUE(llf.class_a && llf.class_aa);
}

TEST(LowerLimitFactor, IsNotBelowTheResolutionNorBelowWhatWasApplied) {
  const Xy p = points_of([](double x) { return 1000 * x; }, 0, 3, 1);
  const auto fit = fit_polynomial(p.x, p.y, 1).value();
  const LowerLimitFactor llf = lower_limit_factor(fit, p.x, p.y, 1);
  EXPECT_NEAR(llf.llf, 1e-3, 1e-12);
  EXPECT_NEAR(llf.class_a_from, 1, 1e-12) << "0.4 N lies below the lowest force";
  EXPECT_NEAR(llf.class_aa_from, 2, 1e-9);
}

TEST(InversePrediction, OfALineIsFiellers) {
  const Xy p = points_of([](double x) { return 3 + 2 * x; }, 0.4, 2, 5);
  const auto fit = fit_polynomial(p.x, p.y, 1).value();
  const double y = 11.2, m = 3;
  const InversePrediction found = predict_inverse(fit, y, 3).value();
  // Fieller: (y - a - b x)^2 = k^2 (s^2/m + s^2/n + s^2 (x - xm)^2/Sxx), a square equation in d = x - xm.
  const double n = static_cast<double>(p.x.size()), xm = 5, sxx = 2 * 110, s = fit.residual_sd;
  const double b = fit.coefficients[1], e = y - fit.at(xm), k = found.k;
  const double qa = b * b - k * k * s * s / sxx, qb = -2 * b * e, qc = e * e - k * k * s * s * (1 / m + 1 / n);
  const double root = std::sqrt(qb * qb - 4 * qa * qc);
  EXPECT_NEAR(found.low, xm + (-qb - root) / (2 * qa), 1e-9);
  EXPECT_NEAR(found.high, xm + (-qb + root) / (2 * qa), 1e-9);
  EXPECT_NEAR(found.x, (y - fit.coefficients[0]) / b, 1e-9);
  EXPECT_NEAR(found.u, s * std::sqrt(1 / m + 1 / n + (found.x - xm) * (found.x - xm) / sxx) / b, 1e-9);
}

TEST(InversePrediction, IntervalsHoldTheTrueValueAsOftenAsTheySay) {
  const std::uint64_t seed = 11;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed, "inverse");
  for (const unsigned degree : {1U, 2U, 3U}) {
    const auto f = [&](double x) {
      return 1 + 4 * x + (degree > 1 ? 0.2 * x * x : 0) + (degree > 2 ? 0.02 * x * x * x : 0);
    };
    int held = 0, outside = 0;
    constexpr int kTrials = 4000;
    for (int t = 0; t < kTrials; ++t) {
      Xy p;
      for (int i = 0; i <= 10; ++i) {
        p.x.push_back(i);
        p.y.push_back(f(i) + 0.5 * random.normal());
      }
      const auto fit = fit_polynomial(p.x, p.y, degree).value();
      const double x = random.uniform(0.5, 9.5);
      const auto found = predict_inverse(fit, f(x) + 0.5 * random.normal());
      if (!found) {
        ++outside;
      } else {
        held += found->low <= x && x <= found->high ? 1 : 0;
      }
    }
    EXPECT_LT(outside, kTrials / 100) << degree;
    EXPECT_NEAR(held / static_cast<double>(kTrials - outside), 0.9545, 0.012)
        << "degree " << degree << ", seed " << seed;
  }
}

TEST(InversePrediction, TakesAFallingCurve) {
  const Xy p = points_of([](double x) { return 50 - 3 * x; }, 0.1, 2, 5);
  const InversePrediction found = predict_inverse(fit_polynomial(p.x, p.y, 1).value(), 35).value();
  EXPECT_NEAR(found.x, 5, 0.1);
  EXPECT_LT(found.low, found.x);
  EXPECT_GT(found.high, found.x);
}

TEST(InversePrediction, RefusesWhatWasNotCalibrated) {
  const Xy p = points_of([](double x) { return 2 * x; }, 0.01, 2, 5);
  const auto fit = fit_polynomial(p.x, p.y, 1).value();
  EXPECT_FALSE(predict_inverse(fit, 22)) << "11 is beyond 10 by more than a twentieth of the range";
  EXPECT_FALSE(predict_inverse(fit, -3));
  const Xy bent = points_of([](double x) { return (x - 5) * (x - 5); }, 0.01, 2, 5);
  const auto turns = predict_inverse(fit_polynomial(bent.x, bent.y, 2).value(), 4);
  ASSERT_FALSE(turns);
  EXPECT_NE(turns.error().message.find("turns"), std::string::npos);
  const Xy noise = points_of([](double) { return 0.0; }, 1, 1, 5);
  EXPECT_FALSE(predict_inverse(fit_polynomial(noise.x, noise.y, 1).value(), 0)) << "no slope stands out";
}

TEST(InversePrediction, OfAnExactLineHasNoWidth) {
  const Xy p = points_of([](double x) { return 2 * x; }, 0, 2, 5);
  const InversePrediction found = predict_inverse(fit_polynomial(p.x, p.y, 1).value(), 7).value();
  EXPECT_NEAR(found.x, 3.5, 1e-12);
  EXPECT_NEAR(found.high - found.low, 0, 1e-9);
}

}  // namespace
}  // namespace penrig
