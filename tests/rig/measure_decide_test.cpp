#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/decide.hpp"
#include "rig/measure/decision_text.hpp"
#include "tests/rig/not_a_number.hpp"

namespace penrig {
namespace {

Requirement requirement(const char* measurand, const Limit& limit) {
  Requirement r;
  r.id = "X1";
  r.title = "what is asked";
  r.measurand = find_measurand(measurand);
  EXPECT_NE(r.measurand, nullptr) << measurand;
  r.limit = limit;
  return r;
}

Limit at_most(double max) {
  Limit l;
  l.max = max;
  return l;
}
Limit at_least(double min) {
  Limit l;
  l.min = min;
  return l;
}
Limit within(double tolerance) {
  Limit l;
  l.tolerance = tolerance;
  return l;
}

Measurement measured(const char* id, const char* unit, double value, double u) {
  Measurement m;
  m.measurand = id;
  m.unit = unit;
  m.depth_mm = 2.5;
  m.rate_per_min = 9000;
  m.value = value;
  m.expanded_u = u;
  return m;
}

Verdict verdict_of(const char* id, const Limit& limit, double value, double u) {
  Measurement m = measured(id, "", value, u);
  return decide(requirement(id, limit), m, {}).verdict;
}

/// Strokes with a mean and s, factors of 150 strokes, and U_sys.
Measurement strokes_with(double mean, double s, double u_sys) {
  Measurement m = measured("penetration_ti", "mm", mean, u_sys + 0.001);
  m.n = 150;
  m.interval = ToleranceInterval{mean - 2.86 * s, mean + 2.86 * s, mean, s, 2.86, 2.35, u_sys};
  return m;
}
std::vector<StrokeRow> rows(std::initializer_list<double> penetrations, double u = 0.003) {
  std::vector<StrokeRow> out;
  for (const double p : penetrations) {
    StrokeRow row;
    row.penetration_mm = p;
    row.u_penetration_mm = u;
    out.push_back(row);
  }
  return out;
}
Decision decide_strokes(double mean, double s, double u_sys, std::initializer_list<double> penetrations,
                        Limit limit = within(0.15)) {
  Measurement m = strokes_with(mean, s, u_sys);
  return decide(requirement("penetration_ti", limit), m, rows(penetrations));
}

TEST(Decide, OneSidedUpperLimitHasAGuardBandOnBothSides) {
  const Limit l = at_most(100);
  EXPECT_EQ(verdict_of("stop_latency", l, 90, 10), Verdict::pass);
  EXPECT_EQ(verdict_of("stop_latency", l, 90.001, 10), Verdict::indeterminate);
  EXPECT_EQ(verdict_of("stop_latency", l, 110, 10), Verdict::indeterminate);
  EXPECT_EQ(verdict_of("stop_latency", l, 110.001, 10), Verdict::fail);
}

TEST(Decide, OneSidedLowerLimitHasAGuardBandOnBothSides) {
  const Limit l = at_least(-0.1);
  EXPECT_EQ(verdict_of("parked_extension", l, -0.09, 0.0099), Verdict::pass);
  EXPECT_EQ(verdict_of("parked_extension", l, -0.09, 0.0101), Verdict::indeterminate);
  EXPECT_EQ(verdict_of("parked_extension", l, -0.12, 0.0101), Verdict::fail);
}

TEST(Decide, TwoSidedToleranceAboutTheSetting) {
  Limit l;
  l.tolerance_percent = 2;  // 180 of 9000
  for (const double side : {-1.0, 1.0}) {
    EXPECT_EQ(verdict_of("stroke_rate", l, 9000 + side * 179, 1), Verdict::pass);
    EXPECT_EQ(verdict_of("stroke_rate", l, 9000 + side * 179.1, 1), Verdict::indeterminate);
    EXPECT_EQ(verdict_of("stroke_rate", l, 9000 + side * 180.9, 1), Verdict::indeterminate);
    EXPECT_EQ(verdict_of("stroke_rate", l, 9000 + side * 181.1, 1), Verdict::fail);
  }
  Measurement m = measured("stroke_rate", "1/min", 8962.25, 0.18);
  const Decision d = decide(requirement("stroke_rate", l), m, {});
  EXPECT_EQ(d.limit_text, "9000 ± 2 %");
  EXPECT_NEAR(d.used, 0.2107, 1e-4);
  EXPECT_EQ(d.rule, "|value − setting| + U = 37.75 + 0.18 = 37.93 1/min of 180.00 1/min");
}

TEST(Decide, GuardBandScalesWithRAndVanishesUnderSimpleAcceptance) {
  Limit l = at_most(100);
  l.guard_band_r = 0.5;
  EXPECT_EQ(verdict_of("stop_latency", l, 95, 10), Verdict::pass);
  l.guard_band_r = 2;
  EXPECT_EQ(verdict_of("stop_latency", l, 90, 10), Verdict::indeterminate);
  EXPECT_EQ(verdict_of("stop_latency", l, 119, 10), Verdict::indeterminate);
  l.simple_acceptance = true;
  EXPECT_EQ(verdict_of("stop_latency", l, 99.9, 10), Verdict::pass);
  EXPECT_EQ(verdict_of("stop_latency", l, 100.1, 10), Verdict::fail);
}

TEST(Decide, FailsClosed) {
  const Limit l = at_most(100);
  EXPECT_EQ(verdict_of("stop_latency", l, kNan, 1), Verdict::error);
  EXPECT_EQ(verdict_of("stop_latency", l, -std::numeric_limits<double>::infinity(), 1), Verdict::error);
  EXPECT_EQ(verdict_of("stop_latency", l, 1, 0), Verdict::error) << "no U";
  EXPECT_EQ(verdict_of("stop_latency", l, 1, kNan), Verdict::error);
  EXPECT_EQ(verdict_of("stop_latency", l, 1, -1), Verdict::error);
  EXPECT_EQ(verdict_of("stop_latency", at_most(kNan), 1, 1), Verdict::error);
  EXPECT_EQ(verdict_of("stop_latency", Limit{}, 1, 1), Verdict::error) << "no limit";
  EXPECT_EQ(verdict_of("stop_latency", within(1), 1, 1), Verdict::error) << "no setting to be near to";
  Limit negative = l;
  negative.guard_band_r = -0.1;
  EXPECT_EQ(verdict_of("stop_latency", negative, 1, 1), Verdict::error);
  negative.guard_band_r = kNan;
  EXPECT_EQ(verdict_of("stop_latency", negative, 1, 1), Verdict::error);
  Measurement unset = measured("stop_latency", "ms", 0, 1);
  unset.value.reset();
  unset.note = "the capture holds no stop";
  const Decision d = decide(requirement("stop_latency", l), unset, {});
  EXPECT_EQ(d.verdict, Verdict::error);
  EXPECT_EQ(d.reason, "the capture holds no stop");
  Measurement other = measured("start_latency", "ms", 1, 1);
  EXPECT_EQ(decide(requirement("stop_latency", l), other, {}).verdict, Verdict::error);
}

TEST(Decide, CountsAreExact) {
  EXPECT_EQ(verdict_of("missed_strokes", at_most(0), 0, 0), Verdict::pass);
  EXPECT_EQ(verdict_of("missed_strokes", at_most(0), 1, 0), Verdict::fail);
  EXPECT_EQ(verdict_of("strokes_after_stop", at_most(20), 20, 0), Verdict::pass);
  EXPECT_EQ(verdict_of("strokes_after_stop", at_most(20), 21, 0), Verdict::fail);
  Limit none;
  none.min = none.max = 0;
  EXPECT_EQ(verdict_of("count_report_error", none, -1, 0), Verdict::fail);
  EXPECT_EQ(verdict_of("count_report_error", none, 0, 0), Verdict::pass);
  EXPECT_EQ(verdict_of("count_report_error", none, kNan, 0), Verdict::error);
  Measurement m = measured("missed_strokes", "1", 0, 0);
  EXPECT_EQ(decide(requirement("missed_strokes", at_most(0)), m, {}).limit_text, "= 0");
  m = measured("strokes_after_stop", "1", 11, 0);
  const Decision d = decide(requirement("strokes_after_stop", at_most(20)), m, {});
  EXPECT_EQ(d.limit_text, "≤ 20");
  EXPECT_NEAR(d.used, 0.55, 1e-12);
}

TEST(Decide, TextsAreAmongTheAllowedOrFail) {
  Limit l;
  l.allowed = {"2.4.*", "3.0.1"};
  const auto verdict = [&](const char* text) {
    Measurement m;
    m.measurand = "firmware";
    m.text_value = text;
    return decide(requirement("firmware", l), m, {}).verdict;
  };
  EXPECT_EQ(verdict("2.4.1"), Verdict::pass);
  EXPECT_EQ(verdict("3.0.1"), Verdict::pass);
  EXPECT_EQ(verdict("3.0.10"), Verdict::fail);
  EXPECT_EQ(verdict("9.9.9"), Verdict::fail);
  EXPECT_EQ(verdict("2.4"), Verdict::fail);
  EXPECT_EQ(verdict(""), Verdict::error);
  l.allowed.clear();
  EXPECT_EQ(verdict("2.4.1"), Verdict::error);
}

TEST(Decide, AsymmetricIntervalsGuardEachSideByItsOwn) {
  Measurement m = measured("period_jitter", "µs", 23.4, 3);
  m.low = 21.0;
  m.high = 26.4;
  EXPECT_EQ(decide(requirement("period_jitter", at_most(26.4)), m, {}).verdict, Verdict::pass);
  EXPECT_EQ(decide(requirement("period_jitter", at_most(26.3)), m, {}).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide(requirement("period_jitter", at_most(21.1)), m, {}).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide(requirement("period_jitter", at_most(20.9)), m, {}).verdict, Verdict::fail);
  EXPECT_NEAR(decide(requirement("period_jitter", at_most(100)), m, {}).used, 0.264, 1e-9);
}

TEST(Decide, WhatHadNotEndedNeverPassesAnUpperLimit) {
  Measurement m = measured("stop_latency", "ms", 150, 1);
  m.censored_high = true;
  EXPECT_EQ(decide(requirement("stop_latency", at_most(200)), m, {}).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide(requirement("stop_latency", at_most(149.5)), m, {}).verdict, Verdict::fail);
  Measurement count = measured("strokes_after_stop", "1", 5, 0);
  count.censored_high = true;
  EXPECT_EQ(decide(requirement("strokes_after_stop", at_most(20)), count, {}).verdict, Verdict::indeterminate);
}

TEST(DecideStrokes, WritesTheRuleWithItsNumbers) {
  const Decision d = decide_strokes(2.5254, 0.0214, 0.0058, {2.5});
  EXPECT_EQ(d.verdict, Verdict::pass);
  EXPECT_EQ(d.rule, "|mean − setting| + k_T·s + U_sys = 0.0254 + 2.86 × 0.0214 + 0.0058 = 0.0924 mm of 0.1500 mm");
  EXPECT_EQ(d.limit_text, "2.5 ± 0.150");
  EXPECT_NEAR(d.used, 0.616, 0.001);
  EXPECT_DOUBLE_EQ(d.guard_band, 0.0058);
}

TEST(Decide, GivesTheTermsOfARuleTheDigitsWithWhichTheyAddUp) {
  Measurement m = measured("peak_force", "N", 0.35565, 0.04565);
  EXPECT_EQ(decide(requirement("peak_force", at_most(2)), m, {}).rule,
            "value + U = 0.3557 + 0.0457 = 0.401 N of 2.000 N")
      << "0.356 + 0.046 would be 0.402";
  m.value = 0.355;
  m.expanded_u = 0.046;
  EXPECT_EQ(decide(requirement("peak_force", at_least(0.1)), m, {}).rule,
            "value − U = 0.355 − 0.046 = 0.309 N, at least 0.100 N");
  EXPECT_EQ(decide_strokes(2.52544, 0.02144, 0.00584, {2.5}).rule,
            "|mean − setting| + k_T·s + U_sys = 0.02544 + 2.860 × 0.02144 + 0.00584 = 0.0926 mm of 0.1500 mm")
      << "0.0254 + 2.86 × 0.0214 + 0.0058 would be 0.0924";
}

TEST(Decide, TellsALowerBoundAsOneAndNotAsAValueWithAU) {
  Measurement m = measured("stop_latency", "ms", 1507.992, 0.028);
  m.censored_high = true;
  EXPECT_EQ(decide(requirement("stop_latency", at_most(800)), m, {}).rule, "value ≥ 1507.992 ms of 800.000 ms");
}

TEST(DecideStrokes, AreaBetweenBothConfidencesIsIndeterminate) {
  // k_T s: 2.86 against 2.35 times 0.02 = 0.0572 and 0.0470; U_sys 0.006.
  EXPECT_EQ(decide_strokes(2.5 + 0.0867, 0.02, 0.006, {2.5}).verdict, Verdict::pass);
  EXPECT_EQ(decide_strokes(2.5 + 0.0869, 0.02, 0.006, {2.5}).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide_strokes(2.5 + 0.1089, 0.02, 0.006, {2.5}).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide_strokes(2.5 + 0.1091, 0.02, 0.006, {2.5}).verdict, Verdict::fail);
  EXPECT_EQ(decide_strokes(2.5 - 0.0867, 0.02, 0.006, {2.5}).verdict, Verdict::pass);
  EXPECT_EQ(decide_strokes(2.5 - 0.1091, 0.02, 0.006, {2.5}).verdict, Verdict::fail);
}

TEST(DecideStrokes, OneStrokeBeyondByMoreThanItsUIsEnough) {
  const Decision seen = decide_strokes(2.5, 0.01, 0.006, {2.5, 2.6561, 2.49});
  EXPECT_EQ(seen.verdict, Verdict::fail);
  EXPECT_NEAR(seen.used, 0.1561 / 0.15, 1e-9) << "as far as the farthest lies";
  EXPECT_NE(seen.reason.find("1 of 3 strokes beyond"), std::string::npos) << seen.reason;
  EXPECT_EQ(decide_strokes(2.5, 0.01, 0.006, {2.5, 2.6559}).verdict, Verdict::pass);
  EXPECT_EQ(decide_strokes(2.5, 0.01, 0.006, {2.3439}).verdict, Verdict::fail);
  EXPECT_NEAR(decide_strokes(2.5, 0.01, 0.006, {2.0, 2.7}).used, 0.5 / 0.15, 1e-9);
  EXPECT_NEAR(decide_strokes(2.5, 0.01, 0.006, {3.0}, at_most(2.75)).used, 1 + 0.25 / 2.75, 1e-9);
  Measurement m = strokes_with(2.5, 0.01, 0.006);
  decide(requirement("penetration_ti", within(0.15)), m, rows({2.7, 2.7, 2.5}));
  EXPECT_EQ(m.strokes_beyond, 2U);
}

TEST(DecideStrokes, NeedTheirIntervalAndTheirStrokes) {
  Measurement m = strokes_with(2.5, 0.01, 0.006);
  const Requirement r = requirement("penetration_ti", within(0.15));
  EXPECT_EQ(decide(r, m, {}).verdict, Verdict::error);
  EXPECT_EQ(decide(r, m, rows({kNan})).verdict, Verdict::error);
  m.interval->u_sys = kNan;
  EXPECT_EQ(decide(r, m, rows({2.5})).verdict, Verdict::error);
  m.interval.reset();
  EXPECT_EQ(decide(r, m, rows({2.5})).verdict, Verdict::error);
}

TEST(DecideStrokes, OneSidedLimitUsesItsSideAlone) {
  EXPECT_EQ(decide_strokes(2.0, 0.01, 0.006, {2.0}, at_most(2.5)).verdict, Verdict::pass);
  EXPECT_EQ(decide_strokes(2.48, 0.01, 0.006, {2.0}, at_most(2.5)).verdict, Verdict::indeterminate);
  EXPECT_EQ(decide_strokes(2.0, 0.01, 0.006, {2.0}, at_least(2.5)).verdict, Verdict::fail);
}

TEST(Used, GrowsTowardsTheLimitFromEveryKindOfSide) {
  const auto used = [](const char* id, const Limit& l, double value) {
    Measurement m = measured(id, "mm", value, 1e-9);
    return decide(requirement(id, l), m, {}).used;
  };
  EXPECT_NEAR(used("parked_extension", at_most(-0.1), -0.5), 0.2, 1e-6);
  EXPECT_NEAR(used("parked_extension", at_most(-0.1), -0.1), 1, 1e-6);
  EXPECT_GT(used("parked_extension", at_most(-0.1), 0.2), 1);
  EXPECT_NEAR(used("contact_speed", at_least(200), 400), 0.5, 1e-6);
  Limit both;
  both.min = -30;
  both.max = 30;
  EXPECT_NEAR(used("rate_report_error", both, -15), 0.5, 1e-6);
}

TEST(Deciding, IsTheWorstAndAmongEqualsTheNearestToItsLimit) {
  std::vector<Decision> d(4);
  EXPECT_FALSE(deciding({}));
  for (std::size_t i = 0; i < d.size(); ++i) {
    d[i].verdict = Verdict::pass;
    d[i].used = 0.1 * static_cast<double>(i == 1 ? 9 : i);
  }
  EXPECT_EQ(deciding(d), 1U);
  d[2].verdict = Verdict::indeterminate;
  EXPECT_EQ(deciding(d), 2U);
  d[0].verdict = Verdict::error;
  EXPECT_EQ(deciding(d), 0U);
}

TEST(DecisionText, WritesNumbersAsDocumentsDo) {
  EXPECT_EQ(text::fixed(-0.5, 3), "−0.500");
  EXPECT_EQ(text::fixed(-0.0001, 2), "0.00");
  EXPECT_EQ(text::fixed(40391, 0), "40\u2009391");
  EXPECT_EQ(text::fixed(8412, 0), "8412");
  EXPECT_EQ(text::shortest(2.5), "2.5");
  EXPECT_EQ(text::decimals_for(0.0058), 4);
  EXPECT_EQ(text::decimals_for(0.18), 2);
  EXPECT_EQ(text::decimals_for(12), 0);
}

StrokesInAir in_air(const std::vector<StrokeRow>& strokes, double depth_mm = 1.5) {
  return {"silence", depth_mm, strokes};
}
std::vector<StrokeRow> extensions(std::initializer_list<double> of) {
  std::vector<StrokeRow> out = rows(of);
  for (StrokeRow& row : out) std::swap(row.extension_mm, row.penetration_mm);
  return out;
}
Decision passed() {
  Decision d;
  d.verdict = Verdict::pass;
  return d;
}

TEST(StrokesInAir, FailALimitOnStrokesWhereNeedlesCameOutTooFar) {
  Decision d = passed();
  hold_strokes_in_air(requirement("penetration_ti", within(0.15)), in_air(extensions({1.5, 1.75, 0.3})), d);
  EXPECT_EQ(d.verdict, Verdict::fail);
  EXPECT_EQ(d.reason,
            "in air (silence), 1 of 3 strokes came out beyond 1.650 mm by more than their U; the farthest 1.750 mm");
  EXPECT_NEAR(d.used, 0.25 / 0.15, 1e-9);
}

TEST(StrokesInAir, SayNothingWhereTheyStayShortOrWithinTheirOwnUncertainty) {
  Decision d = passed();
  hold_strokes_in_air(requirement("penetration_ti", within(0.15)), in_air(extensions({0.2, 1.5, 1.6559})), d);
  EXPECT_EQ(d.verdict, Verdict::pass);
  hold_strokes_in_air(requirement("penetration_ti", at_least(1.0)), in_air(extensions({0.2, 9.0})), d);
  EXPECT_EQ(d.verdict, Verdict::pass) << "there is no upper limit";
  hold_strokes_in_air(requirement("penetration", within(0.15)), in_air(extensions({9.0})), d);
  EXPECT_EQ(d.verdict, Verdict::pass) << "this limit holds for a mean, not for strokes";
}

TEST(StrokesInAir, LeaveWhatIsWorseAsItIs) {
  Decision d;
  d.verdict = Verdict::error;
  d.reason = "not measured";
  hold_strokes_in_air(requirement("penetration_ti", within(0.15)), in_air(extensions({9.0})), d);
  EXPECT_EQ(d.verdict, Verdict::error);
  EXPECT_EQ(d.reason, "not measured");
}

Measurement with_budget(double value, double systematic, double repeatability, std::uint64_t n) {
  Measurement m = measured("stop_latency", "ms", value, 0);
  m.n = n;
  m.budget = {normal_line("clock exchange", systematic), observed_line(kRepeatability, repeatability, 1e9)};
  finish(m);
  return m;
}

TEST(MoreStrokes, AreNamedWhereTheyWouldDecide) {
  // 6 below the limit: u must fall to 3. Of 3^2 = 9, 1 stays, so 8 remain of 48 for 40 strokes: 240.
  Measurement m = with_budget(94, 1, std::sqrt(48.0), 40);
  const Decision d = decide(requirement("stop_latency", at_most(100)), m, {});
  EXPECT_EQ(d.verdict, Verdict::indeterminate);
  EXPECT_NE(d.reason.find("some 240 strokes in all would decide it"), std::string::npos) << d.reason;
  // And they do.
  Measurement more = with_budget(94, 1, std::sqrt(48.0 * 40 / 241), 241);
  EXPECT_EQ(decide(requirement("stop_latency", at_most(100)), more, {}).verdict, Verdict::pass);
}

TEST(MoreStrokes, AreNoneWhereSystematicUncertaintyDecides) {
  Measurement m = with_budget(98, 3, 1, 40);
  const Decision d = decide(requirement("stop_latency", at_most(100)), m, {});
  EXPECT_EQ(d.verdict, Verdict::indeterminate);
  EXPECT_NE(d.reason.find("no number of strokes would: systematic uncertainty decides"), std::string::npos) << d.reason;
}

TEST(MoreStrokes, OfAnAsymmetricIntervalShrinkIt) {
  // 60 periods, 3 beyond the value, 2 allowed: 60 (3/2)^2 = 135.
  Measurement m = measured("period_jitter", "µs", 23.4, 3);
  m.low = 21.0;
  m.high = 26.4;
  m.n = 60;
  m.budget = {observed_line(kRepeatability, 1.4, 58)};
  const Decision d = decide(requirement("period_jitter", at_most(25.4)), m, {});
  EXPECT_EQ(d.verdict, Verdict::indeterminate);
  EXPECT_NE(d.reason.find("some 140 strokes in all would decide it"), std::string::npos) << d.reason;
  m.value = 25.4;
  const Decision at = decide(requirement("period_jitter", at_most(25.4)), m, {});
  EXPECT_NE(at.reason.find("no number of strokes would: the nearness to the limit decides"), std::string::npos)
      << at.reason;
}

TEST(MoreStrokes, AddCorrelatedLinesBeforeTheySquareThem) {
  // 3 and -3 of one cause cancel: nothing systematic is left, and strokes decide.
  Measurement m = with_budget(98, 0, std::sqrt(48.0), 40);
  for (const double sign : {1.0, -1.0}) {
    BudgetLine line = normal_line("touch", 3);
    line.unit = "mm";
    line.u_input = 3;
    line.sensitivity = sign;
    line.cause = "touch";
    m.budget.push_back(line);
  }
  finish(m);
  const Decision d = decide(requirement("stop_latency", at_most(100)), m, {});
  EXPECT_NE(d.reason.find("strokes in all would decide it"), std::string::npos) << d.reason;
}

TEST(MoreStrokes, ShowThatStrokesLieInsideOrThatTheirSpreadForbidsIt) {
  Measurement m = strokes_with(2.5, 0.0525, 0.002);  // 2.86 s = 0.1502, 2.576 s = 0.1352
  m.n_eff = 150;
  const Decision d = decide(requirement("penetration_ti", within(0.15)), m, rows({2.5}));
  EXPECT_EQ(d.verdict, Verdict::indeterminate);
  EXPECT_NE(d.reason.find("strokes in all would decide it"), std::string::npos) << d.reason;
  Measurement wide = strokes_with(2.5, 0.058, 0.002);  // 2.576 s = 0.1494: with U_sys no number fits
  wide.n_eff = 150;
  const Decision w = decide(requirement("penetration_ti", within(0.15)), wide, rows({2.5}));
  EXPECT_EQ(w.verdict, Verdict::indeterminate);
  EXPECT_NE(w.reason.find("no number of strokes would: the spread of the strokes decides"), std::string::npos)
      << w.reason;
}

}  // namespace
}  // namespace penrig
