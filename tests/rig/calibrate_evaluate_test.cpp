#include <cmath>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/calibrate/calibration.hpp"
#include "rig/measure/budget.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {
namespace {

ReferenceStandard relative(double u) { return {"REF", "PTB 1", u, true, ""}; }
ReferenceStandard absolute(double u, const char* column) { return {"REF", "PTB 1", u, false, column}; }

PointTable table(std::vector<std::string> columns, std::vector<std::vector<double>> values) {
  PointTable points;
  points.columns = std::move(columns);
  points.values = std::move(values);
  return points;
}

/// y = f(x) + noise at 0, 1, ... last, three times.
template <class F>
PointTable series(const char* x, const char* y, F f, double noise = 0, int last = 10, std::uint64_t seed = 1) {
  Random random(seed, "series");
  std::vector<double> xs, ys;
  for (int r = 0; r < 3; ++r) {
    for (int i = 0; i <= last; ++i) {
      xs.push_back(i);
      ys.push_back(f(static_cast<double>(i)) + noise * random.normal());
    }
  }
  return table({x, y}, {xs, ys});
}

CalibrationEvaluation evaluated(const char* target, const PointTable& points,
                                std::vector<ReferenceStandard> standards = {relative(1e-4)}) {
  EvaluationInput input;
  input.standards = std::move(standards);
  input.nominal_tick_hz = 1e6;
  input.span_mm = 5;
  return evaluate(*find_target(target), points, input).value();
}

double result(const CalibrationEvaluation& e, const std::string& name) {
  for (const CalibrationResult& r : e.results) {
    if (r.name.starts_with(name)) return r.value;
  }
  return std::nan("");
}

double u_of_line(const CalibrationEvaluation& e, const std::string& source) {
  for (const BudgetLine& l : e.budget) {
    if (l.source.starts_with(source)) return l.u;
  }
  return 0;
}

TEST(CalibrateLoadCell, GivesForceOfACountWithTheStandardsUncertainty) {
  const auto e = evaluated("load-cell", series("force_n", "reading_counts", [](double f) { return 100 + 5000.5 * f; }));
  EXPECT_NEAR(e.value, 1 / 5000.5, 1e-18);
  EXPECT_NEAR(*e.u, e.value * 1e-4, e.value * 1e-7) << "points without scatter: nothing but the standard is left";
  EXPECT_EQ(e.degree, 1U);
}

TEST(CalibrateLoadCell, AStandardInNewtonIsBoundedByTheWorstThatItsErrorsCanDo) {
  const PointTable points = series("force_n", "reading_counts", [](double f) { return 5000.5 * f; });
  const auto e = evaluated("load-cell", points, {absolute(0.001, "force_n")});
  // sum |x - 5| = 3 * 30, sum (x - 5)^2 = 3 * 110.
  EXPECT_NEAR(*e.u / e.value, 0.001 * 90 / 330, 1e-7);
}

TEST(CalibrateLoadCell, UHoldsTheTrueValueAsOftenAsItSays) {
  const std::uint64_t seed = 17;
  RecordProperty("seed", static_cast<int>(seed));
  Random random(seed, "standards");
  int held = 0;
  constexpr int kTrials = 2000;
  for (int t = 0; t < kTrials; ++t) {
    // The standard's own error, the same for all points, and readings that scatter. Real-valued counts: means of many.
    const double wrong = 1 + 2e-4 * random.normal();
    const auto e = evaluated("load-cell",
                             series(
                                 "force_n", "reading_counts", [&](double f) { return 5000 * wrong * f + 0.25; }, 12, 10,
                                 static_cast<std::uint64_t>(t)),
                             {relative(2e-4)});
    held += std::abs(e.value - 1.0 / 5000) <= e.k * *e.u ? 1 : 0;
  }
  EXPECT_GE(held / static_cast<double>(kTrials), 0.94);
  EXPECT_LE(held / static_cast<double>(kTrials), 0.985);
}

TEST(CalibrateLoadCell, ABentCellCostsUncertainty) {
  const auto bent = [](double f) { return 5000 * f + 3 * f * f; };
  const auto e = evaluated("load-cell", series("force_n", "reading_counts", bent, 1));
  EXPECT_EQ(e.degree, 2U);
  EXPECT_GT(result(e, "nonlinearity"), 0.3);
  // The factor of the line must hold what the cell really says at every force from a tenth of the range on.
  for (int f = 1; f <= 10; ++f) {
    EXPECT_NEAR(bent(f) * e.value, f, f * e.k * *e.u / e.value * 1.1) << f;
  }
}

TEST(CalibrateLoadCell, ThatNoDegreeFitsCostsUncertaintyToo) {
  // Three forces leave no degree above the line to be tried.
  const auto bent = [](double f) { return std::round(5000 * f + 187.5 * (f - 2) * (f - 2)); };
  PointTable points = table({"force_n", "reading_counts"}, {{}, {}});
  for (int i = 0; i < 12; ++i) {
    for (const double f : {0.0, 2.0, 4.0}) {
      points.values[0].push_back(f);
      points.values[1].push_back(bent(f) + i % 3 - 1);
    }
  }
  const auto e = evaluated("load-cell", points);
  ASSERT_FALSE(e.degree_fits);
  EXPECT_NEAR(result(e, "lack of fit"), 7.5, 0.1);
  EXPECT_NEAR(u_of_line(e, "lack of fit"), e.value * 0.075 / std::sqrt(3.0), e.value * 1e-3);
  for (const double f : {2.0, 4.0}) EXPECT_NEAR((bent(f) - bent(0)) * e.value, f, f * e.k * *e.u / e.value) << f;
}

TEST(CalibrateTilt, OfASurfaceThatDoesNotFitKeepsAFiniteUncertainty) {
  // Level on the whole, and dished: the line's slope is 0.
  PointTable points = table({"position_mm", "height_um"}, {{}, {}});
  for (int i = 0; i < 6; ++i) {
    for (const double x : {-2.0, 0.0, 2.0}) {
      points.values[0].push_back(x);
      points.values[1].push_back(x * x + 0.01 * (i % 2));
    }
  }
  const auto e = evaluated("tilt", points);
  EXPECT_FALSE(e.degree_fits);
  EXPECT_TRUE(std::isfinite(e.value));
  EXPECT_GT(*e.u, 1);
}

TEST(CalibrateLoadCell, SaysWhatE74AsksFor) {
  const auto e = evaluated("load-cell", series(
                                            "force_n", "reading_counts", [](double f) { return 5000 * f; }, 2));
  EXPECT_NEAR(result(e, "LLF"), 2.4 * e.residual_sd / 5000, 2e-5);
  EXPECT_TRUE(e.notes.empty());
  const auto few =
      evaluated("load-cell", table({"force_n", "reading_counts"}, {{0, 1, 2, 3}, {1, 5002, 10001, 15003}}));
  ASSERT_FALSE(few.notes.empty());
  EXPECT_NE(few.notes.back().find("E74 asks for"), std::string::npos);
}

TEST(CalibrateLoadCell, RefusesAScaleThatIsTheWrongWayRound) {
  EvaluationInput input;
  const auto e = evaluate(*find_target("load-cell"),
                          series("force_n", "reading_counts", [](double f) { return -5000 * f; }), input);
  ASSERT_FALSE(e);
  EXPECT_NE(e.error().message.find("change the sign"), std::string::npos);
}

TEST(Calibrate, HasNoUncertaintyWithoutThatOfTheStandard) {
  const PointTable points = series(
      "force_n", "reading_counts", [](double f) { return 5000 * f; }, 2);
  ReferenceStandard without{"REF-2", "PTB 2", std::nullopt, false, ""};
  EXPECT_FALSE(evaluated("load-cell", points, {without}).u);
  EXPECT_FALSE(evaluated("load-cell", points, {relative(1e-4), without}).u) << "one of two";
  EXPECT_FALSE(evaluated("load-cell", points, {}).u);
  EXPECT_FALSE(evaluated("delay", table({"delay_us"}, {{10, 11, 10.5}}), {without}).u);
}

TEST(CalibrateEncoder, SeparatesUpFromDown) {
  PointTable points = table({"position_mm", "reading_counts"}, {{}, {}});
  for (const int direction : {1, -1, 1, -1}) {
    for (int i = 0; i <= 10; ++i) {
      points.values[0].push_back(i);
      points.values[1].push_back(i * 10'000 + (direction > 0 ? 20 : -20));  // 4 µm between up and down
      points.direction.push_back(direction);
    }
  }
  const auto e = evaluated("encoder", points);
  EXPECT_NEAR(e.value, 1e-4, 1e-12);
  EXPECT_NEAR(result(e, "reversal"), 0.004, 1e-6);
  EXPECT_NEAR(u_of_line(e, "reversal"), 1e-4 * 0.002 / 10 / std::sqrt(3.0), 1e-13);
}

TEST(CalibrateEncoder, SeesADrift) {
  PointTable points = table({"position_mm", "reading_counts", "time_s"}, {{}, {}, {}});
  for (int r = 0; r < 4; ++r) {
    for (int i = 0; i <= 10; ++i) {
      points.values[0].push_back(r % 2 == 0 ? i : 10 - i);  // up and down, so that time and position are apart
      points.values[1].push_back(points.values[0].back() * 10'000 + (r * 11 + i));
      points.values[2].push_back(r * 11 + i);
    }
  }
  EXPECT_NEAR(result(evaluated("encoder:stage", points), "drift"), 43e-4, 2e-4) << "43 counts";
}

TEST(CalibrateTimeBase, GivesPpmFromSecondsAndFromTicks) {
  const auto seconds =
      evaluated("time-base", series("reference_s", "device_s", [](double t) { return 100 + t * (1 + 7.25e-6); }),
                {relative(1e-7)});
  EXPECT_NEAR(seconds.value, 7.25, 1e-6);
  EXPECT_NEAR(*seconds.u, 0.1, 1e-4);
  const auto ticks =
      evaluated("time-base", series("reference_s", "device_ticks", [](double t) { return 1e6 * t * (1 - 3e-6); }));
  EXPECT_NEAR(ticks.value, -3, 1e-6);
}

TEST(CalibrateTimeBase, RefusesTicksWithoutTheirRateAndAWrongOne) {
  const PointTable ticks = series("reference_s", "device_ticks", [](double t) { return 1e6 * t; });
  EvaluationInput input;
  EXPECT_FALSE(evaluate(*find_target("time-base"), ticks, input));
  input.nominal_tick_hz = 2e6;
  EXPECT_FALSE(evaluate(*find_target("time-base"), ticks, input));
}

TEST(CalibrateDelay, GivesTheSlopeOfThePhaseOrTheMean) {
  const auto phase =
      evaluated("delay", series("frequency_hz", "phase_lag_deg", [](double f) { return f * 360 * 12e-6; }));
  EXPECT_NEAR(phase.value, 12, 1e-9);
  EXPECT_FALSE(phase.intercept);
  const auto direct = evaluated("delay", table({"delay_us"}, {{10, 11, 12, 11}}), {absolute(0.3, "delay_us")});
  EXPECT_NEAR(direct.value, 11, 1e-12);
  EXPECT_NEAR(*direct.u, std::sqrt(0.09 + 2.0 / 3 / 4), 1e-12);
  EXPECT_GT(direct.k, 2.1) << "four values";
}

/// What a second-order system answers.
PointTable response(double f0, double zeta, double f_last, std::uint64_t seed = 5) {
  PointTable points = table({"frequency_hz", "gain", "phase_lag_deg"}, {{}, {}, {}});
  Random random(seed, "response");
  for (int i = 1; i <= 20; ++i) {
    const double f = f_last * i / 20, r = f / f0, re = 1 - r * r, im = 2 * zeta * r;
    points.values[0].push_back(f);
    points.values[1].push_back(1.02 / std::sqrt(re * re + im * im) * (1 + 0.002 * random.normal()));
    points.values[2].push_back(std::atan2(im, re) * 180 / M_PI);
  }
  return points;
}

TEST(CalibrateCellResponse, FindsResonanceAndDamping) {
  const auto e = evaluated("cell-response", response(3000, 0.03, 2400));
  EXPECT_NEAR(e.value, 3000, 3 * *e.u);
  EXPECT_LT(*e.u, 30);
  EXPECT_NEAR(result(e, "damping"), 0.03, 0.003);
  EXPECT_NEAR(result(e, "gain at rest"), 1.02, 0.005);
  const CellResponse model = cell_response_of(e).value();
  EXPECT_EQ(model.resonance_hz, e.value);
  EXPECT_EQ(model.damping, result(e, "damping"));
  EXPECT_EQ(model.corner_hz, 0);
}

TEST(CalibrateCellResponse, RefusesAResonanceThatIsNotDamped) {
  PointTable points = response(3000, 0.03, 2400);
  for (double& lag : points.values[2]) lag = -lag;
  const auto e = evaluate(*find_target("cell-response"), points, EvaluationInput{});
  ASSERT_FALSE(e);
  EXPECT_NE(e.error().message.find("is the phase lag's sign right?"), std::string::npos) << e.error().message;
}

TEST(CalibrateCellResponse, UHoldsTheTrueResonanceAsOftenAsItSays) {
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto e = evaluated("cell-response", response(3000, 0.03, 2400, seed), {relative(1e-9)});
    held += std::abs(e.value - 3000) <= e.k * *e.u ? 1 : 0;
  }
  EXPECT_GE(held, 925);
  EXPECT_LE(held, 990);
}

TEST(CalibrateCellResponse, FindsAFirstOrderCornerWhereThereIsNoResonance) {
  PointTable points = table({"frequency_hz", "gain", "phase_lag_deg"}, {{}, {}, {}});
  Random random(5, "corner");
  for (int i = 1; i <= 20; ++i) {
    const double r = i * 50 / 1000.0;
    points.values[0].push_back(i * 50);
    points.values[1].push_back(1 / std::sqrt(1 + r * r) * (1 + 0.001 * random.normal()));
    points.values[2].push_back(std::atan(r) * 180 / M_PI);
  }
  const auto e = evaluated("cell-response", points);
  EXPECT_NEAR(e.value, 1000, 10);
  EXPECT_NEAR(result(e, "first-order corner"), e.value, 0);
  EXPECT_EQ(cell_response_of(e).value().corner_hz, e.value);
  EXPECT_EQ(cell_response_of(e).value().damping, 0);
  EXPECT_NEAR(result(e, "lag of the cell"), 159, 2);
}

TEST(CalibrateCompliance, IsTheSlopeOfDeflectionOverForce) {
  const auto e = evaluated("compliance:frame", series("force_n", "deflection_um", [](double f) { return 3 + 0.5 * f; }),
                           {relative(0.01), absolute(0.1, "deflection_um")});
  EXPECT_NEAR(e.value, 0.5, 1e-12);
  EXPECT_NEAR(*e.u, std::sqrt(0.005 * 0.005 + std::pow(0.1 * 90 / 330, 2)), 1e-6);
}

TEST(CalibrateInertia, GivesGrams) {
  const auto e =
      evaluated("inertia", series("acceleration_m_per_s2", "force_n", [](double a) { return 0.1 + 3.4e-3 * a; }));
  EXPECT_NEAR(e.value, 3.4, 1e-9);
}

TEST(CalibrateTilt, GivesAStandardUncertaintyOfDepth) {
  // 8.7 µm/mm is half a degree; over a needle array of 5 mm that is 44 µm, half of it either way.
  const auto e = evaluated("tilt", series("position_mm", "height_um", [](double x) { return 8.727 * x; }),
                           {absolute(0.5, "height_um")});
  EXPECT_NEAR(result(e, "tilt over the array"), 43.6, 0.1);
  EXPECT_NEAR(e.value, 43.6 / 2 / std::sqrt(3.0), 0.1);
  EXPECT_GT(*e.u, 0);
}

TEST(Calibrate, RefusesPointsThatTellNothing) {
  for (const char* target : {"load-cell", "compliance", "inertia", "tilt", "time-base", "cell-response"}) {
    const CalibrationTarget& t = *find_target(target);
    PointTable points;
    for (const std::string_view column : point_forms(t.kind).front().columns) {
      points.columns.emplace_back(column);
      points.values.push_back({1, 1, 1});
    }
    EvaluationInput input;
    input.span_mm = 5;
    EXPECT_FALSE(evaluate(t, points, input)) << target;
  }
}

TEST(Calibrate, RefusesWhatNoDescriptionMaySay) {
  const auto said = [](const char* target, const PointTable& points) {
    const auto e = evaluate(*find_target(target), points, EvaluationInput{});
    return e ? "" : e.error().message;
  };
  EXPECT_EQ(said("delay", table({"delay_us"}, {{10'000, 10'002, 10'001}})),
            "force_delay_us comes out as 10001, and must be from -1000 to 1000 µs: is a unit or a sign wrong?");
  EXPECT_NE(
      said("inertia", series("acceleration_m_per_s2", "force_n", [](double a) { return 3 * a; })).find("0 to 200 g"),
      std::string::npos);
  EXPECT_NE(
      said("compliance", series("force_n", "deflection_um", [](double f) { return 1300 * f; })).find("0 to 100 µm/N"),
      std::string::npos);
}

TEST(StandardU, StandsBehindTheColumnOfItsUnit) {
  const PointTable points = table({"position_mm", "height_um"}, {{}, {}});
  ReferenceStandard s;
  ASSERT_TRUE(read_standard_u("10 um", CalibrationKind::tilt, points, s));
  EXPECT_EQ(s.column, "height_um");
  EXPECT_EQ(*s.u, 10);
  ASSERT_TRUE(read_standard_u("0.01 mm", CalibrationKind::tilt, points, s));
  EXPECT_EQ(s.column, "position_mm");
  EXPECT_EQ(*s.u, 0.01);
  const auto either = read_standard_u("500 nm", CalibrationKind::tilt, points, s);
  ASSERT_FALSE(either);
  EXPECT_EQ(either.error().message,
            "'500 nm' may stand behind 2 columns (write it in the unit of the one that is meant: mm for position_mm, "
            "µm for height_um)");
  const PointTable clocks = table({"reference_s", "device_s"}, {{}, {}});
  ASSERT_TRUE(read_standard_u("1 ms", CalibrationKind::time_base, clocks, s));
  EXPECT_EQ(s.column, "reference_s") << "of columns in one unit the reference's";
}

TEST(StandardU, IsReadWithItsUnit) {
  const PointTable points = table({"force_n", "deflection_um"}, {{}, {}});
  const auto read = [&](const char* text) {
    ReferenceStandard s;
    EXPECT_TRUE(read_standard_u(text, CalibrationKind::compliance, points, s)) << text;
    return s;
  };
  EXPECT_NEAR(*read("0.02 %").u, 2e-4, 1e-12);
  EXPECT_TRUE(read("3 ppm").relative);
  EXPECT_NEAR(*read("0.5 mN").u, 5e-4, 1e-12);
  EXPECT_EQ(read("0.5 mN").column, "force_n");
  EXPECT_EQ(read("0.25").column, "force_n");
  EXPECT_EQ(read("0.1 µm").column, "deflection_um");
  for (const char* wrong : {"", "0", "-1", "0 %", "some", "1 Hz", "nan", "inf"}) {
    ReferenceStandard s;
    EXPECT_FALSE(read_standard_u(wrong, CalibrationKind::compliance, points, s)) << wrong;
  }
}

}  // namespace
}  // namespace penrig
