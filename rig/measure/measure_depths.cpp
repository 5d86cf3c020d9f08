#include <algorithm>
#include <cmath>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

double relative(const Factor& f) { return f.value != 0 ? f.u / f.value : 0; }  // no mass, no u of it

/// Systematic lines of the give under load at the top.
void add_compliance(const SettingInput& input, const SettingAnalysis& a, std::vector<BudgetLine>& lines) {
  const Calibrations& c = *input.calibrations;
  double force = 0, reaction = 0;
  for (const std::size_t i : a.averaged) {
    force += a.judged[i].force.force_at_top_n;
    reaction += a.judged[i].force.reaction_at_top_n;
  }
  const auto n = static_cast<double>(a.averaged.size());
  force /= n;
  reaction /= n;
  lines.push_back(normal_line("compliance of the tips", c.tip_um_per_n.u * 1e-3 * force));
  const double inertia = (reaction - force) * relative(c.reciprocating_mass_g);  // N
  const double frame = c.frame_um_per_n.u * reaction, mass = c.frame_um_per_n.value * inertia;
  lines.push_back(normal_line("compliance of the frame", std::sqrt(frame * frame + mass * mass) * 1e-3));
}

/// Penetration is the difference of two needle readings and two stage readings: the reference zero cancels.
std::vector<BudgetLine> lines_of_penetration(const SettingInput& input, const SettingAnalysis& a, double top_mm,
                                             bool from_contact) {
  const Calibrations& c = *input.calibrations;
  std::vector<BudgetLine> lines;
  if (from_contact) {
    lines.push_back(
        normal_line("needle encoder scale", relative(c.position_mm_per_count) * top_mm));  // top_mm: past contact
    double speed = 0, count = 0, u2 = 0;
    for (const std::size_t i : a.averaged) {
      const StrokeForce& f = a.judged[i].force;
      if (!f.contact_mm) continue;
      speed += f.contact_speed_mm_per_s;
      u2 += f.u_contact_mm * f.u_contact_mm;
      count += 1;
    }
    lines.push_back(normal_line("channel delay", c.force_delay_us.u * 1e-6 * speed / count));
    lines.push_back(observed_line("contact fit", std::sqrt(u2) / count, count - 1));
    lines.push_back(uniform_line("contact law", 1e-3));  // another exponent near m, a bent or worn surface
  } else {
    const double needle = top_mm + input.zero.needle_zero_mm - input.surface->needle_reading_mm;
    lines.push_back(normal_line("needle encoder scale", relative(c.position_mm_per_count) * needle));
    lines.push_back(normal_line("stage encoder scale",
                                relative(c.stage_mm_per_count) * (a.working_stage_mm - input.surface->stage_mm)));
    lines.push_back(normal_line("surface touch", input.surface->u_mm));
    lines.push_back(uniform_line("contact law of the touch", 1e-3));
  }
  lines.push_back(normal_line("tilt, Abbe and cosine", c.tilt_u_um * 1e-3));
  lines.push_back(uniform_line("quantisation", 0.5 * c.position_mm_per_count.value));
  add_compliance(input, a, lines);
  return lines;
}

Measurement mean_of(const SettingInput& input, const char* id, const std::vector<double>& values, double own_noise,
                    std::vector<BudgetLine> systematic) {
  Measurement m = setting_measurement(input, id, "mm");
  const Spread s = spread_of(values);
  m.n = s.n;
  m.n_eff = effective_count(values);
  m.value = s.mean;
  m.budget = std::move(systematic);
  m.budget.push_back(
      observed_line("noise", own_noise / std::sqrt(static_cast<double>(s.n)), static_cast<double>(s.n - 1)));
  m.budget.push_back(observed_line(kRepeatability, s.sd / std::sqrt(m.n_eff), m.n_eff - 1));
  finish(m);
  return m;
}

Measurement interval_of(const Measurement& mean, const char* id, const std::vector<double>& values, double own_noise) {
  Measurement m = mean;
  m.measurand = id;
  const Spread s = spread_of(values);
  ToleranceInterval t;
  t.mean = s.mean;
  t.s = s.sd > own_noise ? std::sqrt((s.sd - own_noise) * (s.sd + own_noise)) : 0;
  t.k_factor = tolerance_factor(m.n_eff, 0.99, 0.95);
  t.k_factor_low = tolerance_factor(m.n_eff, 0.99, 0.05);
  t.low = t.mean - t.k_factor * t.s;
  t.high = t.mean + t.k_factor * t.s;
  m.interval = t;
  finish(m);
  return m;
}

/// Quantiles and extremes over the strokes. z_of: normal quantile of the share; extremes have the one stroke's noise.
void add_order_statistics(const SettingInput& input, const std::vector<double>& values, double own_noise,
                          const std::vector<BudgetLine>& systematic, double n_eff, std::vector<Measurement>& out) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const Spread s = spread_of(values);
  constexpr double kZ = 2.5758293035489004;  // of 0.5 % and 99.5 %
  const auto add = [&](const char* id, double value, bool quantile) {
    Measurement m = setting_measurement(input, id, "mm");
    m.value = value;
    m.n = s.n;
    m.n_eff = n_eff;
    m.budget = systematic;
    m.budget.push_back(observed_line("noise", own_noise, static_cast<double>(s.n - 1)));
    if (quantile) {
      m.budget.push_back(observed_line(kRepeatability, s.sd * std::sqrt((1 + 0.5 * kZ * kZ) / n_eff), n_eff - 1));
    } else {
      m.note = "of the strokes seen; widens with their number";
    }
    finish(m);
    out.push_back(std::move(m));
  };
  add("penetration_min", sorted.front(), false);
  add("penetration_max", sorted.back(), false);
  add("penetration_p005", quantile_of(sorted, 0.005), true);
  add("penetration_p995", quantile_of(sorted, 0.995), true);
}

void without_value(const SettingInput& input, std::initializer_list<const char*> ids, const char* why,
                   std::vector<Measurement>& out) {
  for (const char* id : ids) {
    Measurement m = setting_measurement(input, id, "mm");
    m.note = why;
    out.push_back(std::move(m));
  }
}

void measure_contacts(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  std::vector<double> past_contact, sink;
  double noise = a.mean_u_top;
  for (const std::size_t i : a.averaged) {
    const StrokeForce& f = a.judged[i].force;
    if (!f.contact_mm) continue;
    past_contact.push_back(f.top_mm - *f.contact_mm);
    if (a.surface_mm) sink.push_back(*a.surface_mm - *f.contact_mm);
  }
  // Half of the strokes must show their contact, else those that do are a selection.
  if (2 * past_contact.size() < a.averaged.size() || past_contact.size() < 4) {
    without_value(input, {"penetration_contact", "surface_sink"}, "no contact could be fitted in most strokes", out);
    return;
  }
  out.push_back(mean_of(input, "penetration_contact", past_contact, noise,
                        lines_of_penetration(input, a, spread_of(past_contact).mean, true)));
  if (sink.empty()) {
    without_value(input, {"surface_sink"}, "the surface of this spot was not touched", out);
    return;
  }
  const double depth = spread_of(sink).mean;
  std::vector<BudgetLine> lines = lines_of_penetration(input, a, std::abs(depth), true);
  lines.push_back(normal_line("surface touch", input.surface->u_mm));
  lines.push_back(normal_line("stage encoder scale", relative(input.calibrations->stage_mm_per_count) *
                                                         (a.working_stage_mm - input.surface->stage_mm)));
  out.push_back(mean_of(input, "surface_sink", sink, 0, std::move(lines)));
}

}  // namespace

std::vector<BudgetLine> lines_of_extension(const ReferenceZero& zero, const Calibrations& c, double z_mm) {
  return {normal_line("needle encoder scale", relative(c.position_mm_per_count) * (z_mm - zero.tip_extension_mm)),
          normal_line("stage encoder scale", relative(c.stage_mm_per_count) * zero.tip_extension_mm),
          normal_line("zero and touch-off", zero.u_mm, zero.nu),
          normal_line("tilt, Abbe and cosine", c.tilt_u_um * 1e-3),
          uniform_line("quantisation", 0.5 * c.position_mm_per_count.value)};
}

Measurement setting_measurement(const SettingInput& input, const char* measurand, const char* unit) {
  Measurement m;
  m.measurand = measurand;
  m.unit = unit;
  m.depth_mm = input.depth_mm;
  m.rate_per_min = input.rate_per_min;
  return m;
}

double stroke_uncertainty(const SettingInput& input, const SettingAnalysis& a) {
  const double top = a.judged[a.averaged.front()].extension_mm;
  std::vector<BudgetLine> lines = a.with_force && a.surface_mm
                                      ? lines_of_penetration(input, a, a.judged[a.averaged.front()].force.top_mm, false)
                                      : lines_of_extension(input.zero, *input.calibrations, top);
  lines.push_back(normal_line("noise", a.mean_u_top));
  return combined(lines);
}

void measure_depths(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  std::vector<double> extension, penetration;
  for (const std::size_t i : a.averaged) extension.push_back(a.judged[i].extension_mm);
  const Measurement mean = mean_of(input, "extension", extension, a.mean_u_top,
                                   lines_of_extension(input.zero, *input.calibrations, spread_of(extension).mean));
  out.push_back(mean);
  out.push_back(interval_of(mean, "extension_ti", extension, a.mean_u_top));
  if (!a.with_force) return;
  if (!a.surface_mm) {
    without_value(input,
                  {"penetration", "penetration_ti", "penetration_min", "penetration_max", "penetration_p005",
                   "penetration_p995", "penetration_error"},
                  "the surface of this spot was not touched", out);
  } else {
    double top = 0;
    for (const std::size_t i : a.averaged) {
      penetration.push_back(a.judged[i].force.top_mm - *a.surface_mm);
      top += a.judged[i].force.top_mm;
    }
    const std::vector<BudgetLine> lines =
        lines_of_penetration(input, a, top / static_cast<double>(penetration.size()), false);
    const Measurement depth = mean_of(input, "penetration", penetration, a.mean_u_top, lines);
    out.push_back(depth);
    out.push_back(interval_of(depth, "penetration_ti", penetration, a.mean_u_top));
    add_order_statistics(input, penetration, a.mean_u_top, lines, depth.n_eff, out);
    Measurement error = depth;
    error.measurand = "penetration_error";
    error.value = *depth.value - input.depth_mm;
    error.realised = error.value;
    out.push_back(std::move(error));
  }
  measure_contacts(input, a, out);
}

}  // namespace penrig
