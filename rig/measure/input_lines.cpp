#include "rig/measure/input_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace penrig {

namespace {

using namespace input_name;

/// Derivative by a factor from that by its logarithm.
double by_factor(double by_logarithm, const Factor& f) { return f.value != 0 ? by_logarithm / f.value : 0; }

void add(std::vector<BudgetLine>& lines, const char* source, const char* unit, const Factor& f, double sensitivity) {
  if (sensitivity != 0) add_factor(lines, source, unit, f, sensitivity);
}

void add(std::vector<BudgetLine>& lines, const InputQuantity& input, double sensitivity) {
  if (sensitivity != 0 && input.u > 0) lines.push_back(input_line(input, sensitivity));
}

/// Where the two clocks disagree either is right: the truth lies at an end of the interval as likely as between (u =
/// half-width / sqrt 2), and U holds all of it.
void add_clocks(std::vector<BudgetLine>& lines, const ClockRelation& clock, double sensitivity) {
  if (sensitivity == 0 || !(clock.rate_off_ppm > 0)) return;
  lines.push_back(input_line({kClocks, "ppm", 0, clock.rate_off_ppm / std::sqrt(2.0), 0, kClocks}, sensitivity));
  lines.back().distribution = "arcsine";
}

}  // namespace

Sensitivities& Sensitivities::operator-=(const Sensitivities& other) {
  for (double Sensitivities::*input :
       {&Sensitivities::needle_scale, &Sensitivities::stage_scale, &Sensitivities::force_scale,
        &Sensitivities::time_base_ppm, &Sensitivities::delay_us, &Sensitivities::tip_um_per_n,
        &Sensitivities::frame_um_per_n, &Sensitivities::cell_um_per_n, &Sensitivities::mass_g,
        &Sensitivities::tare_counts, &Sensitivities::zero_mm, &Sensitivities::touch_mm, &Sensitivities::tilt_um}) {
    this->*input -= other.*input;
  }
  return *this;
}

std::vector<BudgetLine> lines_of_inputs(const SettingInput& input, const Sensitivities& s) {
  const Calibrations& c = *input.calibrations;
  std::vector<BudgetLine> lines;
  add(lines, kNeedleScale, "mm/count", c.position_mm_per_count, by_factor(s.needle_scale, c.position_mm_per_count));
  add(lines, kStageScale, "mm/count", c.stage_mm_per_count, by_factor(s.stage_scale, c.stage_mm_per_count));
  add(lines, kForceScale, "N/count", c.force_n_per_count, by_factor(s.force_scale, c.force_n_per_count));
  add(lines, kTimeBase, "ppm", c.time_base_ppm, s.time_base_ppm);
  add_clocks(lines, input.clock, s.time_base_ppm);
  add(lines, kDelay, "µs", c.force_delay_us, s.delay_us);
  add(lines, kTip, "µm/N", c.tip_um_per_n, s.tip_um_per_n);
  add(lines, kFrame, "µm/N", c.frame_um_per_n, s.frame_um_per_n);
  add(lines, kCell, "µm/N", c.cell_um_per_n, s.cell_um_per_n);
  add(lines, kMass, "g", c.reciprocating_mass_g, s.mass_g);
  if (input.temperature_c && c.temperature_c) {
    const double per_ppm_per_k = (*input.temperature_c - *c.temperature_c) * 1e-6;
    add(lines, kNeedlePerK, "ppm/K", c.position_ppm_per_k, s.needle_scale * per_ppm_per_k);
    add(lines, kStagePerK, "ppm/K", c.stage_ppm_per_k, s.stage_scale * per_ppm_per_k);
    add(lines, kForcePerK, "ppm/K", c.force_ppm_per_k, s.force_scale * per_ppm_per_k);
  }
  add(lines, {kTare, "count", input.tare.zero_counts, input.tare.u_counts, 0, kTare}, s.tare_counts);
  add(lines, {kZero, "mm", input.zero.needle_zero_mm, input.zero.u_mm, input.zero.nu, kZero}, s.zero_mm);
  // A touch is of its spot alone, and the next setting has another.
  if (input.surface) {
    add(lines, {kSurfaceTouch, "mm", input.surface->stage_mm, input.surface->u_mm, 0, ""}, s.touch_mm);
  }
  add(lines, {kTilt, "µm", 0, c.tilt_u_um, 0, kTilt}, s.tilt_um);
  return lines;
}

void set_needle_scale(std::vector<BudgetLine>& lines, const Calibrations& c, double needle_scale) {
  for (BudgetLine& line : lines) {
    if (line.source != kNeedleScale) continue;
    line.sensitivity = by_factor(needle_scale, c.position_mm_per_count);
    line.u = std::abs(line.sensitivity) * line.u_input;
  }
}

bool is_input_line(const BudgetLine& line) {
  constexpr std::array kInputs = {kNeedleScale, kStageScale, kForceScale, kTimeBase, kDelay,
                                  kTip,         kFrame,      kCell,       kMass,     kNeedlePerK,
                                  kStagePerK,   kForcePerK,  kTare,       kZero,     kSurfaceTouch};
  return std::ranges::any_of(kInputs, [&](const char* name) { return line.source == name; });
}

}  // namespace penrig
