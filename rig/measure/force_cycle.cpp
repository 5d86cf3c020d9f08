#include "rig/measure/force_cycle.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/measure/harmonics.hpp"
#include "rig/measure/levels.hpp"

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
PENRIG_EACH_PROCESSOR void evaluate_each(const SeriesOfCycle& series, double first_turns, double step_turns,
                                         std::size_t n, double* values) {
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

constexpr std::size_t kTaylorTerms = 6;
/// Radians to either side for which so many terms do: the next is below 1e-9 / 720 k^6 c_k of a harmonic, 0.03 nm of a
/// crank's stroke of 3 mm.
constexpr double kTaylorReach = 0.101;

/// Taylor's coefficients of the series about eight phases, `step_turns` apart, to powers of samples.
[[gnu::always_inline]] inline std::array<Eight, kTaylorTerms> taylor(const SeriesOfCycle& series, const Eight& turns,
                                                                     double sample_turns) {
  const SinCosOfEight at = sin_cos_turns(turns);
  Eight re = at.cos, im = at.sin;
  std::array<Eight, kTaylorTerms> terms{};
  terms[0] = eight_of(series.constant);
  double of_k = 1;
  for (std::size_t k = 0; k < series.harmonics; ++k, of_k += 1) {
    const double step = of_k * kTwoPi * sample_turns, step2 = step * step;
    const Eight even = series.cosines[k] * re + series.sines[k] * im,
                odd = step * (series.sines[k] * re - series.cosines[k] * im);
    terms[0] += even;
    terms[1] += odd;
    terms[2] += (-step2 / 2) * even;
    terms[3] += (-step2 / 6) * odd;
    terms[4] += (step2 * step2 / 24) * even;
    terms[5] += (step2 * step2 / 120) * odd;
    const Eight turned = re * at.cos - im * at.sin;
    im = re * at.sin + im * at.cos;
    re = turned;
  }
  return terms;
}

/// The same where they lie close: about the middle of every `Length` (8 or 16; n: a multiple) by Taylor's series.
template <std::size_t Length>
[[gnu::always_inline]] inline void evaluate_about_middles(const SeriesOfCycle& series, double first_turns,
                                                          double step_turns, std::size_t n, double* values) {
  constexpr std::size_t kParts = Length / kLanes;
  std::array<Eight, kParts> samples;  // from the middle
  for (std::size_t p = 0; p < kParts; ++p)
    samples[p] = eight_from(static_cast<double>(p * kLanes) - 0.5 * static_cast<double>(Length - 1));
  for (std::size_t first = 0; first < n; first += kLanes * Length) {
    const Eight middles = eight_from(0) * static_cast<double>(Length) +
                          (static_cast<double>(first) + 0.5 * static_cast<double>(Length - 1));
    const std::array<Eight, kTaylorTerms> terms = taylor(series, middles * step_turns + first_turns, step_turns);
    std::array<std::array<double, kLanes>, kTaylorTerms> of;
    for (std::size_t j = 0; j < kTaylorTerms; ++j) put_eight(of[j].data(), terms[j]);
    const std::size_t lanes = std::min(kLanes, (n - first) / Length);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      for (std::size_t p = 0; p < kParts; ++p) {
        Eight value = eight_of(of[kTaylorTerms - 1][lane]);
        for (std::size_t j = kTaylorTerms - 1; j-- > 0;) value = value * samples[p] + eight_of(of[j][lane]);
        put_eight(values + first + lane * Length + p * kLanes, value);
      }
    }
  }
}

PENRIG_EACH_PROCESSOR void evaluate_by_sixteen(const SeriesOfCycle& series, double first_turns, double step_turns,
                                               std::size_t n, double* values) {
  evaluate_about_middles<16>(series, first_turns, step_turns, n, values);
}

PENRIG_EACH_PROCESSOR void evaluate_by_eight(const SeriesOfCycle& series, double first_turns, double step_turns,
                                             std::size_t n, double* values) {
  evaluate_about_middles<8>(series, first_turns, step_turns, n, values);
}

constexpr std::size_t kMostAtOnce = 16;

/// n: a multiple of kMostAtOnce.
void evaluate(const SeriesOfCycle& series, double first_turns, double step_turns, std::size_t n, double* values) {
  const double reach_of_sixteen = 0.5 * kTwoPi * 16 * step_turns;
  const bool is_crank = series.harmonics <= static_cast<std::size_t>(kCrankHarmonics);
  if (is_crank && reach_of_sixteen <= kTaylorReach) {
    evaluate_by_sixteen(series, first_turns, step_turns, n, values);
  } else if (is_crank && 0.5 * reach_of_sixteen <= kTaylorReach) {
    evaluate_by_eight(series, first_turns, step_turns, n, values);
  } else {
    evaluate_each(series, first_turns, step_turns, n, values);
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
  into.q_mm.resize((n + kMostAtOnce - 1) / kMostAtOnce * kMostAtOnce);
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
  const std::size_t rise = into.rise = first_not_below(into.q_mm, 0, clear), fall = end_of_not_below(into.q_mm, clear);
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
