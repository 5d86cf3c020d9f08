#include <algorithm>
#include <cmath>

#include "rig/measure/budget.hpp"
#include "rig/measure/input_lines.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

struct Quantity {
  const char* id;
  const char* unit;
  Sensitivities by;                  ///< beside the scales' parts that are in proportion to the value
  double force_power, length_power;  ///< the value goes with these powers of the two scales
  double own_u;                      ///< standard uncertainty of one stroke's value from noise
  const char* absent;                ///< why there is none
  /// Half-width of what the estimator leaves open in every stroke alike, and what it is.
  double half_width = 0;
  const char* left_open = "corner of the puncture";
  /// How it is spread. A corner's value lies between a high and a low estimate of it.
  BudgetLine (*line)(const char* source, double half_width) = triangular_line;
};

template <class Get>
void add_mean(const SettingInput& input, const SettingAnalysis& a, const Quantity& q, Get get,
              std::vector<Measurement>& out) {
  std::vector<double> values;
  for (const std::size_t i : a.averaged) {
    const std::optional<double> v = get(a.judged[i].force);
    if (v) values.push_back(*v);
  }
  Measurement m = setting_measurement(input, q.id, q.unit);
  // Half of the strokes must show it, else those that do are a selection.
  if (2 * values.size() < a.averaged.size() || values.size() < 4) {
    m.note = q.absent;
    out.push_back(std::move(m));
    return;
  }
  const Spread s = spread_of(values);
  m.value = s.mean;
  m.n = s.n;
  m.n_eff = effective_count(values, s);
  Sensitivities by = q.by;
  by.force_scale += q.force_power * s.mean;
  by.needle_scale += q.length_power * s.mean;
  m.budget = lines_of_inputs(input, by);
  m.budget.push_back(
      observed_line("noise", q.own_u / std::sqrt(static_cast<double>(s.n)), static_cast<double>(s.n - 1)));
  m.budget.push_back(observed_line(kRepeatability, deviation_of_process(s, m.n_eff) / std::sqrt(m.n_eff), m.n_eff - 1));
  if (q.half_width > 0) m.budget.push_back(q.line(q.left_open, q.half_width));
  finish(m);
  out.push_back(std::move(m));
}

/// Whether punctures are over before a sample says how stiff the rise is: strokes show them, but no contact, and their
/// peaks scatter by more than strokes do. Then where the samples happen to lie makes the peaks, nearly all too low, and
/// two estimates of a corner that agree are wrong together.
bool too_steep(const SettingAnalysis& a) {
  constexpr std::size_t kFewest = 4;
  constexpr double kScatter = 0.5;  // of the mean; up to here the open corner holds it
  std::size_t punctured = 0, without_contact = 0;
  std::vector<double> peaks;
  for (const std::size_t i : a.averaged) {
    const KeptForce& f = a.judged[i].force;
    peaks.push_back(f.peak_n);
    if (!f.puncture_n || !f.baseline_known) continue;
    ++punctured;
    if (!f.contact_mm) ++without_contact;
  }
  const Spread s = spread_of(peaks);
  return without_contact >= kFewest && 2 * without_contact > punctured && s.sd > kScatter * s.mean;
}

/// Whether more than a quarter of such forces is open though contacts are known, for they fall again between samples.
bool mostly_open(const SettingAnalysis& a, std::optional<double> (*force)(const KeptForce&), float KeptForce::*half) {
  constexpr double kMost = 0.25;
  double open = 0, whole = 0;
  std::size_t unseen = 0, others = 0;
  for (const std::size_t i : a.averaged) {
    const KeptForce& stroke = a.judged[i].force;
    const std::optional<double> f = force(stroke);
    if (!f) continue;
    ++(stroke.contact_mm && stroke.corner_unseen ? unseen : others);
    open += stroke.*half;
    whole += *f;
  }
  return unseen > others && open > kMost * whole;
}

/// What hangs on the contact moves with it, and with all that moves it.
Sensitivities with_contact(const SettingInput& input, const SettingAnalysis& a, double ContactMoves::*member) {
  const Calibrations& c = *input.calibrations;
  const ContactDerivatives& d = a.contact_derivatives;
  const double tip = d.tip_um_per_n.*member, frame = d.frame_um_per_n.*member;
  Sensitivities s;
  s.delay_us = d.delay_us.*member;
  s.tip_um_per_n = s.cell_um_per_n = tip;
  s.frame_um_per_n = frame;
  // More newtons a count are as much more give.
  s.force_scale = (c.tip_um_per_n.value + c.frame_um_per_n.value + c.cell_um_per_n.value) * tip;
  if (c.reciprocating_mass_g.value != 0) {
    s.mass_g = c.frame_um_per_n.value * (frame - tip) / c.reciprocating_mass_g.value;
  }
  return s;
}

}  // namespace

void measure_forces(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  if (!a.with_force) return;
  const Calibrations& c = *input.calibrations;
  const double noise = a.scales.needles_noise_n();
  const char* no_contact = "no contact could be fitted in most strokes";
  const char* no_puncture = "no puncture: no first maximum with a drop of more than 5 sigma in most strokes";
  using F = const KeptForce&;
  const auto of_contact = [](float KeptForce::*member) {
    return [member](F f) { return f.contact_mm ? std::optional<double>(f.*member) : std::nullopt; };
  };
  double corner = 0, corner_of_peak = 0, smoothed_pull = 0, baseline_unknown = 0;
  double speed = 0, dwell = 0, u2 = 0, gradient = 0, contacts = 0;
  for (const std::size_t i : a.averaged) {
    const KeptForce& f = a.judged[i].force;
    const double share = 1 / static_cast<double>(a.averaged.size());
    corner += f.puncture_half_width_n * share;
    corner_of_peak += f.peak_half_width_n * share;
    smoothed_pull += f.withdrawal_half_width_n * share;
    if (!f.baseline_known) baseline_unknown += share;
    if (!f.contact_mm) continue;
    speed += f.contact_speed_mm_per_s;
    dwell += f.dwell_us;
    u2 += f.u_contact_mm * f.u_contact_mm;
    gradient += f.contact_gradient_per_s;
    contacts += 1;
  }
  if (contacts > 0) {
    speed /= contacts;
    dwell /= contacts;
    gradient /= contacts;  // of the speed along z, 1/s
  }
  const double u_contact = contacts > 0 ? std::sqrt(u2 / contacts) : 0;
  // The rise and the fall pass the contact about equally fast, and it is wrong for both.
  const double us_per_mm = speed > 0 ? 2e6 / speed : 0;
  constexpr double kContactLawMm = 1e-3;
  Sensitivities of_speed = with_contact(input, a, &ContactMoves::contact_speed_mm_per_s);
  of_speed.time_base_ppm = speed * 1e-6;
  Sensitivities of_dwell = with_contact(input, a, &ContactMoves::dwell_us);
  of_dwell.time_base_ppm = -dwell * 1e-6;
  Sensitivities of_force;  // without a baseline the tare stands for it
  of_force.tare_counts = -baseline_unknown * c.force_n_per_count.value;
  const auto of_work = [&](double ContactMoves::*member) {
    Sensitivities s = with_contact(input, a, member);
    // The give is no part of the needle encoder's length.
    s.needle_scale = -s.force_scale;
    return s;
  };
  add_mean(input, a,
           {"contact_speed", "mm/s", of_speed, 0, 1, u_contact * std::abs(gradient), no_contact,
            kContactLawMm * std::abs(gradient), "contact law", uniform_line},
           of_contact(&KeptForce::contact_speed_mm_per_s), out);
  add_mean(input, a,
           {"dwell", "µs", of_dwell, 0, 0, u_contact * us_per_mm, no_contact, kContactLawMm * us_per_mm, "contact law",
            uniform_line},
           of_contact(&KeptForce::dwell_us), out);
  const auto peak_of = [](F f) { return std::optional<double>(f.peak_n); };
  const auto puncture_of = [](F f) -> std::optional<double> { return f.puncture_n; };
  const bool steep = too_steep(a), steep_peak = steep || mostly_open(a, peak_of, &KeptForce::peak_half_width_n),
             steep_puncture = steep || mostly_open(a, puncture_of, &KeptForce::puncture_half_width_n);
  const char* no_peak =
      "the puncture is too steep for this sampling: too few samples lie between contact and puncture, or where the "
      "force falls again, and what is read depends on where they happen to lie (sample faster, or stroke slower)";
  add_mean(
      input, a, {"peak_force", "N", of_force, 1, 0, noise, steep_peak ? no_peak : no_contact, corner_of_peak},
      [&](F f) { return steep_peak ? std::nullopt : peak_of(f); }, out);
  add_mean(
      input, a, {"puncture_force", "N", of_force, 1, 0, noise, steep_puncture ? no_peak : no_puncture, corner},
      [&](F f) { return steep_puncture ? std::nullopt : puncture_of(f); }, out);
  of_force.tare_counts = -of_force.tare_counts;
  add_mean(
      input, a, {"withdrawal_force", "N", of_force, 1, 0, noise, no_contact, smoothed_pull, "smoothing of the pull"},
      [](F f) { return std::optional<double>(f.withdrawal_n); }, out);
  add_mean(input, a, {"insertion_work", "mJ", of_work(&ContactMoves::insertion_mj), 1, 1, 0, no_contact},
           of_contact(&KeptForce::insertion_mj), out);
  add_mean(input, a, {"dissipated_work", "mJ", of_work(&ContactMoves::dissipated_mj), 1, 1, 0, no_contact},
           of_contact(&KeptForce::dissipated_mj), out);
}

}  // namespace penrig
