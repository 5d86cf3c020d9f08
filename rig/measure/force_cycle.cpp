#include "rig/measure/force_cycle.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/measure/harmonics.hpp"

namespace penrig {

namespace {

/// z, and the frame's give under inertia, in one series: what q is before anything gives way to the force, mm.
struct SeriesOfCycle {
  SeriesOfCycle(const CycleFit& fit, const ForceScales& s)
      : harmonics(static_cast<std::size_t>(fit.harmonics)), constant(fit.c[0] * s.mm_per_count - s.needle_zero_mm) {
    const double rate = kTwoPi * (1 / fit.period) * s.sample_rate_hz;  // radians a second
    const double inertia =
        s.frame_mm_per_n * s.reciprocating_mass_kg * rate * rate * 1e-3;  // mm of frame per mm of curvature
    for (int k = 1; k <= fit.harmonics; ++k) {
      const double scale = (1 + inertia * k * k) * s.mm_per_count;
      const auto at = static_cast<std::size_t>(k - 1);
      cosines[at] = fit.c[cosine_term(k)] * scale;
      sines[at] = fit.c[sine_term(k)] * scale;
    }
  }
  std::size_t harmonics;
  double constant;
  std::array<double, kMaxHarmonics> cosines, sines;
};

/// The series at n phases, `step_turns` apart; n: a multiple of eight. By Clenshaw's recurrence, the phases by turning
/// eight of them on.
PENRIG_EACH_PROCESSOR void evaluate(const SeriesOfCycle& series, double first_turns, double step_turns, std::size_t n,
                                    double* values) {
  const SinCosOfEight first = sin_cos_turns(eight_from(0) * step_turns + first_turns);
  const SinCos by = sin_cos_turns(static_cast<double>(kLanes) * step_turns);
  Eight cosine = first.cos, sine = first.sin;
  for (std::size_t i = 0; i < n; i += kLanes) {
    const Eight twice = 2 * cosine;
    Eight b1{}, b2{}, d1{}, d2{};
    for (std::size_t k = series.harmonics; k-- > 0;) {
      const Eight b0 = twice * b1 - (b2 - series.cosines[k]), d0 = twice * d1 - (d2 - series.sines[k]);
      b2 = b1;
      b1 = b0;
      d2 = d1;
      d1 = d0;
    }
    put_eight(values + i, cosine * b1 - (b2 - series.constant) + sine * d1);
    const Eight turned = cosine * by.cos - sine * by.sin;
    sine = cosine * by.sin + sine * by.cos;
    cosine = turned;
  }
}

PENRIG_EACH_PROCESSOR void scale_counts(const std::int32_t* counts, std::size_t n, double zero, double scale,
                                        double* values) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) put_eight(values + i, (eight_at(counts + i) - zero) * scale);
  for (; i < n; ++i) values[i] = (counts[i] - zero) * scale;
}

PENRIG_EACH_PROCESSOR double sum_over(const double* values, std::size_t n) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) sums += eight_at(values + i);
  for (; i < n; ++i) sums.low[0] += values[i];
  return sum_of(sums);
}

/// Takes what gives way to the force off q, and the baseline off the force.
PENRIG_EACH_PROCESSOR void take_off(double soft, double not_of_baseline_mm, double baseline_n, std::size_t n,
                                    double* q_mm, double* force_n) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight f = eight_at(force_n + i);
    put_eight(q_mm + i, eight_at(q_mm + i) - (soft * f - not_of_baseline_mm));
    put_eight(force_n + i, f - baseline_n);
  }
  for (; i < n; ++i) {
    q_mm[i] -= soft * force_n[i] - not_of_baseline_mm;
    force_n[i] -= baseline_n;
  }
}

PENRIG_EACH_PROCESSOR double work(const double* q_mm, const double* force_n, std::size_t steps) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= steps; i += kLanes) {
    const Eight force = 0.5 * (eight_at(force_n + i) + eight_at(force_n + i + 1));
    sums += force * (eight_at(q_mm + i + 1) - eight_at(q_mm + i));
  }
  for (; i < steps; ++i) sums.low[0] += 0.5 * (force_n[i] + force_n[i + 1]) * (q_mm[i + 1] - q_mm[i]);
  return sum_of(sums);
}

}  // namespace

void evaluate_cycle(std::span<const std::int32_t> force, const CycleFit& fit, const ForceScales& s, ForceCycle& into) {
  const auto limit = static_cast<double>(force.size());
  const double begin = std::ceil(fit.start + s.delay_samples),
               end = std::min(std::ceil(fit.start + fit.period + s.delay_samples), limit);
  into.first = static_cast<std::size_t>(begin);
  const std::size_t n = end > begin ? static_cast<std::size_t>(end - begin) : 0;
  into.q_mm.resize((n + kLanes - 1) / kLanes * kLanes);
  into.force_n.resize(n);
  const double step_turns = 1 / fit.period;
  evaluate(SeriesOfCycle(fit, s), (begin - s.delay_samples - fit.start) * step_turns, step_turns, into.q_mm.size(),
           into.q_mm.data());
  into.q_mm.resize(n);
  into.read_n.clear();
  if (n == 0) return;
  scale_counts(&force[into.first], n, s.zero_counts, s.n_per_count, into.force_n.data());
  const ResponseInverse inverse(s.cell, s.sample_rate_hz);
  if (inverse.half_width() > 0) {
    into.read_n = into.force_n;
    for (std::size_t i = 0; i < n; ++i) {
      into.force_n[i] = (inverse.at(force, force.size(), into.first + i) - s.zero_counts) * s.n_per_count;
    }
  }
  const double bottom = into.q_mm.front();
  const double clear = bottom + 0.5 * (s.surface_guess_mm - bottom);
  std::size_t rise = 0, fall = n;
  while (rise < n && into.q_mm[rise] < clear) ++rise;
  into.rise = rise;
  while (fall > 0 && into.q_mm[fall - 1] < clear) --fall;
  const std::size_t count = rise + n - fall;
  into.baseline_known = count >= 8 && s.surface_guess_mm - bottom > 0.1;
  into.baseline_n = 0;
  if (into.baseline_known) {
    const double sum = sum_over(into.force_n.data(), rise) + sum_over(into.force_n.data() + fall, n - fall);
    into.baseline_n = sum / static_cast<double>(count);
  }
  const double soft = s.tip_mm_per_n + s.frame_mm_per_n + s.cell_mm_per_n;
  take_off(soft, (s.tip_mm_per_n + s.frame_mm_per_n) * into.baseline_n, into.baseline_n, n, into.q_mm.data(),
           into.force_n.data());
  if (into.read_n.empty()) return;
  // A resonance is that of the cell's own spring, which gives way to what it read; a corner is electrical.
  const double spring = s.cell.corner_hz > 0 ? 0 : s.cell_mm_per_n;
  for (std::size_t i = 0; i < n; ++i) {
    into.read_n[i] -= into.baseline_n;
    into.q_mm[i] += spring * (into.force_n[i] - into.read_n[i]);
  }
}

double work_between(const ForceCycle& cycle, std::size_t from, std::size_t to) {
  return from < to ? work(cycle.q_mm.data() + from, cycle.force_n.data() + from, to - from) : 0;
}

}  // namespace penrig
