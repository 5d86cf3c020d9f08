#include "rig/measure/conformity.hpp"

#include <array>
#include <cmath>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <gtest/gtest.h>

#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "tests/rig/decision_cases.hpp"
#include "tests/rig/not_a_number.hpp"

namespace penrig {
namespace {

using namespace decisions;

constexpr std::uint64_t kConformitySeed = 20261127;

/// With U and nothing else said; nu_eff infinite.
Measurement value_with_u(const char* id, double value, double expanded_u) {
  Measurement m;
  m.measurand = id;
  m.depth_mm = 2.5;
  m.rate_per_min = 9000;
  m.value = value;
  m.expanded_u = expanded_u;
  return m;
}
Decision decided(const Limit& limit, Measurement m) {
  return decide(requirement(m.measurand.c_str(), limit), m, std::vector<StrokeRow>{});
}

TEST(Conformity, OfANormalValueIsTheShareOfItsDistributionInsideTheLimits) {
  // JCGM 106, 7.3.2 example: y one standard uncertainty below the limit, 84 %.
  EXPECT_EQ(decided(at_most(100), value_with_u("stop_latency", 95, 10)).conformity, 0.8413447461);
  EXPECT_EQ(decided(at_least(-0.1), value_with_u("parked_extension", -0.12, 0.02)).conformity, 0.02275013195);
  EXPECT_EQ(decided(between(-1, 1), value_with_u("rate_report_error", 0, 2)).conformity, 0.6826894921);
  EXPECT_EQ(decided(within(0.15), value_with_u("penetration", 2.65, 0.02)).conformity, 0.5);
}

TEST(Conformity, FarOutsideKeepsItsDigits) {
  const std::optional<double> p = decided(at_most(100), value_with_u("stop_latency", 150, 10)).conformity;
  ASSERT_TRUE(p);
  EXPECT_NEAR(*p / 7.61985302416e-24, 1, 1e-9);  // ten standard uncertainties
}

TEST(Conformity, OfFewDegreesOfFreedomIsStudents) {
  Measurement m = measured("peak_force", 0.79, {observed_line(kRepeatability, 0.01, 1)});
  EXPECT_EQ(decided(at_most(0.8), m).conformity, 0.75);  // one scale of a Cauchy distribution
}

TEST(Conformity, OfAnAsymmetricValueHasTheStatedIntervalWithTheStatedProbabilityInBothTails) {
  Measurement m = value_with_u("period_jitter", 23.4, 3);
  m.low = 21.0;
  m.high = 26.4;
  m.k = 1.96;
  m.nu_eff = 60;  // held by the interval already
  EXPECT_EQ(decided(at_most(26.4), m).conformity, 0.9750021049);
  EXPECT_EQ(decided(at_most(21.0), m).conformity, 0.02499789515);
  EXPECT_EQ(decided(at_most(23.4), m).conformity, 0.5);
  EXPECT_EQ(decided(between(21.0, 26.4), m).conformity, 0.9500042097);
  EXPECT_EQ(decided(at_most(30), m).false_acceptance_max, 0.02499789515);
}

TEST(Conformity, OfALimitOfConfidenceHasAllOfItsProbabilityOnThatSide) {
  Measurement m = value_with_u("period_jitter", 0, 4);
  m.low = 0;
  m.high = 4;
  m.k = 1.96;
  EXPECT_EQ(decided(at_most(4), m).conformity, 0.9500042097);
  EXPECT_EQ(decided(at_most(10), m).false_acceptance_max, 0.04999579030);
}

TEST(Conformity, OfAQuantityThatCannotBeNegativeIsCutAtZero) {
  // depth_linearity 0 with u = 1: half a normal distribution.
  EXPECT_EQ(decided(at_most(1), value_with_u("depth_linearity", 0, 2)).conformity, 0.6826894921);
  EXPECT_EQ(decided(at_most(1), value_with_u("surface_sink", 0, 2)).conformity, 0.8413447461) << "this one can be";
}

TEST(Conformity, IsSaidOfNothingThatHasNoDistribution) {
  const auto none = [](const Decision& d) { return !d.conformity && !d.false_acceptance_max; };
  EXPECT_TRUE(none(decided(at_most(0), value_with_u("missed_strokes", 1, 0)))) << "a count";
  Measurement text = value_with_u("firmware", 0, 0);
  text.text_value = "2.4.1";
  Limit allowed;
  allowed.allowed = {"2.4.*"};
  EXPECT_TRUE(none(decided(allowed, text)));
  Measurement at_least_this = value_with_u("stop_latency", 150, 1);
  at_least_this.censored_high = true;
  EXPECT_TRUE(none(decided(at_most(200), at_least_this)));
  EXPECT_TRUE(none(decided(at_most(149), at_least_this)));
  EXPECT_TRUE(none(decided(at_most(200), value_with_u("stop_latency", 150, 0)))) << "an error: no U";
  EXPECT_TRUE(none(decided(at_most(200), value_with_u("stop_latency", kNan, 1)))) << "an error: no number";
  Measurement unset = value_with_u("stop_latency", 0, 1);
  unset.value.reset();
  EXPECT_TRUE(none(decided(at_most(200), unset)));
}

TEST(Conformity, IsNotSaidByWhatIsNoNumber) {
  const Bounds bounds{std::nullopt, 100.0};
  Measurement m = value_with_u("stop_latency", 90, 10);
  m.k = 0;
  EXPECT_FALSE(conformity_of_value(m, bounds));
  m.k = 2;
  m.nu_eff = kNan;
  EXPECT_FALSE(conformity_of_value(m, bounds));
  m.nu_eff = 0;
  EXPECT_TRUE(conformity_of_value(m, bounds));
  EXPECT_FALSE(conformity_of_value(m, {}));
  EXPECT_FALSE(conformity_of_value(m, {100.0, 90.0}));
  EXPECT_FALSE(conformity_of_value(m, {kNan, std::nullopt}));
  EXPECT_FALSE(false_acceptance_of_value(m, bounds, -1));
  EXPECT_FALSE(false_acceptance_of_value(m, bounds, kNan));
  ToleranceInterval t{-1, 1, 0, 0.3, 3.2, 2, 0.01};
  EXPECT_TRUE(conformity_of_strokes(t, 40, bounds));
  EXPECT_FALSE(conformity_of_strokes(t, 1, bounds)) << "no degree of freedom";
  t.u_sys = 0;
  EXPECT_FALSE(conformity_of_strokes(t, 40, bounds));
}

TEST(FalseAcceptanceMax, IsNoneAtAllWhereNothingCanBeAccepted) {
  EXPECT_EQ(decided(within(0.01), value_with_u("penetration", 2.5, 0.02)).false_acceptance_max, 0);
}

// --- calibrated: of the decisions that say p, the share p is right ----------------------------------------------

/// Stated conformity against what was true, in ten bins.
class Calibration {
 public:
  void add(const std::optional<double>& stated, bool conformed) {
    ASSERT_TRUE(stated);
    Bin& bin = bins_.at(std::min<std::size_t>(static_cast<std::size_t>(*stated * 10), 9));
    bin.count += 1;
    bin.stated += *stated;
    bin.variance += *stated * (1 - *stated);
    bin.conformed += conformed ? 1 : 0;
  }
  /// margin: what an approximation may add, as a share; sampling comes on top, at four standard deviations.
  void expect_right(double fewest, double margin) const {
    for (const Bin& bin : bins_) {
      ASSERT_GE(bin.count, fewest) << "seed " << kConformitySeed;
      EXPECT_NEAR(bin.conformed / bin.count, bin.stated / bin.count, margin + 4 * std::sqrt(bin.variance) / bin.count)
          << "of " << bin.count << ", seed " << kConformitySeed;
    }
  }

 private:
  struct Bin {
    double count = 0, stated = 0, variance = 0, conformed = 0;
  };
  std::array<Bin, 10> bins_{};
};

TEST(CalibratedConformity, OfAValueOfWhichNothingWasKnownBefore) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "flat");
  Calibration one, two, relative;
  Limit percent;
  percent.tolerance_percent = 0.1;  // 9 of 9000
  for (int i = 0; i < 60'000; ++i) {
    const double u = random.uniform(2, 6), truth = random.uniform(-40, 40);
    const auto value = [&](const char* id, double true_value) {
      return measured(id, true_value + u * random.normal(), {normal_line("scale", u)});
    };
    one.add(decided(at_most(3), value("surface_sink", truth)).conformity, truth <= 3);
    two.add(decided(between(-9, 9), value("rate_report_error", truth)).conformity, std::abs(truth) <= 9);
    relative.add(decided(percent, value("stroke_rate", 9000 + truth)).conformity, std::abs(truth) <= 9);
  }
  one.expect_right(700, 0);
  two.expect_right(700, 0);
  relative.expect_right(700, 0);
}

TEST(CalibratedConformity, OfAValueThatCannotBeNegative) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "floor");
  Calibration calibration;
  for (int i = 0; i < 60'000; ++i) {
    const double truth = random.uniform(0, 12);
    const Measurement m = measured("depth_linearity", truth + random.normal(), {normal_line("settings", 1)});
    calibration.add(decided(at_most(2), m).conformity, truth <= 2);
  }
  calibration.expect_right(500, 0);
}

TEST(CalibratedConformity, OfTheMeanOfFiveValuesOfUnknownSpread) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "student");
  Calibration calibration;
  std::vector<double> values(5);
  for (int i = 0; i < 1'200'000; ++i) {
    // Nothing known of sigma: every order of magnitude alike. What counts lies far from the ends of both ranges.
    const double sigma = portable_exp(random.uniform(portable_log(0.5), portable_log(60)));
    const double truth = random.uniform(-150, 150);
    for (double& v : values) v = truth + sigma * random.normal();
    const Spread s = spread_of(values);
    if (!(s.sd > 4 && s.sd < 8) || std::abs(s.mean) > 20) continue;
    const Measurement m = measured("surface_sink", s.mean, {observed_line(kRepeatability, s.sd / std::sqrt(5.0), 4)});
    calibration.add(decided(between(-7, 7), m).conformity, std::abs(truth) <= 7);
  }
  calibration.expect_right(200, 0);
}

TEST(CalibratedConformity, OfAJitterByItsChiSquaredInterval) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "jitter");
  Calibration calibration;
  constexpr int kPeriods = 60;
  const SigmaFactors factors = sigma_factors(kPeriods);
  for (int i = 0; i < 60'000; ++i) {
    const double sigma = portable_exp(random.uniform(portable_log(10), portable_log(40)));
    double squares = 0;
    for (int k = 0; k < kPeriods; ++k) {
      const double z = random.normal();
      squares += z * z;
    }
    Measurement m = value_with_u("period_jitter", sigma * std::sqrt(squares / kPeriods), 1);
    m.low = *m.value * factors.low;
    m.high = *m.value * factors.high;
    m.k = 1.96;
    calibration.add(decided(at_most(20), m).conformity, sigma <= 20);
  }
  // Halves of a normal distribution are not chi squared, but for both ends of the interval: half a percent to two
  // between them (60 periods).
  calibration.expect_right(300, 0.02);
}

TEST(CalibratedConformity, OfStrokesOfWhich99PercentMustLieInside) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "strokes");
  constexpr double kUSys = 0.02;
  Calibration both, above;
  std::vector<double> depths(12);
  for (int i = 0; i < 100'000; ++i) {
    const double sigma = portable_exp(random.uniform(portable_log(0.008), portable_log(0.3)));
    const double truth = 2.5 + random.uniform(-0.6, 0.6), offset = kUSys * random.normal();
    for (double& d : depths) d = truth + offset + sigma * random.normal();
    const Spread s = spread_of(depths);
    if (!(s.sd > 0.025 && s.sd < 0.06) || std::abs(s.mean - 2.5) > 0.2) continue;
    const MeasuredStrokes m = measured_strokes(depths, kUSys);
    const double outside_above = 0.5 * std::erfc((2.65 - truth) / sigma / std::sqrt(2.0));
    const double outside_below = 0.5 * std::erfc((truth - 2.35) / sigma / std::sqrt(2.0));
    const ToleranceInterval& t = *m.measurement.interval;
    both.add(conformity_of_strokes(t, m.measurement.n_eff, {2.35, 2.65}), outside_above + outside_below <= 0.01);
    above.add(conformity_of_strokes(t, m.measurement.n_eff, {std::nullopt, 2.65}), outside_above <= 0.01);
  }
  both.expect_right(100, 0);
  above.expect_right(100, 0);
}

// --- strokes --------------------------------------------------------------------------------------------------

ToleranceInterval strokes_of(double mean, double s, double n, double u_sys) {
  ToleranceInterval t;
  t.mean = mean;
  t.s = s;
  t.k_factor = tolerance_factor(n);
  t.k_factor_low = tolerance_factor(n, 0.99, 0.05);
  t.u_sys = u_sys;
  return t;
}

TEST(ConformityOfStrokes, IsTheConfidenceAtWhichTheirToleranceIntervalFits) {
  // No systematic part, in the middle: k_T s = T is the 95 % that Howe's factor is made for, and at 5 % likewise.
  for (const double n : {10.0, 40.0, 150.0, 300.0}) {
    const double s = 0.15 / tolerance_factor(n), s_low = 0.15 / tolerance_factor(n, 0.99, 0.05);
    EXPECT_NEAR(*conformity_of_strokes(strokes_of(0, s, n, 1e-9), n, {-0.15, 0.15}), 0.95, 0.001) << n;
    // Howe's factor is an approximation, worse at 5 %: there it is the factor of 5.9 % for ten strokes.
    EXPECT_NEAR(*conformity_of_strokes(strokes_of(0, s_low, n, 1e-9), n, {-0.15, 0.15}), 0.05, n < 40 ? 0.01 : 0.003)
        << n;
  }
}

TEST(ConformityOfStrokes, OfOneLimitIsTheNoncentralTOfTheOneSidedToleranceFactor) {
  // One-sided factors for 99 % with 95 % confidence: ISO 16269-6, table C.2 (n = 10: 3.981; n = 40: 2.941).
  EXPECT_NEAR(*conformity_of_strokes(strokes_of(-3.981, 1, 10, 1e-9), 10, {std::nullopt, 0.0}), 0.95, 2e-4);
  EXPECT_NEAR(*conformity_of_strokes(strokes_of(2.941, 1, 40, 1e-9), 40, {0.0, std::nullopt}), 0.95, 2e-4);
}

TEST(ConformityOfStrokes, WithoutSpreadIsThatOfTheSystematicPart) {
  EXPECT_EQ(*conformity_of_strokes(strokes_of(2.64, 0, 40, 0.02), 40, {2.35, 2.65}), 0.8413447461);
  EXPECT_NEAR(*conformity_of_strokes(strokes_of(2.64, 1e-7, 40, 0.02), 40, {2.35, 2.65}), 0.8413447461, 1e-5);
}

TEST(ConformityOfStrokes, OfASpreadThatCannotFitIsNothing) {
  EXPECT_LT(*conformity_of_strokes(strokes_of(0, 0.1, 300, 0.001), 300, {-0.15, 0.15}), 1e-6);
  EXPECT_EQ(*conformity_of_strokes(strokes_of(0, 1, 300, 0.001), 300, {0.0, 0.0}), 0);
}

TEST(ConformityOfStrokes, IsNoHigherThanThatOfAStrokeThatWasSeenOutside) {
  std::vector<double> depths;
  for (int i = 0; i < 100; ++i) depths.push_back(2.5 + 1e-4 * (i % 10));
  MeasuredStrokes m = measured_strokes(depths, 0.002);
  const Requirement r = requirement("penetration_ti", within(0.15));
  EXPECT_GT(decide(r, m.measurement, m.rows).conformity.value_or(0), 0.999);
  StrokeRow far;
  far.penetration_mm = 2.656;
  far.u_penetration_mm = 0.002;
  m.rows.push_back(far);  // three standard uncertainties outside
  const Decision d = decide(r, m.measurement, m.rows);
  EXPECT_EQ(d.verdict, Verdict::fail);
  EXPECT_NEAR(d.conformity.value_or(1), 0.0013499, 1e-7);
}

TEST(ConformityOfStrokes, IsNoHigherThanThatOfAStrokeInAirSeenOutside) {
  StrokeRow far;
  far.extension_mm = 2.656;
  far.u_penetration_mm = 0.002;
  Decision d;
  d.verdict = Verdict::pass;
  d.conformity = 0.9999;
  const std::vector<StrokeRow> strokes{far};
  hold_strokes_in_air(requirement("penetration_ti", within(0.15)), {"silence", 2.5, strokes}, d);
  EXPECT_EQ(d.verdict, Verdict::fail);
  EXPECT_NEAR(d.conformity.value_or(1), 0.0013499, 1e-7);
}

/// The same integral over chi squared by Gauss and Kronrod, with Boost's distributions and the room for the mean solved
/// for by a bracket.
double inside_by_boost(const ToleranceInterval& t, double n, const Bounds& bounds) {
  const boost::math::normal_distribution<double> normal;
  const boost::math::chi_squared_distribution<double> chi_squared(n - 1);
  const auto above = [&](double x) { return boost::math::cdf(boost::math::complement(normal, x)); };
  const auto inside_given = [&](double sigma) {
    const double u = std::hypot(sigma / std::sqrt(n), t.u_sys / 2);
    const double one_sided = boost::math::quantile(normal, 0.99) * sigma;
    if (!bounds.lower) return above((t.mean + one_sided - *bounds.upper) / u);
    if (!bounds.upper) return above((*bounds.lower + one_sided - t.mean) / u);
    const double half = (*bounds.upper - *bounds.lower) / 2, off = t.mean - (*bounds.upper + *bounds.lower) / 2;
    const auto outside = [&](double room) {
      return above((half - room) / sigma) + above((half + room) / sigma) - 0.01;
    };
    if (!(outside(0) < 0)) return 0.0;
    std::uintmax_t most = 200;
    const auto room = boost::math::tools::toms748_solve(outside, 0.0, half, outside(0), outside(half),
                                                        boost::math::tools::eps_tolerance<double>(), most);
    return above((off - room.first) / u) - above((off + room.first) / u);
  };
  const auto integrand = [&](double chi2) {
    return boost::math::pdf(chi_squared, chi2) * inside_given(t.s * std::sqrt((n - 1) / chi2));
  };
  double lowest = boost::math::quantile(chi_squared, 1e-15);
  if (bounds.lower && bounds.upper) {
    const double fits = 2 * boost::math::quantile(normal, 0.995) * t.s / (*bounds.upper - *bounds.lower);
    lowest = std::max(lowest, (n - 1) * fits * fits);  // below it nothing conforms
  }
  const double highest = boost::math::quantile(boost::math::complement(chi_squared, 1e-15));
  if (!(lowest < highest)) return 0;
  const auto of_root = [&](double y) { return 2 * y * integrand(lowest + y * y); };
  double sum = 0;
  constexpr int kPieces = 12;
  for (int i = 0; i < kPieces; ++i) {
    const double width = std::sqrt(highest - lowest) / kPieces;
    sum += boost::math::quadrature::gauss_kronrod<double, 61>::integrate(of_root, i * width, (i + 1) * width, 0);
  }
  return sum;
}

TEST(ConformityOfStrokes, AgreesWithAnotherQuadratureToTenDigits) {
  RecordProperty("seed", std::to_string(kConformitySeed));
  Random random(kConformitySeed, "quadrature");
  for (int i = 0; i < 150; ++i) {
    const double n = 2 + portable_exp(random.uniform(0, 6)), s = portable_exp(random.uniform(-5, 1));
    const ToleranceInterval t = strokes_of(random.uniform(-1.2, 1.2), s, n, portable_exp(random.uniform(-7, 0)));
    Bounds bounds{-1.0, 1.0};
    if (i % 3 == 1) bounds.lower.reset();
    if (i % 3 == 2 && i % 2 == 0) bounds.upper.reset();
    const double stated = *conformity_of_strokes(t, n, bounds);
    const double half_a_digit = stated < 0.1 ? 5e-10 * stated : 5e-11;
    EXPECT_NEAR(stated, inside_by_boost(t, n, bounds), 1e-12 + 1.02 * half_a_digit)
        << "n " << n << ", s " << s << ", mean " << t.mean << ", U_sys " << t.u_sys << ", seed " << kConformitySeed;
  }
}

TEST(FalseAcceptanceMax, OfStrokesIsTheLargestAlongTheWholeAcceptanceLimit) {
  for (const double n : {10.0, 40.0, 150.0}) {
    for (const double u_sys : {1e-5, 0.005, 0.05}) {
      double two = 0, one = 0;
      for (int i = 0; i <= 40; ++i) {
        // From no spread to the most that two limits accept; and over four decades about U_sys for one.
        const double k = tolerance_factor(n), s = (0.15 - u_sys) / k * i / 40;
        two =
            std::max(two, 1 - *conformity_of_strokes(strokes_of(0.15 - u_sys - k * s, s, n, u_sys), n, {-0.15, 0.15}));
        const double any = u_sys * portable_exp((i - 20) * 0.23);
        one = std::max(one,
                       1 - *conformity_of_strokes(strokes_of(-u_sys - k * any, any, n, u_sys), n, {std::nullopt, 0.0}));
      }
      const ToleranceInterval t = strokes_of(0, 0.01, n, u_sys);
      const double stated = *false_acceptance_of_strokes(t, n, {-0.15, 0.15}, 1);
      EXPECT_GE(stated, two - 1e-9) << n << " " << u_sys;
      EXPECT_LT(stated, two + 1e-6) << n << " " << u_sys;
      const double stated_one = *false_acceptance_of_strokes(t, n, {0.0, std::nullopt}, 1);
      EXPECT_GE(stated_one, one - 1e-9) << n << " " << u_sys;
      EXPECT_LT(stated_one, one + 1e-3) << n << " " << u_sys;
    }
  }
}

TEST(FalseAcceptanceMax, OfStrokesIsHalfWithoutAGuardBandAndNothingWhereNoneCanBeAccepted) {
  const ToleranceInterval t = strokes_of(0, 0.01, 40, 0.2);
  EXPECT_EQ(*false_acceptance_of_strokes(t, 40, {std::nullopt, 0.15}, 0), 0.5);
  EXPECT_EQ(*false_acceptance_of_strokes(t, 40, {-0.15, 0.15}, 1), 0);
}

}  // namespace
}  // namespace penrig
