#include <algorithm>
#include <cmath>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting_analysis.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

struct Quantity {
  const char* id;
  const char* unit;
  double scale;           ///< relative standard uncertainty of the calibration behind it
  double own_u;           ///< standard uncertainty of one stroke's value from noise
  const char* absent;     ///< why there is none
  double half_width = 0;  ///< of what the estimator leaves open in every stroke alike
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
  m.n_eff = effective_count(values);
  m.budget = {normal_line("calibration", q.scale * s.mean),
              observed_line("noise", q.own_u / std::sqrt(static_cast<double>(s.n)), static_cast<double>(s.n - 1)),
              observed_line(kRepeatability, s.sd / std::sqrt(m.n_eff), m.n_eff - 1)};
  if (q.half_width > 0) m.budget.push_back(uniform_line("corner of the puncture", q.half_width));
  finish(m);
  out.push_back(std::move(m));
}

}  // namespace

void measure_forces(const SettingInput& input, const SettingAnalysis& a, std::vector<Measurement>& out) {
  if (!a.with_force) return;
  const Calibrations& c = *input.calibrations;
  const double force = c.force_n_per_count.u / c.force_n_per_count.value;
  const double length = c.position_mm_per_count.u / c.position_mm_per_count.value;
  const double work = std::sqrt(force * force + length * length);
  const double noise = a.scales.noise_n;
  const char* no_contact = "no contact could be fitted in most strokes";
  const char* no_puncture = "no puncture: no first maximum with a drop of more than 5 sigma in most strokes";
  using F = const StrokeForce&;
  const auto with_contact = [](double StrokeForce::*member) {
    return [member](F f) { return f.contact_mm ? std::optional<double>(f.*member) : std::nullopt; };
  };
  double corner = 0, corner_of_peak = 0;
  for (const std::size_t i : a.averaged) {
    const StrokeForce& f = a.judged[i].force;
    const double share = f.puncture_half_width_n / static_cast<double>(a.averaged.size());
    corner += share;
    if (f.puncture_n && *f.puncture_n == f.peak_n) corner_of_peak += share;
  }
  double speed = 0;
  for (const std::size_t i : a.averaged) speed = std::max(speed, a.judged[i].force.contact_speed_mm_per_s);
  const double u_contact = a.judged[a.averaged.front()].force.u_contact_mm;
  add_mean(input, a, {"contact_speed", "mm/s", length, 0, no_contact},
           with_contact(&StrokeForce::contact_speed_mm_per_s), out);
  add_mean(input, a, {"dwell", "µs", 0, speed > 0 ? u_contact / speed * 2e6 : 0, no_contact},
           with_contact(&StrokeForce::dwell_us), out);
  add_mean(
      input, a, {"peak_force", "N", force, noise, no_contact, corner_of_peak},
      [](F f) { return std::optional<double>(f.peak_n); }, out);
  add_mean(
      input, a, {"puncture_force", "N", force, noise, no_puncture, corner}, [](F f) { return f.puncture_n; }, out);
  add_mean(
      input, a, {"withdrawal_force", "N", force, noise, no_contact},
      [](F f) { return std::optional<double>(f.withdrawal_n); }, out);
  add_mean(input, a, {"insertion_work", "mJ", work, 0, no_contact}, with_contact(&StrokeForce::insertion_mj), out);
  add_mean(input, a, {"dissipated_work", "mJ", work, 0, no_contact}, with_contact(&StrokeForce::dissipated_mj), out);
}

}  // namespace penrig
