#include "rig/measure/force_cycle.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "rig/base/eight.hpp"
#include "rig/base/unroll.hpp"
#include "rig/base/unset_vector.hpp"
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
/// Radians to either side for which so many terms do: the next is below 1.1e-6 / 720 k^6 c_k of a harmonic, 0.03 nm of
/// a crank's stroke of 3 mm.
constexpr double kTaylorReach = 0.101;

/// What Taylor's terms take of one harmonic: the same in all lanes.
struct TaylorFactors {
  Four cosine, sine, to_first, to_second, to_third, to_fourth, to_fifth;
};
using FactorsOfCrank = std::array<TaylorFactors, static_cast<std::size_t>(kCrankHarmonics)>;

[[gnu::always_inline]] inline FactorsOfCrank taylor_factors(const SeriesOfCycle& series, double sample_turns) {
  FactorsOfCrank factors;
  const Four none{};
  double of_k = 1;
  for (std::size_t k = 0; k < series.harmonics; ++k, of_k += 1) {
    const double step = of_k * kTwoPi * sample_turns, step2 = step * step;
    factors[k] = {none + series.cosines[k],  none + series.sines[k],    none + step, none - step2 / 2, none - step2 / 6,
                  none + step2 * step2 / 24, none + step2 * step2 / 120};
  }
  return factors;
}

/// Taylor's coefficients of the series about four phases, to powers of samples.
[[gnu::always_inline]] inline std::array<Four, kTaylorTerms> taylor(const SeriesOfCycle& series,
                                                                    const FactorsOfCrank& factors, const Four& turns) {
  const SinCosOfFour at = sin_cos_turns(turns);
  Four re = at.cos, im = at.sin;
  std::array<Four, kTaylorTerms> terms{};
  terms[0] += series.constant;
  for (std::size_t k = 0; k < series.harmonics;) {
    const TaylorFactors& by = factors[k];
    const Four even = by.cosine * re + by.sine * im, odd = by.to_first * (by.sine * re - by.cosine * im);
    terms[0] += even;
    terms[1] += odd;
    terms[2] += by.to_second * even;
    terms[3] += by.to_third * odd;
    terms[4] += by.to_fourth * even;
    terms[5] += by.to_fifth * odd;
    if (++k == series.harmonics) break;
    const Four turned = re * at.cos - im * at.sin;
    im = re * at.sin + im * at.cos;
    re = turned;
  }
  return terms;
}

/// The same where they lie close: about the middle of every `Length` (8 or 16; n: a multiple) by Taylor's series.
template <std::size_t Length>
[[gnu::always_inline]] inline void evaluate_about_middles(const SeriesOfCycle& series, double first_turns,
                                                          double step_turns, std::size_t n, double* values) {
  constexpr std::size_t kMiddles = 4, kFours = Length / 4;
  constexpr double kHalf = 0.5 * static_cast<double>(Length - 1);
  const FactorsOfCrank factors = taylor_factors(series, step_turns);
  std::array<Four, kFours> samples;  // from the middle
  for (std::size_t p = 0; p < kFours; ++p) samples[p] = Four{0, 1, 2, 3} + (static_cast<double>(4 * p) - kHalf);
  const Four middles = Four{0, 1, 2, 3} * static_cast<double>(Length);
  for (std::size_t first = 0; first < n; first += kMiddles * Length) {
    const Four turns = (middles + (static_cast<double>(first) + kHalf)) * step_turns + first_turns;
    const std::array<Four, kTaylorTerms> terms = taylor(series, factors, turns);
    std::array<std::array<double, kMiddles>, kTaylorTerms> of;
    PENRIG_UNROLL(6)
    for (std::size_t j = 0; j < kTaylorTerms; ++j) std::memcpy(of[j].data(), &terms[j], sizeof terms[j]);
    const std::size_t count = std::min(kMiddles, (n - first) / Length);
    for (std::size_t middle = 0; middle < count; ++middle) {
      std::array<Four, kFours> value;
      PENRIG_UNROLL(4)
      for (std::size_t p = 0; p < kFours; ++p) value[p] = samples[p] * of[kTaylorTerms - 1][middle];
      PENRIG_UNROLL(4)
      for (std::size_t j = 2; j < kTaylorTerms; ++j) {
        PENRIG_UNROLL(4)
        for (std::size_t p = 0; p < kFours; ++p) {
          value[p] = (value[p] + of[kTaylorTerms - j][middle]) * samples[p];
        }
      }
      PENRIG_UNROLL(4)
      for (std::size_t p = 0; p < kFours; ++p) {
        value[p] += of[0][middle];
        std::memcpy(values + first + middle * Length + 4 * p, &value[p], sizeof value[p]);
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

/// How what was read becomes a force.
struct ForceScale {
  double zero = 0, n_per_count = 1;  ///< as they stand: of a force
};

/// Read: counts, or forces.
template <class Read>
[[gnu::always_inline]] inline double sum_of_forces(const Read* read, std::size_t n, ForceScale scale) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) sums += (eight_at(read + i) - scale.zero) * scale.n_per_count;
  for (; i < n; ++i) sums.low[0] += (static_cast<double>(read[i]) - scale.zero) * scale.n_per_count;
  return sum_of(sums);
}
PENRIG_EACH_PROCESSOR double sum_over(const std::int32_t* counts, std::size_t n, ForceScale scale) {
  return sum_of_forces(counts, n, scale);
}
PENRIG_EACH_PROCESSOR double sum_over(const double* forces, std::size_t n, ForceScale scale) {
  return sum_of_forces(forces, n, scale);
}

/// What gives way to the force.
struct Give {
  double soft_mm_per_n, not_of_baseline_mm, baseline_n;
};

/// Takes it off q, and the baseline off the force, which is put down.
template <class Read>
[[gnu::always_inline]] inline void take_off_each(const Read* read, ForceScale scale, Give give, std::size_t n,
                                                 double* q_mm, double* force_n) {
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const Eight f = (eight_at(read + i) - scale.zero) * scale.n_per_count;
    put_eight(q_mm + i, eight_at(q_mm + i) - (give.soft_mm_per_n * f - give.not_of_baseline_mm));
    put_eight(force_n + i, f - give.baseline_n);
  }
  for (; i < n; ++i) {
    const double f = (static_cast<double>(read[i]) - scale.zero) * scale.n_per_count;
    q_mm[i] -= give.soft_mm_per_n * f - give.not_of_baseline_mm;
    force_n[i] = f - give.baseline_n;
  }
}
PENRIG_EACH_PROCESSOR void take_off(const std::int32_t* counts, ForceScale scale, Give give, std::size_t n,
                                    double* q_mm, double* force_n) {
  take_off_each(counts, scale, give, n, q_mm, force_n);
}
PENRIG_EACH_PROCESSOR void take_off(const double* forces, ForceScale scale, Give give, std::size_t n, double* q_mm,
                                    double* force_n) {
  take_off_each(forces, scale, give, n, q_mm, force_n);
}

/// The needles' force and q without what gives way to it. into.q_mm: before that; into.read_n is left alone.
template <class Read>
void take_baseline(const Read* read, const ForceScale& scale, const ForceScales& s, ForceCycle& into) {
  const std::size_t n = into.q_mm.size();
  const double bottom = into.q_mm.front();
  const double clear = bottom + 0.5 * (s.surface_guess_mm - bottom);
  const std::size_t rise = into.rise = first_not_below(into.q_mm, 0, clear), fall = end_of_not_below(into.q_mm, clear);
  const std::size_t count = rise + n - fall;
  into.baseline_known = count >= 8 && s.surface_guess_mm - bottom > 0.1;
  into.baseline_n = 0;
  if (into.baseline_known) {
    const double sum = sum_over(read, rise, scale) + sum_over(read + fall, n - fall, scale);
    into.baseline_n = sum / static_cast<double>(count);
  }
  const Give give{s.tip_mm_per_n + s.frame_mm_per_n + s.cell_mm_per_n,
                  (s.tip_mm_per_n + s.frame_mm_per_n) * into.baseline_n, into.baseline_n};
  take_off(read, scale, give, n, into.q_mm.data(), into.force_n.data());
}

PENRIG_EACH_PROCESSOR double work(const double* q_mm, const double* force_n, std::size_t steps) {
  Eight sums{};
  std::size_t i = 0;
  for (; i + kLanes <= steps; i += kLanes) {
    const Eight both = eight_at(force_n + i) + eight_at(force_n + i + 1);
    sums += both * (eight_at(q_mm + i + 1) - eight_at(q_mm + i));
  }
  for (; i < steps; ++i) sums.low[0] += (force_n[i] + force_n[i + 1]) * (q_mm[i + 1] - q_mm[i]);
  return 0.5 * sum_of(sums);
}

/// n values; what stood there is lost. A cycle is a little longer than the one before as often as not: with some room
/// to spare their memory is used again.
void make_room(UnsetVector<double>& values, std::size_t n) {
  if (values.capacity() < n) {
    values.clear();
    values.reserve(n + n / 8);
  }
  values.resize(n);
}

}  // namespace

void evaluate_cycle(std::span<const std::int32_t> force, const CycleFit& fit, const ForceScales& s, ForceCycle& into) {
  const auto limit = static_cast<double>(force.size());
  const double begin = std::ceil(fit.start + s.delay_samples),
               end = std::min(std::ceil(fit.start + fit.period + s.delay_samples), limit);
  into.first = static_cast<std::size_t>(begin);
  const std::size_t n = end > begin ? static_cast<std::size_t>(end - begin) : 0;
  make_room(into.q_mm, (n + kMostAtOnce - 1) / kMostAtOnce * kMostAtOnce);
  make_room(into.force_n, n);
  const double step_turns = 1 / fit.period;
  evaluate(SeriesOfCycle(fit, s), (begin - s.delay_samples - fit.start) * step_turns, step_turns, into.q_mm.size(),
           into.q_mm.data());
  into.q_mm.resize(n);
  into.read_n.clear();
  if (n == 0) return;
  const ForceScale scale{s.zero_counts, s.n_per_count};
  const ResponseInverse inverse(s.cell, s.sample_rate_hz);
  if (inverse.half_width() == 0) {
    take_baseline(&force[into.first], scale, s, into);
    return;
  }
  make_room(into.read_n, n);
  for (std::size_t i = 0; i < n; ++i) {
    into.read_n[i] = (force[into.first + i] - scale.zero) * scale.n_per_count;
    into.force_n[i] = (inverse.at(force, force.size(), into.first + i) - scale.zero) * scale.n_per_count;
  }
  take_baseline(into.force_n.data(), {}, s, into);
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
