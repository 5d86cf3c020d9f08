#include "rig/measure/stroke_force.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rig/measure/contact_fit.hpp"
#include "rig/measure/force_cycle.hpp"
#include "rig/measure/force_landmarks.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/levels.hpp"
#include "rig/measure/pool_forces.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

constexpr std::size_t kPool = kStrokesOfOneKappa;
constexpr double kOfPuncture = 0.6;  ///< up to this share of it the force follows the law of contact

void work_of(const ForceCycle& cycle, std::size_t contact, std::size_t top, StrokeForce& out) {
  const std::size_t last = cycle.q_mm.size() - 1, to = std::min(std::max(contact, top), last);
  out.insertion_mj = work_between(cycle, contact, to);
  out.dissipated_mj = work_between(cycle, 0, contact) + out.insertion_mj + work_between(cycle, to, last);
}

void height_of_top(const ForceCycle& cycle, const CycleFit& fit, const ForceScales& scales, StrokeForce& out) {
  // The force is smooth over a few hundredths of a turn about the top; a quadratic there takes the noise out.
  const auto half = static_cast<std::size_t>(std::max(4.0, fit.period * 0.02));
  const double at = fit.top_index() + scales.delay_samples - static_cast<double>(cycle.first);
  const double first = std::floor(at) - static_cast<double>(half);
  double slope = 0, force = 0;
  if (first >= 0 && first + 2 * static_cast<double>(half) + 1 <= static_cast<double>(cycle.force_n.size())) {
    const auto from = static_cast<std::size_t>(first);
    force = quadratic_at(&cycle.force_n[from], 2 * half + 1, at - first, &slope);
  }
  const CycleFit::Point p = fit.at_turns(fit.top_turns);
  const double per_sample = kTwoPi / fit.period;
  const double acceleration_mm = p.curvature * per_sample * per_sample * scales.mm_per_count;  // mm per sample^2
  const double acceleration = acceleration_mm * 1e-3 * scales.sample_rate_hz * scales.sample_rate_hz;
  out.force_at_top_n = force;
  out.reaction_at_top_n = force + scales.reciprocating_mass_kg * acceleration;
  const double z = fit.top * scales.mm_per_count - scales.needle_zero_mm;
  out.top_mm = z - scales.tip_mm_per_n * force - scales.frame_mm_per_n * out.reaction_at_top_n -
               scales.cell_mm_per_n * (force + out.baseline_n);
  // The largest q lies a little beside the largest z, where the compliance gives way less.
  const double give = (scales.tip_mm_per_n + scales.frame_mm_per_n + scales.cell_mm_per_n) * slope;
  if (acceleration_mm < 0) out.top_mm += give * give / (-2 * acceleration_mm);
}

/// Fractional index at which q rises (from `from` on) or, falling = true, falls through a level.
double crossing(std::span<const double> q, std::size_t from, double level, bool falling) {
  const std::size_t before = falling ? first_not_below(q, from, level) : first_below(q, from, level),
                    at = falling ? first_below(q, before, level) : first_not_below(q, before, level);
  if (at >= q.size()) return -1;
  return static_cast<double>(at - 1) + (level - q[at - 1]) / (q[at] - q[at - 1]);
}

/// Whether contacts without a puncture stay where they are if half of the force is left out. The force may have turned
/// to cutting and friction without a drop; the law of contact, fitted to those as well, begins too far out.
bool contacts_stay(std::span<const Approach> approaches, const ForceScales& scales) {
  constexpr double kMostMm = 5e-3, kSigmas = 5;
  std::vector<Approach> lower(approaches.begin(), approaches.end());
  double of = 0;
  for (Approach& a : lower) {
    of += a.found ? 1 : 0;
    a.found = false;  // until it is, where too little of the force is left to fit any
    a.limit_n *= 0.5;
  }
  fit_contacts(lower, scales.contact_exponent, scales.noise_n, scales.cell, scales.sample_rate_hz);
  double moved = 0, u2 = 0, n = 0;
  for (std::size_t k = 0; k < approaches.size(); ++k) {
    if (!approaches[k].found || !lower[k].found) continue;
    moved += lower[k].contact_mm - approaches[k].contact_mm;
    u2 += lower[k].u_contact_mm * lower[k].u_contact_mm / static_cast<double>(approaches.size());
    u2 += lower[k].u_kappa_mm * lower[k].u_kappa_mm;
    n += 1;
  }
  return of == 0 || (2 * n >= of && std::abs(moved) < kMostMm * n + kSigmas * std::sqrt(u2 * n));
}

/// Where some strokes show no puncture, the others tell how far the force rises before one: further up it is cutting.
void limit_by_punctures(std::span<const std::size_t> owner, std::span<const StrokeForce> strokes,
                        std::span<Approach> approaches) {
  std::vector<double> seen_n;
  for (const std::size_t i : owner) {
    if (strokes[i].puncture_n) seen_n.push_back(*strokes[i].puncture_n);
  }
  if (seen_n.empty()) return;
  const double most_n = kOfPuncture * median_of(seen_n);
  for (Approach& a : approaches) a.limit_n = std::min(a.limit_n, most_n);
}

/// Where each stroke met the surface, or all of its force.
enum class ForceResults { contacts, all };

std::vector<StrokeForce> analyse(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                 const ForceScales& scales, ForceResults wanted, std::vector<ForceCycle>& cycles,
                                 const CycleVisitor& seen) {
  std::vector<StrokeForce> out(fits.size());
  const double corner_loss =
      ResponseInverse(scales.cell, scales.sample_rate_hz).corner_loss(scales.cell, scales.sample_rate_hz);
  const double ring = scales.cell.is_ideal() && scales.cell.resonance_hz > 0
                          ? scales.sample_rate_hz / (kTwoPi * scales.cell.resonance_hz)
                          : 0;
  const double sigma = scales.needles_noise_n();
  std::vector<Approach> approaches;
  std::vector<std::size_t> owner;
  std::vector<Landmarks> marks;
  // Pools of equal size, so that the last is no remnant of a few strokes.
  const std::size_t pools = std::max<std::size_t>(1, (fits.size() + kPool / 2) / kPool);
  for (std::size_t pool = 0; pool < pools; ++pool) {
    const std::size_t from = fits.size() * pool / pools, to = fits.size() * (pool + 1) / pools;
    if (cycles.size() < to - from) cycles.resize(to - from);
    marks.assign(to - from, Landmarks{});
    approaches.clear();
    owner.clear();
    for (std::size_t i = from; i < to; ++i) {
      ForceCycle& cycle = cycles[i - from];
      evaluate_cycle(force, *fits[i], scales, cycle);
      if (seen) seen(i, cycle);
      StrokeForce& stroke = out[i];
      if (cycle.q_mm.size() < 16) continue;
      stroke.baseline_n = cycle.baseline_n;
      stroke.baseline_known = cycle.baseline_known;
      if (wanted == ForceResults::all) height_of_top(cycle, *fits[i], scales, stroke);
      Landmarks& m = marks[i - from] = find_landmarks(cycle, *fits[i], scales, sigma);
      // Contacts ask for the peak only where there is no puncture below which they lie.
      if (wanted == ForceResults::all || !m.punctured) find_peak_force(cycle, m.clear, m.top, sigma, stroke);
      if (m.punctured) {
        m.corner = find_puncture_force(cycle, m.puncture, m.clear, sigma, corner_loss, ring, stroke);
      }
      const std::size_t end = m.punctured ? m.puncture : m.top;
      Approach approach;
      approach.limit_n = kOfPuncture * (stroke.puncture_n ? *stroke.puncture_n : stroke.peak_n);
      if (end <= m.clear + 1 || !(approach.limit_n > 5 * scales.noise_n) || !cycle.baseline_known) continue;
      approach.position_mm = std::span(cycle.q_mm).subspan(m.clear, end - m.clear);
      approach.force_n = cycle.as_read().subspan(m.clear, end - m.clear);
      approaches.push_back(approach);
      owner.push_back(i);
    }
    const bool some_unseen = std::ranges::any_of(owner, [&](std::size_t i) { return !marks[i - from].punctured; });
    if (some_unseen) limit_by_punctures(owner, out, approaches);
    const double kappa =
        fit_contacts(approaches, scales.contact_exponent, scales.noise_n, scales.cell, scales.sample_rate_hz);
    if (some_unseen && !contacts_stay(approaches, scales)) {
      for (Approach& a : approaches) a.found = false;
    }
    if (wanted == ForceResults::all) {
      settle_punctures(cycles, marks, approaches, owner, kappa, from, scales, out);
      const std::span<const ForceCycle> own = std::span(cycles).first(to - from);
      const std::span<StrokeForce> into = std::span(out).subspan(from, to - from);
      settle_peaks(own, marks, fits.subspan(from, to - from), sigma, into);
      settle_pulls(own, marks, sigma, into);
    }
    for (std::size_t k = 0; k < approaches.size(); ++k) {
      if (!approaches[k].found) continue;
      StrokeForce& stroke = out[owner[k]];
      const ForceCycle& cycle = cycles[owner[k] - from];
      const Landmarks& m = marks[owner[k] - from];
      const double rise = crossing(cycle.q_mm, 0, approaches[k].contact_mm, false);
      const double fall = crossing(cycle.q_mm, m.top, approaches[k].contact_mm, true);
      if (rise < 0) continue;
      stroke.contact_mm = approaches[k].contact_mm;
      stroke.u_contact_mm = approaches[k].u_contact_mm;
      stroke.u_kappa_mm = approaches[k].u_kappa_mm;
      const double contact_index = static_cast<double>(cycle.first) + rise - scales.delay_samples;  // position's time
      const CycleFit::Point at = fits[owner[k]]->at_index(contact_index);
      stroke.contact_speed_mm_per_s = at.slope * scales.mm_per_count * scales.sample_rate_hz;
      stroke.contact_gradient_per_s = at.curvature / at.slope * scales.sample_rate_hz;
      if (fall > rise) stroke.dwell_us = (fall - rise) / scales.sample_rate_hz * 1e6;
      work_of(cycle, static_cast<std::size_t>(rise), m.top, stroke);
    }
  }
  return out;
}

}  // namespace

std::vector<StrokeForce> analyse_forces(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                        const ForceScales& scales, const CycleVisitor& seen) {
  std::vector<ForceCycle> cycles;
  return analyse(force, fits, scales, ForceResults::all, cycles, seen);
}

std::vector<StrokeForce> analyse_contacts(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                          const ForceScales& scales, std::vector<ForceCycle>& cycles) {
  return analyse(force, fits, scales, ForceResults::contacts, cycles, {});
}

}  // namespace penrig
