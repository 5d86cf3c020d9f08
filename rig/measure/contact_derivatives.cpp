#include "rig/measure/contact_derivatives.hpp"

#include <algorithm>
#include <vector>

namespace penrig {

namespace {

constexpr std::size_t kStrokes = 5;
constexpr double kLeastDelaySamples = 0.02, kLeastGiveMmPerN = 0.1e-3;

struct Sum {
  ContactMoves of;
  std::size_t strokes = 0;
};

/// Difference of the means over the strokes that both show a contact, over the step.
Sum difference(const std::vector<StrokeForce>& up, const std::vector<StrokeForce>& down, double step) {
  Sum sum;
  for (std::size_t i = 0; i < up.size(); ++i) {
    if (!up[i].contact_mm || !down[i].contact_mm) continue;
    sum.of.contact_mm += *up[i].contact_mm - *down[i].contact_mm;
    sum.of.contact_speed_mm_per_s += up[i].contact_speed_mm_per_s - down[i].contact_speed_mm_per_s;
    sum.of.dwell_us += up[i].dwell_us - down[i].dwell_us;
    sum.of.insertion_mj += up[i].insertion_mj - down[i].insertion_mj;
    sum.of.dissipated_mj += up[i].dissipated_mj - down[i].dissipated_mj;
    ++sum.strokes;
  }
  if (sum.strokes == 0) return sum;
  const double share = 1 / (step * static_cast<double>(sum.strokes));
  for (double* value : {&sum.of.contact_mm, &sum.of.contact_speed_mm_per_s, &sum.of.dwell_us, &sum.of.insertion_mj,
                        &sum.of.dissipated_mj}) {
    *value *= share;
  }
  return sum;
}

}  // namespace

ContactDerivatives contact_derivatives(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                       const ForceScales& scales, const Calibrations& c) {
  ContactDerivatives out;
  const bool gives = c.tip_um_per_n.u > 0 || c.cell_um_per_n.u > 0 || c.force_n_per_count.u > 0 ||
                     c.frame_um_per_n.u > 0 || c.reciprocating_mass_g.u > 0 || c.force_ppm_per_k.u > 0;
  const bool lags = c.force_delay_us.u > 0;
  if (fits.empty() || (!gives && !lags)) return out;
  const std::size_t n = std::min(kStrokes, fits.size());
  std::vector<const CycleFit*> some;
  for (std::size_t i = 0; i < n; ++i) some.push_back(fits[(2 * i + 1) * fits.size() / (2 * n)]);
  std::size_t strokes = fits.size();
  std::vector<ForceCycle> cycles;
  const auto derive = [&](double ForceScales::*input, double step, double unit) {
    ForceScales up = scales, down = scales;
    up.*input += step;
    down.*input -= step;
    const Sum sum = difference(analyse_contacts(force, some, up, cycles), analyse_contacts(force, some, down, cycles),
                               2 * step / unit);
    strokes = std::min(strokes, sum.strokes);
    return sum.of;
  };
  if (lags) {
    const double samples_per_us = scales.sample_rate_hz * 1e-6;
    out.delay_us = derive(&ForceScales::delay_samples,
                          std::max(c.force_delay_us.u * samples_per_us, kLeastDelaySamples), samples_per_us);
  }
  if (gives) {
    out.tip_um_per_n = derive(&ForceScales::tip_mm_per_n, std::max(c.tip_um_per_n.u * 1e-3, kLeastGiveMmPerN), 1e-3);
    out.frame_um_per_n =
        derive(&ForceScales::frame_mm_per_n, std::max(c.frame_um_per_n.u * 1e-3, kLeastGiveMmPerN), 1e-3);
  }
  out.strokes = strokes;
  return out;
}

}  // namespace penrig
