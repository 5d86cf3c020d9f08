#include <algorithm>
#include <cmath>

#include "rig/measure/budget.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/top_remainder.hpp"

namespace penrig {

namespace {

constexpr double kContactLawMm = 1e-3;  ///< half-width: another exponent near m, a bent or worn surface
constexpr const char* kSdeAtPosition = "needle encoder, sub-divisional error";

/// Means over strokes of what stands at their tops, and of their contacts.
struct MeanStroke {
  double extension_mm = 0, force_n = 0, reaction_n = 0, baseline_n = 0;
  double baseline_unknown = 0;  ///< share of the strokes
  double contact_mm = 0, speed_mm_per_s = 0;
  std::size_t strokes = 0;
};
MeanStroke mean_stroke(const SettingAnalysis& a, bool with_contact) {
  MeanStroke m;
  for (const std::size_t i : a.averaged) {
    const KeptForce& f = a.judged[i].force;
    if (with_contact && !f.contact_mm) continue;
    m.extension_mm += a.judged[i].extension_mm;
    m.force_n += f.force_at_top_n;
    m.reaction_n += f.reaction_at_top_n;
    m.baseline_n += f.baseline_n;
    m.baseline_unknown += f.baseline_known ? 0 : 1;
    if (with_contact) m.contact_mm += *f.contact_mm;
    m.speed_mm_per_s += f.contact_speed_mm_per_s;
    ++m.strokes;
  }
  for (double* sum : {&m.extension_mm, &m.force_n, &m.reaction_n, &m.baseline_n, &m.baseline_unknown, &m.contact_mm,
                      &m.speed_mm_per_s}) {
    *sum /= static_cast<double>(m.strokes);
  }
  return m;
}

// Positions as the needle encoder reads them, with no zero taken off: the zero's own part is that of of_zero().

/// The largest q of a stroke. It is the largest of all, so what moves its time does not move it.
Sensitivities of_top(const SettingInput& input, const MeanStroke& m) {
  const Calibrations& c = *input.calibrations;
  const double tip = c.tip_um_per_n.value * kMmPerUm, frame = c.frame_um_per_n.value * kMmPerUm,
               cell = c.cell_um_per_n.value * kMmPerUm;
  const double inertia_n = m.reaction_n - m.force_n, cell_n = m.force_n + m.baseline_n;
  Sensitivities s;
  s.needle_scale = m.extension_mm + input.zero.needle_zero_mm - frame * inertia_n;
  s.force_scale = -(tip + frame) * m.force_n - cell * cell_n;
  s.time_base_ppm = -frame * inertia_n * 2e-6;
  s.tip_um_per_n = -m.force_n * kMmPerUm;
  s.frame_um_per_n = -m.reaction_n * kMmPerUm;
  s.cell_um_per_n = -cell_n * kMmPerUm;
  if (c.reciprocating_mass_g.value != 0) s.mass_g = -frame * inertia_n / c.reciprocating_mass_g.value;
  s.tare_counts = c.force_n_per_count.value * (cell + m.baseline_unknown * (tip + frame));
  return s;
}

/// Where strokes meet the surface. Without forces past it, give acts through the shape of the fitted law alone.
Sensitivities of_contact(const SettingInput& input, const SettingAnalysis& a, const MeanStroke& m) {
  const Calibrations& c = *input.calibrations;
  const ContactDerivatives& d = a.contact_derivatives;
  const double preload_mm = c.cell_um_per_n.value * kMmPerUm * m.baseline_n;
  const double give_um = c.tip_um_per_n.value + c.frame_um_per_n.value + c.cell_um_per_n.value;
  Sensitivities s;
  s.needle_scale = m.contact_mm + input.zero.needle_zero_mm + preload_mm;
  s.force_scale = give_um * d.tip_um_per_n.contact_mm - preload_mm;
  s.delay_us = d.delay_us.contact_mm;
  s.tip_um_per_n = d.tip_um_per_n.contact_mm;
  s.frame_um_per_n = d.frame_um_per_n.contact_mm;
  s.cell_um_per_n = d.tip_um_per_n.contact_mm - m.baseline_n * kMmPerUm;
  if (c.reciprocating_mass_g.value != 0) {
    s.mass_g = c.frame_um_per_n.value * (d.frame_um_per_n.contact_mm - d.tip_um_per_n.contact_mm) /
               c.reciprocating_mass_g.value;
  }
  s.tare_counts = c.force_n_per_count.value * c.cell_um_per_n.value * kMmPerUm;
  return s;
}

/// Where the undisturbed surface was touched, seen from where the stage stands while puncturing.
Sensitivities of_surface(const SettingInput& input, const SettingAnalysis& a) {
  const Calibrations& c = *input.calibrations;
  const Touch& touch = *input.surface;
  const double give_mm =
      (c.tip_um_per_n.value + c.frame_um_per_n.value + c.cell_um_per_n.value) * kMmPerUm * touch.stage_by_give_n;
  Sensitivities s;
  s.needle_scale = touch.needle_reading_mm;
  s.stage_scale = touch.stage_mm - a.working_stage_mm;
  s.force_scale = give_mm;
  s.tip_um_per_n = s.frame_um_per_n = s.cell_um_per_n = touch.stage_by_give_n * kMmPerUm;
  s.touch_mm = 1;
  return s;
}

/// z = 0: the needle encoder read it where the tips touched the plate, the stage measured from there to the nose cone.
Sensitivities of_zero(const ReferenceZero& zero) {
  Sensitivities s;
  s.needle_scale = zero.needle_zero_mm + zero.tip_extension_mm;
  s.stage_scale = -zero.tip_extension_mm;
  s.zero_mm = 1;
  return s;
}

/// A height above z = 0.
Sensitivities of_extension(const ReferenceZero& zero, double z_mm) {
  Sensitivities position;
  position.needle_scale = z_mm + zero.needle_zero_mm;
  position.tilt_um = kMmPerUm;
  return position - of_zero(zero);
}

enum class From { surface, contact };

/// A wobble over the encoder's pitch stands still where the tops are: more strokes do not average it.
void add_needle_sde(const Calibrations& c, const char* source, std::vector<BudgetLine>& lines) {
  if (c.position_sde_um > 0) lines.push_back(arcsine_line(source, c.position_sde_um * kMmPerUm));
}

/// What the harmonics of a mechanism that is no crank leave over at the tops, after what is put right of it.
void add_left_over(const SettingInput& input, const SettingAnalysis& a, std::vector<BudgetLine>& lines) {
  const double left_mm = a.left_counts * input.calibrations->position_mm_per_count.value;
  if (left_mm > 0) lines.push_back(normal_line("harmonics left out at the tops", left_mm));
}

/// A position channel of first order takes half of tau^2 times the acceleration off every top.
void add_bandwidth(const SettingInput& input, const SettingAnalysis& a, std::vector<BudgetLine>& lines) {
  const Calibrations& c = *input.calibrations;
  if (!(c.position_bandwidth_hz > 0)) return;
  double acceleration = 0;  // mm/s^2
  for (const std::size_t i : a.averaged) {
    acceleration += a.judged[i].fit.top_curvature * a.sample_rate_hz * a.sample_rate_hz * c.position_mm_per_count.value;
  }
  const double tau = 1 / (kTwoPi * c.position_bandwidth_hz);
  lines.push_back(uniform_line("bandwidth of the position channel",
                               0.5 * tau * tau * acceleration / static_cast<double>(a.averaged.size())));
}

/// What the fit of the contacts leaves open.
void add_contact(const SettingInput& input, const SettingAnalysis& a, std::vector<BudgetLine>& lines) {
  double u2 = 0, kappa2 = 0, count = 0;
  for (const std::size_t i : a.averaged) {
    const KeptForce& f = a.judged[i].force;
    if (!f.contact_mm) continue;
    u2 += f.u_contact_mm * f.u_contact_mm - f.u_kappa_mm * f.u_kappa_mm;
    kappa2 += f.u_kappa_mm * f.u_kappa_mm;
    count += 1;
  }
  lines.push_back(observed_line("contact fit", std::sqrt(std::max(0.0, u2)) / count, count - 1));
  const double pools = std::max(1.0, std::floor(count / static_cast<double>(kStrokesOfOneKappa)));
  lines.push_back(normal_line("contact fit, stiffness that strokes share", std::sqrt(kappa2 / count / pools)));
  lines.push_back(uniform_line("contact law", kContactLawMm));
  add_needle_sde(*input.calibrations, "needle encoder, sub-divisional error at the contact", lines);
}

/// What the touch of the surface leaves open beside its noise.
void add_touch(const SettingInput& input, std::vector<BudgetLine>& lines) {
  const Calibrations& c = *input.calibrations;
  if (!input.surface->touched) return;
  lines.push_back(uniform_line("contact law of the touch", kContactLawMm));
  add_needle_sde(c, "needle encoder, sub-divisional error at the touch", lines);
  if (c.stage_sde_um > 0) {
    lines.push_back(arcsine_line("stage encoder, sub-divisional error at the touch", c.stage_sde_um * kMmPerUm));
    lines.push_back(arcsine_line("stage encoder, sub-divisional error while puncturing", c.stage_sde_um * kMmPerUm));
  }
}

/// Penetration is the difference of needle readings, and of stage readings where the surface was touched: the reference
/// zero cancels.
std::vector<BudgetLine> lines_of_penetration(const SettingInput& input, const SettingAnalysis& a, From from) {
  const Calibrations& c = *input.calibrations;
  const MeanStroke m = mean_stroke(a, from == From::contact);
  Sensitivities s = of_top(input, m) - (from == From::contact ? of_contact(input, a, m) : of_surface(input, a));
  s.tilt_um = kMmPerUm;
  std::vector<BudgetLine> lines = lines_of_inputs(input, s);
  lines.push_back(uniform_line("quantisation", 0.5 * c.position_mm_per_count.value));
  add_needle_sde(c, kSdeAtPosition, lines);
  add_bandwidth(input, a, lines);
  add_left_over(input, a, lines);
  if (from == From::contact) {
    add_contact(input, a, lines);
  } else {
    add_touch(input, lines);
  }
  return lines;
}

/// s: of the values.
Measurement mean_of(const SettingInput& input, const char* id, const std::vector<double>& values, const Spread& s,
                    double own_noise, std::vector<BudgetLine> systematic) {
  Measurement m = setting_measurement(input, id, "mm");
  m.n = s.n;
  m.n_eff = effective_count(values, s);
  m.value = s.mean;
  m.budget = std::move(systematic);
  m.budget.push_back(
      observed_line("noise", own_noise / std::sqrt(static_cast<double>(s.n)), static_cast<double>(s.n - 1)));
  MeanOfBlocks repeated{deviation_of_process(s, m.n_eff) / std::sqrt(m.n_eff), m.n_eff - 1};
  if (const auto blocks = mean_of_blocks(values, s); blocks && blocks->expanded() > repeated.expanded())
    repeated = *blocks;
  m.budget.push_back(observed_line(kRepeatability, repeated.u, repeated.freedom));
  finish(m);
  return m;
}

constexpr double kQuantile995 = 2.5758293035489004;  ///< of the normal distribution, 99.5 %

Measurement interval_of(const Measurement& mean, const char* id, const std::vector<double>& values, const Spread& s,
                        double own_noise) {
  Measurement m = mean;
  m.measurand = id;
  ToleranceInterval t;
  t.mean = s.mean;
  const double sd = deviation_of_process(s, m.n_eff);
  t.s = sd > own_noise ? std::sqrt((sd - own_noise) * (sd + own_noise)) : 0;
  // Mean and spread have counts of their own; strokes that alternate tell the mean well and the spread badly.
  m.n_eff = std::min(m.n_eff, effective_count_of_variance(values, s));
  // What bounds the spread with confidence is the spread as seen; the noise, which is known, comes off that bound.
  const auto factor = [&](double confidence) {
    const double k = tolerance_factor(m.n_eff, 0.99, confidence);
    if (!(t.s > 0)) return k;
    const double seen = k * sd, noise = kQuantile995 * std::sqrt(1 + 1 / m.n_eff) * own_noise;
    return seen > noise ? std::sqrt((seen - noise) * (seen + noise)) / t.s : 0.0;
  };
  t.k_factor = factor(0.95);
  t.k_factor_low = factor(0.05);
  t.low = t.mean - t.k_factor * t.s;
  t.high = t.mean + t.k_factor * t.s;
  m.interval = t;
  finish(m);
  return m;
}

/// Quantiles and extremes over the strokes. z_of: normal quantile of the share; extremes have the one stroke's noise.
void add_order_statistics(const SettingInput& input, const std::vector<double>& values, const Spread& s,
                          double own_noise, const std::vector<BudgetLine>& systematic, double n_eff,
                          std::vector<Measurement>& out) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto add = [&](const char* id, double value, bool quantile) {
    Measurement m = setting_measurement(input, id, "mm");
    m.value = value;
    m.n = s.n;
    m.n_eff = n_eff;
    m.budget = systematic;
    m.budget.push_back(observed_line("noise", own_noise, static_cast<double>(s.n - 1)));
    if (quantile) {
      m.budget.push_back(
          observed_line(kRepeatability, s.sd * std::sqrt((1 + 0.5 * kQuantile995 * kQuantile995) / n_eff), n_eff - 1));
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
    const KeptForce& f = a.judged[i].force;
    if (!f.contact_mm) continue;
    past_contact.push_back(f.top_mm - *f.contact_mm);
    if (a.surface_mm) sink.push_back(*a.surface_mm - *f.contact_mm);
  }
  // Half of the strokes must show their contact, else those that do are a selection.
  if (2 * past_contact.size() < a.averaged.size() || past_contact.size() < 4) {
    without_value(input, {"penetration_contact", "surface_sink"}, "no contact could be fitted in most strokes", out);
    return;
  }
  out.push_back(mean_of(input, "penetration_contact", past_contact, spread_of(past_contact), noise,
                        lines_of_penetration(input, a, From::contact)));
  if (sink.empty()) {
    without_value(input, {"surface_sink"}, "the surface of this spot was not touched", out);
    return;
  }
  const MeanStroke m = mean_stroke(a, true);
  Sensitivities by = of_surface(input, a) - of_contact(input, a, m);
  by.tilt_um = kMmPerUm;  // the stage travels between the touch and the strokes
  std::vector<BudgetLine> lines = lines_of_inputs(input, by);
  lines.push_back(uniform_line("quantisation", 0.5 * input.calibrations->position_mm_per_count.value));
  add_contact(input, a, lines);
  add_touch(input, lines);
  out.push_back(mean_of(input, "surface_sink", sink, spread_of(sink), 0, std::move(lines)));
}

}  // namespace

std::vector<BudgetLine> lines_of_extension(const ReferenceZero& zero, const Calibrations& c, double z_mm,
                                           std::optional<double> temperature_c) {
  SettingInput input;
  input.zero = zero;
  input.calibrations = &c;
  input.temperature_c = temperature_c;
  std::vector<BudgetLine> lines = lines_of_inputs(input, of_extension(zero, z_mm));
  lines.push_back(uniform_line("quantisation", 0.5 * c.position_mm_per_count.value));
  add_needle_sde(c, kSdeAtPosition, lines);
  const std::size_t own = lines.size();
  add_needle_sde(c, input_name::kReferenceSde, lines);
  if (lines.size() > own) lines.back().cause = input_name::kReferenceSde;
  return lines;
}

ExtensionUncertainty::ExtensionUncertainty(const ReferenceZero& zero, const Calibrations& calibrations)
    : zero_(zero),
      calibrations_(calibrations),
      lines_(lines_of_extension(zero, calibrations, zero.tip_extension_mm + 1)) {}

double ExtensionUncertainty::at(double z_mm) {
  const double by_needle = of_extension(zero_, z_mm).needle_scale;
  if (by_needle == 0) return combined(lines_of_extension(zero_, calibrations_, z_mm));  // it has no line then
  set_needle_scale(lines_, calibrations_, by_needle);
  return combined(lines_);
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
                                      ? lines_of_penetration(input, a, From::surface)
                                      : lines_of_extension(input.zero, *input.calibrations, top, input.temperature_c);
  lines.push_back(normal_line("noise", a.mean_u_top));
  return combined(lines);
}

void measure_depths(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  std::vector<double> extension, penetration;
  for (const std::size_t i : a.averaged) extension.push_back(a.judged[i].extension_mm);
  const Spread spread = spread_of(extension);
  std::vector<BudgetLine> systematic =
      lines_of_extension(input.zero, *input.calibrations, spread.mean, input.temperature_c);
  add_bandwidth(input, a, systematic);
  add_left_over(input, a, systematic);
  const Measurement mean = mean_of(input, "extension", extension, spread, a.mean_u_top, std::move(systematic));
  out.push_back(mean);
  out.push_back(interval_of(mean, "extension_ti", extension, spread, a.mean_u_top));
  if (!a.with_force) return;
  if (!a.surface_mm) {
    without_value(input,
                  {"penetration", "penetration_ti", "penetration_min", "penetration_max", "penetration_p005",
                   "penetration_p995", "penetration_error"},
                  "the surface of this spot was not touched", out);
  } else {
    for (const std::size_t i : a.averaged) penetration.push_back(a.judged[i].force.top_mm - *a.surface_mm);
    const std::vector<BudgetLine> lines = lines_of_penetration(input, a, From::surface);
    const Spread by_fits = spread_of(penetration);
    const Measurement depth = mean_of(input, "penetration", penetration, by_fits, a.mean_u_top, lines);
    out.push_back(depth);
    out.push_back(interval_of(depth, "penetration_ti", penetration, by_fits, a.mean_u_top));
    for (const BriefTop& brief : a.brief_tops) penetration[brief.averaged] += brief.above_mm;
    const Spread as_seen = a.brief_tops.empty() ? by_fits : spread_of(penetration);
    add_order_statistics(input, penetration, as_seen, a.mean_u_top, lines, depth.n_eff, out);
    Measurement error = depth;
    error.measurand = "penetration_error";
    error.value = *depth.value - input.depth_mm;
    error.realised = error.value;
    out.push_back(std::move(error));
  }
  measure_contacts(input, a, out);
}

}  // namespace penrig
