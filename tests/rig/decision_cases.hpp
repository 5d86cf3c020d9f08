#pragma once

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/decide.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig::decisions {

inline Requirement requirement(const char* measurand, const Limit& limit) {
  Requirement r;
  r.id = "X1";
  r.title = "what is asked";
  r.measurand = find_measurand(measurand);
  EXPECT_NE(r.measurand, nullptr) << measurand;
  r.limit = limit;
  return r;
}

inline Limit at_most(double max) {
  Limit l;
  l.max = max;
  return l;
}
inline Limit at_least(double min) {
  Limit l;
  l.min = min;
  return l;
}
inline Limit between(double min, double max) {
  Limit l;
  l.min = min;
  l.max = max;
  return l;
}
inline Limit within(double tolerance) {
  Limit l;
  l.tolerance = tolerance;
  return l;
}

/// A finished measurement at 2.5 mm and 9000/min.
inline Measurement measured(const char* id, double value, std::vector<BudgetLine> budget) {
  Measurement m;
  m.measurand = id;
  m.depth_mm = 2.5;
  m.rate_per_min = 9000;
  m.value = value;
  m.budget = std::move(budget);
  finish(m);
  return m;
}

/// As the rig makes it of strokes that are independent: interval, factors and U_sys by the production code.
struct MeasuredStrokes {
  Measurement measurement;
  std::vector<StrokeRow> rows;
};
inline MeasuredStrokes measured_strokes(const std::vector<double>& penetration_mm, double u_sys_mm) {
  const Spread spread = spread_of(penetration_mm);
  const auto n = static_cast<double>(spread.n);
  MeasuredStrokes out;
  Measurement& m = out.measurement;
  m.measurand = "penetration_ti";
  m.unit = "mm";
  m.depth_mm = 2.5;
  m.rate_per_min = 9000;
  m.value = spread.mean;
  m.n = spread.n;
  m.n_eff = n;
  m.budget = {normal_line("scale", u_sys_mm), observed_line(kRepeatability, spread.sd / std::sqrt(n), n - 1)};
  ToleranceInterval t;
  t.mean = spread.mean;
  t.s = spread.sd;
  t.k_factor = tolerance_factor(n);
  t.k_factor_low = tolerance_factor(n, 0.99, 0.05);
  t.low = t.mean - t.k_factor * t.s;
  t.high = t.mean + t.k_factor * t.s;
  m.interval = t;
  finish(m);
  for (const double p : penetration_mm) {
    StrokeRow row;
    row.penetration_mm = p;
    row.u_penetration_mm = u_sys_mm;
    out.rows.push_back(row);
  }
  return out;
}

}  // namespace penrig::decisions
