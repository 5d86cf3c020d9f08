#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "reports/recompute/comparison.hpp"

namespace penrig {
namespace {

Measurement some_measurement() {
  Measurement m;
  m.measurand = "penetration";
  m.unit = "mm";
  m.depth_mm = 2.5;
  m.rate_per_min = 9000;
  m.value = 2.4871;
  m.expanded_u = 0.0123456789012;
  m.low = 1.0;
  m.realised = 2.48;
  m.budget = {{"scale", false, "normal", 1e-3, 0, "1", 1, 2e-5, 2.5, "LASER-7"}};
  m.interval = ToleranceInterval{2.4, 2.6, 2.5, 0.02, 2.86, 2.4, 0.005};
  return m;
}

template <class T>
std::size_t differences(const T& a, const T& b) {
  RecordComparison comparison;
  compare(comparison, a, b);
  return comparison.differences().size();
}

template <class T>
void expect_each_is_seen(const T& whole, const std::vector<std::function<void(T&)>>& changes) {
  EXPECT_EQ(differences(whole, whole), 0U);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    T changed = whole;
    changes[i](changed);
    EXPECT_GE(differences(whole, changed), 1U) << "change " << i;
    EXPECT_GE(differences(changed, whole), 1U) << "change " << i;
  }
}

TEST(RecordComparison, SeesAChangeOfEveryFieldOfAMeasurement) {
  using M = Measurement;
  expect_each_is_seen<M>(some_measurement(), {[](M& m) { m.measurand = "extension"; },
                                              [](M& m) { m.unit = "um"; },
                                              [](M& m) { m.depth_mm.reset(); },
                                              [](M& m) { m.rate_per_min = 9000.0000001; },
                                              [](M& m) { m.value = 2.4871000000000003; },
                                              [](M& m) { m.value.reset(); },
                                              [](M& m) { m.text_value = "2.4.1"; },
                                              [](M& m) { m.expanded_u *= 1 + 1e-9; },
                                              [](M& m) { m.low.reset(); },
                                              [](M& m) { m.high = 3; },
                                              [](M& m) { m.k = 2.01; },
                                              [](M& m) { m.nu_eff = 12; },
                                              [](M& m) { m.realised = 2.4800000000000004; },
                                              [](M& m) { m.realised_u = 1; },
                                              [](M& m) { m.n = 5; },
                                              [](M& m) { m.n_eff = 5; },
                                              [](M& m) { m.budget.clear(); },
                                              [](M& m) { m.budget[0].source = "x"; },
                                              [](M& m) { m.budget[0].type_a = true; },
                                              [](M& m) { m.budget[0].distribution = "uniform"; },
                                              [](M& m) { m.budget[0].u = 2e-3; },
                                              [](M& m) { m.budget[0].nu = 3; },
                                              [](M& m) { m.budget[0].unit = "mm"; },
                                              [](M& m) { m.budget[0].value = 2; },
                                              [](M& m) { m.budget[0].u_input = 3e-5; },
                                              [](M& m) { m.budget[0].sensitivity = -2.5; },
                                              [](M& m) { m.budget[0].cause = ""; },
                                              [](M& m) { m.interval.reset(); },
                                              [](M& m) { m.interval->low = 2.3; },
                                              [](M& m) { m.interval->high = 2.7; },
                                              [](M& m) { m.interval->mean = 2.51; },
                                              [](M& m) { m.interval->s = 0.03; },
                                              [](M& m) { m.interval->k_factor = 2.87; },
                                              [](M& m) { m.interval->k_factor_low = 2.5; },
                                              [](M& m) { m.interval->u_sys = 0.006; },
                                              [](M& m) { m.censored_high = true; },
                                              [](M& m) { m.strokes_beyond = 1; },
                                              [](M& m) { m.note = "x"; }});
}

TEST(RecordComparison, SeesAChangeOfEveryFieldOfADecision) {
  using D = Decision;
  D d;
  d.requirement_id = "D1";
  d.verdict = Verdict::pass;
  d.upper = 1;
  d.conformity = 0.9999683288;
  expect_each_is_seen<D>(
      d, {[](D& x) { x.requirement_id = "D2"; }, [](D& x) { x.title = "x"; }, [](D& x) { x.measurement = 1; },
          [](D& x) { x.lower = 0; }, [](D& x) { x.upper = 2; }, [](D& x) { x.limit_text = "x"; },
          [](D& x) { x.guard_band = 1; }, [](D& x) { x.verdict = Verdict::fail; }, [](D& x) { x.used = 1; },
          [](D& x) { x.conformity = 0.9999683289; }, [](D& x) { x.false_acceptance_max = 0.02; },
          [](D& x) { x.rule = "x"; }, [](D& x) { x.reason = "x"; }});
}

TEST(RecordComparison, SeesAChangeOfAnyStrokeAndOfAnyPointOfACurve) {
  using Rows = std::vector<StrokeRow>;
  expect_each_is_seen<Rows>(
      Rows(3), {[](Rows& r) { r.pop_back(); }, [](Rows& r) { r[1].top_s = -0.0; }, [](Rows& r) { r[2].period_us = 1; },
                [](Rows& r) { r[0].extension_mm = 1; }, [](Rows& r) { r[0].penetration_mm = 1; },
                [](Rows& r) { r[0].peak_force_n = 1; }, [](Rows& r) { r[0].u_penetration_mm = 1; }});
  using T = SettingTraces;
  T traces;
  traces.phase_deg = traces.mean_position_mm = traces.loop_penetration_mm = traces.loop_force_n = {1, 2, 3};
  traces.strokes_position_mm = traces.strokes_loop_penetration_mm = traces.strokes_loop_force_n = {{1, 2}, {3}};
  expect_each_is_seen<T>(traces,
                         {[](T& t) { t.phase_deg[2] = 4; }, [](T& t) { t.mean_position_mm.pop_back(); },
                          [](T& t) { t.strokes_position_mm[1][0] = 4; }, [](T& t) { t.loop_penetration_mm[0] = 4; },
                          [](T& t) { t.loop_force_n.clear(); }, [](T& t) { t.strokes_loop_penetration_mm.pop_back(); },
                          [](T& t) { t.strokes_loop_force_n[0].push_back(1); }});
}

TEST(RecordComparison, TakesUncertaintiesForTheSameWhoseFirstTenDigitsAre) {
  const Measurement m = some_measurement();
  Measurement other = m;
  other.expanded_u = 0.0123456789013;
  EXPECT_EQ(differences(m, other), 0U);
  other.expanded_u = 0.0123456789112;
  EXPECT_EQ(differences(m, other), 1U);
}

TEST(RecordComparison, SaysWhereAndWhatWithBothValues) {
  RecordComparison comparison;
  comparison.at("2.5 mm at 9000/min: penetration");
  comparison.bits("value", 0.1, 0.1 + 1e-18);
  comparison.bits("value", 0.1, 0.2);
  comparison.bits("value", std::optional<double>(0.1), std::nullopt);
  ASSERT_EQ(comparison.differences().size(), 2U);
  EXPECT_EQ(comparison.compared(), 3U);
  EXPECT_EQ(comparison.differences()[0].where, "2.5 mm at 9000/min: penetration");
  EXPECT_EQ(comparison.differences()[0].recorded, "0.1");
  EXPECT_EQ(comparison.differences()[0].recomputed, "0.2");
  EXPECT_EQ(comparison.differences()[1].recomputed, "none");
}

}  // namespace
}  // namespace penrig
