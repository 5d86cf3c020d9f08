#pragma once

#include <string>

#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// A measurement of a setting with its U.
inline Measurement measured(std::string measurand, std::string unit, std::optional<double> depth_mm,
                            std::optional<double> rate_per_min, double value, double expanded_u) {
  Measurement m;
  m.measurand = std::move(measurand);
  m.unit = std::move(unit);
  m.depth_mm = depth_mm;
  m.rate_per_min = rate_per_min;
  m.value = value;
  m.expanded_u = expanded_u;
  m.n = 150;
  return m;
}

/// Appends a measurement and the decision on it.
inline Decision& decide_sample(RunOutcome& outcome, Measurement m, std::string id, std::string title, Verdict verdict,
                               double used, std::string limit_text, std::optional<double> lower,
                               std::optional<double> upper) {
  Decision d;
  d.requirement_id = std::move(id);
  d.title = std::move(title);
  d.measurement = outcome.measurements.size();
  d.lower = lower;
  d.upper = upper;
  d.limit_text = std::move(limit_text);
  d.verdict = verdict;
  d.used = used;
  d.guard_band = m.interval ? m.interval->u_sys : m.expanded_u;
  outcome.measurements.push_back(std::move(m));
  outcome.decisions.push_back(std::move(d));
  return outcome.decisions.back();
}

inline Measurement strokes_at(double rate_per_min, double mean, double low, double high) {
  Measurement m = measured("penetration_ti", "mm", 2.5, rate_per_min, mean, 0.0068);
  m.interval = ToleranceInterval{low, high, mean, 0.0214, 2.86, 2.6, 0.0058};
  return m;
}

/// The run of the target picture: 13 requirements of which six are near their limits.
inline RunOutcome passing_outcome() {
  RunOutcome o;
  o.verdict = Verdict::pass;
  o.safe_state_confirmed = true;
  decide_sample(o, strokes_at(9000, 2.5254, 2.4642, 2.5865), "D1", "penetration", Verdict::pass, 0.616, "2.5 ± 0.150",
                2.35, 2.65);
  decide_sample(o, strokes_at(7500, 2.5011, 2.4600, 2.5400), "D1", "penetration", Verdict::pass, 0.30, "2.5 ± 0.150",
                2.35, 2.65);
  decide_sample(o, measured("stroke_rate", "1/min", 2.5, 9000, 8962.25, 0.18), "R1", "stroke rate", Verdict::pass, 0.21,
                "9000 ± 2 %", 8820, 9180);
  Measurement jitter = measured("period_jitter", "µs", 2.0, 7500, 23.4, 2.7);
  jitter.low = 21.0;
  jitter.high = 26.4;
  decide_sample(o, jitter, "J1", "period jitter", Verdict::pass, 0.26, "≤ 100", std::nullopt, 100);
  decide_sample(o, measured("stop_latency", "ms", 2.5, 9000, 21, 1.1), "S1", "stop latency", Verdict::pass, 0.11,
                "≤ 200", std::nullopt, 200);
  decide_sample(o, measured("strokes_after_stop", "1", 2.5, 9000, 11, 0), "S2", "strokes after stop", Verdict::pass,
                0.55, "≤ 20", std::nullopt, 20);
  decide_sample(o, measured("link_loss_stop", "ms", {}, {}, 371.4, 1.2), "S3", "link loss to stop", Verdict::pass, 0.47,
                "≤ 800", std::nullopt, 800);
  decide_sample(o, measured("depth_linearity", "mm", {}, {}, 0.0030, 0.0085), "L1", "depth linearity", Verdict::pass,
                0.23, "≤ 0.0500", std::nullopt, 0.05);
  Measurement firmware = measured("firmware", "", {}, {}, 0, 0);
  firmware.value.reset();
  firmware.text_value = "2.4.1";
  decide_sample(o, firmware, "I1", "firmware", Verdict::pass, 0, "2.4.*", std::nullopt, std::nullopt);
  o.deciding = 0;
  return o;
}

/// The same pen with strokes that go too deep: one setting fails, one is undecided.
inline RunOutcome failing_outcome() {
  RunOutcome o = passing_outcome();
  o.verdict = Verdict::fail;
  o.measurements[0] = strokes_at(9000, 2.6098, 2.5500, 2.6750);
  o.measurements[0].strokes_beyond = 3;
  o.decisions[0].verdict = Verdict::fail;
  o.decisions[0].used = 1.26;
  o.decisions[0].reason = "3 of 150 strokes beyond 2.5 ± 0.150 by more than their U; the farthest 2.6596 mm";
  o.measurements[1] = strokes_at(7500, 2.6011, 2.5600, 2.6450);
  o.decisions[1].verdict = Verdict::indeterminate;
  o.decisions[1].used = 1.014;
  o.decisions[1].reason = "0.1521 of 0.1500 mm used, no stroke beyond";
  return o;
}

inline RunResult stored(RunOutcome outcome) {
  RunResult result;
  result.run_id = "R-000391";
  result.outcome = std::move(outcome);
  result.record_durable = true;
  return result;
}

}  // namespace penrig::cli
