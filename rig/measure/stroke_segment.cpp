#include "rig/measure/stroke_segment.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/harmonics.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/stroke_faults.hpp"
#include "rig/measure/top_remainder.hpp"
#include "rig/measure/traces.hpp"

namespace penrig {

namespace {

constexpr double kOpenCycleShare = 0.05;  ///< of the swing: a cycle whose bottoms differ by more is not one turn

ForceScales scales_for(const SettingInput& input, const SettingAnalysis& a) {
  const Calibrations& c = *input.calibrations;
  ForceScales s;
  s.mm_per_count = c.position_mm_per_count.value;
  s.needle_zero_mm = input.zero.needle_zero_mm;
  s.n_per_count = c.force_n_per_count.value;
  s.zero_counts = input.tare.zero_counts;
  s.noise_n = std::max(input.tare.noise_counts, 1 / std::sqrt(12.0)) * c.force_n_per_count.value;
  s.sample_rate_hz = a.sample_rate_hz;
  s.delay_samples = c.force_delay_us.value * 1e-6 * a.sample_rate_hz;
  s.tip_mm_per_n = c.tip_um_per_n.value * 1e-3;
  s.frame_mm_per_n = c.frame_um_per_n.value * 1e-3;
  s.cell_mm_per_n = c.cell_um_per_n.value * 1e-3;
  s.reciprocating_mass_kg = c.reciprocating_mass_g.value * 1e-3;
  s.cell = {c.cell_corner_hz, c.cell_resonance_hz, c.cell_damping};
  s.contact_exponent = input.simulant != nullptr ? input.simulant->contact_exponent : 1.5;
  s.surface_guess_mm = a.surface_mm.value_or(input.surface_guess_mm.value_or(0));
  return s;
}

/// The cycles by the segment's own samples. One whose samples are gone is cut, and has no fit.
std::vector<RawCycle> cycles_of(const SegmentSamples& samples, std::span<const RawCycle> cycles) {
  std::vector<RawCycle> own(cycles.begin(), cycles.end());
  const auto inside = [&](std::size_t& at, bool& cut) {
    const std::size_t last = samples.origin + samples.position.size() - 1;
    if (at < samples.origin || at > last) cut = true;
    at = std::clamp(at, samples.origin, last) - samples.origin;
  };
  for (RawCycle& c : own) {
    inside(c.first_bottom, c.cut);
    inside(c.top, c.cut);
    inside(c.second_bottom, c.cut);
  }
  return own;
}

KeptFit kept_of(const CycleFit& fit) {
  KeptFit kept;
  kept.harmonics = static_cast<std::int8_t>(fit.harmonics);
  kept.residual_ss = static_cast<float>(fit.residual_ss);
  kept.u_top = static_cast<float>(fit.u_top);
  kept.u_time = static_cast<float>(fit.u_time);
  if (fit.harmonics == 0) return kept;
  kept.freedom = static_cast<float>(fit.freedom());
  const double rate = kTwoPi / fit.period;
  kept.top_curvature = static_cast<float>(fit.at_turns(fit.top_turns).curvature * rate * rate);
  return kept;
}

KeptForce kept_of(const StrokeForce& force) {
  const auto kept = [](double value) { return static_cast<float>(value); };
  return {.baseline_n = kept(force.baseline_n),
          .top_mm = kept(force.top_mm),
          .force_at_top_n = kept(force.force_at_top_n),
          .reaction_at_top_n = kept(force.reaction_at_top_n),
          .peak_n = kept(force.peak_n),
          .peak_half_width_n = kept(force.peak_half_width_n),
          .puncture_n = force.puncture_n,
          .puncture_half_width_n = kept(force.puncture_half_width_n),
          .withdrawal_n = kept(force.withdrawal_n),
          .withdrawal_half_width_n = kept(force.withdrawal_half_width_n),
          .contact_mm = force.contact_mm,
          .u_contact_mm = kept(force.u_contact_mm),
          .u_kappa_mm = kept(force.u_kappa_mm),
          .contact_speed_mm_per_s = kept(force.contact_speed_mm_per_s),
          .contact_gradient_per_s = kept(force.contact_gradient_per_s),
          .dwell_us = kept(force.dwell_us),
          .insertion_mj = kept(force.insertion_mj),
          .dissipated_mj = kept(force.dissipated_mj),
          .baseline_known = force.baseline_known,
          .corner_unseen = force.corner_unseen};
}

/// Where the force does not fall at the puncture the law of contact is fitted to cutting and friction as well, and
/// begins up to half a millimetre farther out. Needles meet no surface above the one that was touched: strokes only
/// make it sink.
void drop_contacts_above(double surface_mm, std::span<const std::size_t> strokes, SettingAnalysis& a) {
  constexpr double kAboveMm = 0.04;  // a spot is even to that, and the touch known
  double above = 0, n = 0;
  for (const std::size_t i : strokes) {
    const std::optional<double> contact = a.judged[i].force.contact_mm;
    if (!contact) continue;
    above += surface_mm - *contact;
    n += 1;
  }
  if (!(above > kAboveMm * n)) return;
  for (const std::size_t i : strokes) a.judged[i].force.contact_mm = MaybeFloat{};
}

bool is_spoiled(const SettingInput& input, const RawCycle& cycle) {
  return std::ranges::any_of(
      input.spoiled, [&](const SampleRange& r) { return r.from <= cycle.second_bottom && r.to > cycle.first_bottom; });
}

/// Judged strokes [from, to) with those beside them, as they lie in time.
StrokeFaults faults_of_strokes(const SettingInput& input, const SettingAnalysis& a, std::size_t judged_from,
                               std::size_t from, std::size_t to) {
  const double floor_mm = input.missed_floor_fraction * input.depth_mm;
  if (to == from + 1) {
    const JudgedStroke& alone = a.judged[from];
    return {{{0, alone.whole && alone.extension_mm < floor_mm, !alone.whole}}, 0, 0, 1};
  }
  const std::size_t first = judged_from + from, last = judged_from + to,
                    begin = first - std::min(first, kBesideStrokes),
                    end = std::min(last + kBesideStrokes, a.tops.size());
  std::vector<SeenStroke> seen;
  for (std::size_t i = begin; i < end; ++i) {
    if (i < first || i >= last) {
      seen.push_back({static_cast<double>(a.tops[i]) / a.sample_rate_hz});
      continue;
    }
    // Too short for a fit (a bounce), or its bottoms differ: not one whole turn, so never averaged, and never silently.
    const JudgedStroke& stroke = a.judged[i - judged_from];
    seen.push_back({stroke.top_s, stroke.whole, stroke.extension_mm < floor_mm});
  }
  return find_stroke_faults(seen, first - begin, last - begin);
}

}  // namespace

std::optional<double> surface_at(const SettingInput& input, double working_stage_mm) {
  if (!input.surface) return std::nullopt;
  // Positive axial brings the surface nearer to the pen: to smaller z.
  return input.surface->needle_reading_mm - input.zero.needle_zero_mm - (working_stage_mm - input.surface->stage_mm);
}

void measure_segment(const SettingInput& input, const SegmentSamples& samples, const SegmentStrokes& strokes,
                     SettingAnalysis& a) {
  const double scale = input.calibrations->position_mm_per_count.value;
  const auto origin = static_cast<double>(samples.origin);
  const std::vector<RawCycle> cycles = cycles_of(samples, strokes.fitted);
  const std::vector<CycleFit> fits = fit_cycles(samples.position, cycles, 0);
  const double open_counts = kOpenCycleShare * strokes.range_mm / scale;
  const std::size_t from = a.judged.size();
  const std::span<const CycleFit> own =
      std::span(fits).subspan(strokes.first - strokes.fitted_from, strokes.last - strokes.first);
  a.left_counts = std::max(a.left_counts, largest_left(own));
  for (std::size_t i = strokes.first; i < strokes.last; ++i) {
    const CycleFit& fit = fits[i - strokes.fitted_from];
    JudgedStroke stroke;
    stroke.fit = kept_of(fit);
    stroke.whole =
        fit.harmonics > 0 && fit.swing <= open_counts && !is_spoiled(input, strokes.fitted[i - strokes.fitted_from]);
    const std::size_t top = cycles[i - strokes.fitted_from].top;
    stroke.top_s = (stroke.whole ? fit.top_index() + origin : static_cast<double>(a.tops[i])) / a.sample_rate_hz;
    stroke.extension_mm = static_cast<float>(
        (stroke.whole ? fit.top : static_cast<double>(samples.position[top])) * scale - input.zero.needle_zero_mm);
    a.judged.push_back(stroke);
  }
  const StrokeFaults faults = faults_of_strokes(input, a, strokes.judged_from, from, a.judged.size());
  std::vector<const CycleFit*> averaged;
  std::vector<std::size_t> owner;
  for (std::size_t i = from; i < a.judged.size(); ++i) {
    JudgedStroke& stroke = a.judged[i];
    stroke.missed = faults.strokes[i - from].missed;
    stroke.doubled = faults.strokes[i - from].doubled;
    if (!stroke.averaged()) continue;
    averaged.push_back(&fits[strokes.first + (i - from) - strokes.fitted_from]);
    owner.push_back(i);
  }
  if (from == 0) {
    a.with_force = !input.free_running;
    a.surface_mm = surface_at(input, a.working_stage_mm);
    if (a.with_force) a.scales = scales_for(input, a);
  }
  std::optional<TraceMaker> traces;
  if (a.traces.phase_deg.empty() && !averaged.empty()) traces.emplace(input, samples, averaged);
  if (a.with_force) {
    const double surface_mm = a.surface_mm.value_or(0);
    const auto seen = [&](std::size_t stroke, const ForceCycle& cycle) {
      if (traces) traces->add_loop(stroke, cycle, surface_mm);
    };
    const std::vector<StrokeForce> forces = analyse_forces(samples.force, averaged, a.scales, seen);
    for (std::size_t k = 0; k < forces.size(); ++k) a.judged[owner[k]].force = kept_of(forces[k]);
    if (a.surface_mm) drop_contacts_above(*a.surface_mm, owner, a);
    if (a.contact_derivatives.strokes == 0) {
      a.contact_derivatives = contact_derivatives(samples.force, averaged, a.scales, *input.calibrations);
    }
  }
  if (traces) a.traces = std::move(*traces).traces();
}

namespace {

/// Of a sample, counts, as the quieter strokes show it: those that overshoot leave much of that to their residuals.
double quiet_noise(const SettingAnalysis& a) {
  std::vector<double> variances;
  variances.reserve(a.averaged.size());
  for (const std::size_t i : a.averaged) variances.push_back(a.judged[i].fit.residual_ss / a.judged[i].fit.freedom);
  const auto quarter = variances.begin() + static_cast<std::ptrdiff_t>(variances.size() / 4);
  std::nth_element(variances.begin(), quarter, variances.end());
  return std::max(std::sqrt(*quarter), 1 / std::sqrt(12.0));
}

/// A fit averages away what lasts for a hundredth of a turn. Needles that overshoot at a top went so deep nevertheless.
void find_brief_tops(std::size_t judged_from, double mm_per_count, SettingAnalysis& a) {
  const double u_mm = quiet_noise(a) * mm_per_count, least = std::max(kBriefSigmas * u_mm, kBriefMm);
  for (std::size_t k = 0; k < a.averaged.size(); ++k) {
    const std::size_t i = a.averaged[k];
    const double above_mm = static_cast<double>(a.top_heights_mm[judged_from + i]) - a.judged[i].extension_mm;
    if (above_mm > least) a.brief_tops.push_back({k, above_mm, u_mm});
  }
}

/// Settling, braking and coasting strokes are not averaged, nor are missed and double ones, but needles that come out
/// too far do so then as well. Their speed changes, so their tops are local parabolas (within 1 um), or what stands
/// above those.
void find_other_deep_strokes(std::size_t judged_from, SettingAnalysis& a) {
  std::vector<double> extension;
  for (const std::size_t i : a.averaged) extension.push_back(a.judged[i].extension_mm);
  const Spread s = spread_of(extension);
  const double deep = s.mean + std::max(5 * s.sd, 0.03);
  for (std::size_t i = 0; i < a.tops.size(); ++i) {
    const bool judged = i >= judged_from && i - judged_from < a.judged.size();
    if (judged && a.judged[i - judged_from].averaged()) continue;
    const double height_mm = a.top_heights_mm[i];
    if (height_mm > deep) a.other_deep.push_back({static_cast<double>(a.tops[i]) / a.sample_rate_hz, height_mm});
  }
}

}  // namespace

Result<void> conclude_strokes(const SettingInput& input, std::size_t judged_from, SettingAnalysis& a) {
  const StrokeFaults faults = faults_of_strokes(input, a, judged_from, 0, a.judged.size());
  a.missed = faults.missed;
  a.doubled = faults.doubled;
  a.turns = faults.turns;
  for (std::size_t i = 0; i < a.judged.size(); ++i) {
    JudgedStroke& stroke = a.judged[i];
    stroke.turns = static_cast<std::uint32_t>(faults.strokes[i].turns);
    // Where a segment saw a fault that all strokes together do not show, it has no force: it stays out, and is counted.
    const bool out_in_segment = !stroke.averaged();
    stroke.missed = faults.strokes[i].missed;
    stroke.doubled = faults.strokes[i].doubled;
    if (out_in_segment && stroke.averaged()) {
      stroke.doubled = true;
      ++a.doubled;
    }
    if (stroke.averaged()) a.averaged.push_back(i);
  }
  if (a.averaged.empty() || a.averaged.size() < input.min_strokes) {
    return fail(Errc::too_few_strokes,
                fmt::format("{} whole strokes of {} judged ones ({} missed, {} double); at least {} are needed",
                            a.averaged.size(), a.judged.size(), a.missed, a.doubled, input.min_strokes));
  }
  const double scale = input.calibrations->position_mm_per_count.value, left_mm = a.left_counts * scale;
  if (left_mm > kMostLeft * a.motion.range_mm) {
    return fail(
        Errc::not_determined,
        fmt::format("the tops of the strokes are no crank's, cam's or pulse's: no smooth curve follows them, {:.2g} "
                    "mm are left over (a corner, or a shape that changes from stroke to stroke)",
                    left_mm));
  }
  find_other_deep_strokes(judged_from, a);
  find_brief_tops(judged_from, scale, a);
  double ss = 0, freedom = 0, top = 0, time = 0;
  for (const std::size_t i : a.averaged) {
    const KeptFit& fit = a.judged[i].fit;
    ss += fit.residual_ss;
    freedom += fit.freedom;
    top += fit.u_top * fit.u_top;
    time += fit.u_time * fit.u_time;
  }
  const auto n = static_cast<double>(a.averaged.size());
  a.noise_counts = std::sqrt(ss / freedom);
  a.mean_u_top = std::sqrt(top / n) * a.noise_counts * input.calibrations->position_mm_per_count.value;
  a.mean_u_time = std::sqrt(time / n) * a.noise_counts / a.sample_rate_hz;
  return {};
}

}  // namespace penrig
