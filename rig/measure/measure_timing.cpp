#include <algorithm>
#include <cmath>

#include "rig/measure/budget.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/timing.hpp"

namespace penrig {

namespace {

Measurement count(const SettingInput& input, const char* id, double value, std::uint64_t n) {
  Measurement m = setting_measurement(input, id, "1");
  m.value = value;
  m.realised = value;
  m.n = n;
  return m;
}

Measurement stroke_rate(const SettingInput& input, const SettingAnalysis& a, const std::vector<double>& times,
                        const std::vector<double>& turns) {
  Measurement m = setting_measurement(input, "stroke_rate", "1/min");
  const double duration = times.back() - times.front();
  const double realised = 60 * turns.back() / duration;
  const ProcessPeriod process = process_period(times, turns);
  m.value = 60 / process.period;
  m.realised = realised;
  m.n = times.size();
  m.n_eff = static_cast<double>(times.size());
  Sensitivities by;
  by.time_base_ppm = *m.value * 1e-6;
  m.budget = lines_of_inputs(input, by);
  m.budget.push_back(observed_line("timing noise", realised * std::sqrt(2.0) * a.mean_u_time / duration,
                                   static_cast<double>(times.size() - 1)));
  m.budget.push_back(observed_line(kRepeatability, *m.value * process.u / process.period, process.nu));
  finish(m);
  return m;
}

Measurement jitter(const SettingInput& input, const SettingAnalysis& a, const std::vector<double>& periods) {
  Measurement m = setting_measurement(input, "period_jitter", "µs");
  m.n = periods.size();
  if (periods.size() < 8) {
    m.note = "too few whole periods";
    return m;
  }
  const double floor = std::sqrt(2.0) * a.mean_u_time * 1e6;
  const Jitter j = period_jitter(periods, floor);
  m.value = j.sd;
  m.realised = j.sd;
  m.low = j.low;
  m.high = j.high;
  m.n_eff = j.n_eff;
  m.nu_eff = j.n_eff - 2;
  m.expanded_u = std::max(j.high - j.sd, j.sd - j.low);
  m.k = 1.96;
  m.budget = {observed_line(kRepeatability, (j.high - j.low) / (2 * 1.96), m.nu_eff)};
  if (j.sd == 0) m.note = "below the floor of its estimator; the upper limit is the result";
  return m;
}

/// What the pen says over one link minus what was measured.
void add_report_errors(const SettingInput& input, const SettingAnalysis& a, const Measurement& rate,
                       const PenReport& said, std::vector<Measurement>& out) {
  Measurement report = setting_measurement(input, "rate_report_error", "1/min");
  if (said.rate_per_min) {
    report = rate;
    report.measurand = "rate_report_error";
    report.value = *said.rate_per_min - *rate.value;
    report.realised = *said.rate_per_min - *rate.realised;
    for (BudgetLine& line : report.budget) line.sensitivity = -line.sensitivity;
  } else {
    report.note = "the pen reported no rate";
  }
  report.link = said.over;
  out.push_back(std::move(report));
  Measurement counted = setting_measurement(input, "count_report_error", "1");
  if (said.strokes) {
    counted.value = static_cast<double>(*said.strokes) - static_cast<double>(a.seen_strokes);
    counted.realised = counted.value;
    counted.n = a.seen_strokes;
  } else {
    counted.note = "the pen reported no count";
  }
  counted.link = said.over;
  out.push_back(std::move(counted));
}

}  // namespace

std::vector<double> whole_periods_us(const SettingAnalysis& a) {
  std::vector<double> periods;
  const JudgedStroke* last = nullptr;
  for (const JudgedStroke& s : a.judged) {
    if (s.doubled) continue;
    if (last != nullptr && s.turns - last->turns == 1) periods.push_back((s.top_s - last->top_s) * 1e6);
    last = &s;
  }
  return periods;
}

void measure_timing(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  std::vector<double> times, turns;
  for (const JudgedStroke& s : a.judged) {
    if (s.doubled) continue;
    times.push_back(s.top_s);
    turns.push_back(static_cast<double>(s.turns));
  }
  if (times.size() < 4) {
    Measurement m = setting_measurement(input, "stroke_rate", "1/min");
    m.note = "too few whole turns";
    out.push_back(std::move(m));
    return;
  }
  const double first_turn = turns.front();
  for (double& t : turns) t -= first_turn;
  out.push_back(stroke_rate(input, a, times, turns));
  const Measurement rate = out.back();
  out.push_back(jitter(input, a, whole_periods_us(a)));
  if (!input.free_running) {
    out.push_back(count(input, "missed_strokes", static_cast<double>(a.missed), a.turns));
    out.push_back(count(input, "double_strokes", static_cast<double>(a.doubled), a.turns));
    Measurement share = setting_measurement(input, "missed_rate", "%");
    share.value = 100 * static_cast<double>(a.missed) / static_cast<double>(a.turns);
    share.realised = share.value;
    share.low = share.value;
    share.high = 100 * clopper_pearson_upper(a.missed, a.turns);
    share.expanded_u = *share.high - *share.value;
    share.n = a.turns;
    out.push_back(std::move(share));
  }
  add_report_errors(input, a, rate, input.reported, out);
  if (input.watched) add_report_errors(input, a, rate, *input.watched, out);
}

}  // namespace penrig
