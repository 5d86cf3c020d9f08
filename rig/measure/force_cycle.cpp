#include "rig/measure/force_cycle.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "rig/base/eight.hpp"
#include "rig/base/rounds.hpp"
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

/// One harmonic at four phases: its value, and its derivative by samples. What turns it on to the next four, and what
/// Taylor's terms take of it, is the same in all lanes.
struct HarmonicAtFour {
  Four value, slope;
  Four cosine, by_slope, by_value, to_second, to_third, to_fourth, to_fifth;
};

/// A crank's harmonics at four phases.
struct SeriesAtFour {
  [[gnu::always_inline]] SeriesAtFour(const SeriesOfCycle& series, const Four& turns, double sample_turns,
                                      double turns_on)
      : harmonics(series.harmonics), constant(series.constant) {
    const SinCosOfFour at = sin_cos_turns(turns);
    const SinCos on = sin_cos_turns(turns_on);
    const Four none{};
    Four re = at.cos, im = at.sin;
    double on_re = on.cos, on_im = on.sin, of_k = 1;
    for (std::size_t k = 0; k < harmonics; ++k, of_k += 1) {
      const double step = of_k * kTwoPi * sample_turns, step2 = step * step;
      each[k] = {series.cosines[k] * re + series.sines[k] * im,
                 step * (series.sines[k] * re - series.cosines[k] * im),
                 none + on_re,
                 none + on_im / step,
                 none + on_im * step,
                 none - step2 / 2,
                 none - step2 / 6,
                 none + step2 * step2 / 24,
                 none + step2 * step2 / 120};
      const Four turned = re * at.cos - im * at.sin;
      im = re * at.sin + im * at.cos;
      re = turned;
      const double turned_on = on_re * on.cos - on_im * on.sin;
      on_im = on_re * on.sin + on_im * on.cos;
      on_re = turned_on;
    }
  }

  /// Puts down Taylor's coefficients of the series, to powers of samples, and goes on to the next four phases.
  [[gnu::always_inline]] void take_taylor(std::array<std::array<double, 4>, kTaylorTerms>& of) {
    Four zeroth = Four{} + constant, first{}, second{}, third{}, fourth{}, fifth{};
    for (std::size_t k = 0; k < harmonics; ++k) {
      HarmonicAtFour& by = each[k];
      const Four value = by.value, slope = by.slope;
      zeroth += value;
      first += slope;
      second += by.to_second * value;
      third += by.to_third * slope;
      fourth += by.to_fourth * value;
      fifth += by.to_fifth * slope;
      by.value = by.cosine * value + by.by_slope * slope;
      by.slope = by.cosine * slope - by.by_value * value;
    }
    std::memcpy(of[0].data(), &zeroth, sizeof zeroth);
    std::memcpy(of[1].data(), &first, sizeof first);
    std::memcpy(of[2].data(), &second, sizeof second);
    std::memcpy(of[3].data(), &third, sizeof third);
    std::memcpy(of[4].data(), &fourth, sizeof fourth);
    std::memcpy(of[5].data(), &fifth, sizeof fifth);
  }

  std::size_t harmonics;
  double constant;
  std::array<HarmonicAtFour, static_cast<std::size_t>(kCrankHarmonics)> each;
};

/// The same where they lie close: about the middle of every `Length` (8 or 16; n: a multiple) by Taylor's series. Two
/// samples that lie as far before and behind a middle share its even and its odd powers.
template <std::size_t Length>
[[gnu::always_inline]] inline void evaluate_about_middles(const SeriesOfCycle& series, double first_turns,
                                                          double step_turns, std::size_t n, double* values) {
  constexpr std::size_t kMiddles = 4, kFours = Length / 8;
  constexpr double kHalf = 0.5 * static_cast<double>(Length - 1);
  std::array<Four, kFours> samples, squares;  // from the middle
  for (std::size_t p = 0; p < kFours; ++p) {
    samples[p] = Four{0, 1, 2, 3} + (static_cast<double>(4 * p) + 0.5);
    squares[p] = samples[p] * samples[p];
  }
  const Four middles = Four{0, 1, 2, 3} * static_cast<double>(Length) + kHalf;
  SeriesAtFour at(series, middles * step_turns + first_turns, step_turns,
                  static_cast<double>(kMiddles * Length) * step_turns);
  std::array<std::array<double, kMiddles>, kTaylorTerms> of;
  for (std::size_t first = 0; first < n; first += kMiddles * Length) {
    at.take_taylor(of);
    const auto put_about = [&](std::size_t middle) __attribute__((always_inline)) {
      double* const behind = values + first + middle * Length + Length / 2;
      PENRIG_UNROLL(2)
      for (std::size_t p = 0; p < kFours; ++p) {
        const Four even = (squares[p] * of[4][middle] + of[2][middle]) * squares[p] + of[0][middle];
        const Four odd = ((squares[p] * of[5][middle] + of[3][middle]) * squares[p] + of[1][middle]) * samples[p];
        const Four later = even + odd, earlier = even - odd;
        const Four in_order = __builtin_shufflevector(earlier, earlier, 3, 2, 1, 0);
        std::memcpy(behind + 4 * p, &later, sizeof later);
        std::memcpy(behind - 4 * (p + 1), &in_order, sizeof in_order);
      }
    };
    if (const std::size_t left = (n - first) / Length; left < kMiddles) {
      for (std::size_t middle = 0; middle < left; ++middle) put_about(middle);
      break;
    }
    PENRIG_UNROLL(4)
    for (std::size_t middle = 0; middle < kMiddles; ++middle) put_about(middle);
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
  std::size_t i = in_rounds<kLanes>(
      n, [&](std::size_t at)
             __attribute__((always_inline)) { sums += (eight_at(read + at) - scale.zero) * scale.n_per_count; });
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
  std::size_t i = in_rounds<kLanes>(
      n, [&](std::size_t at) __attribute__((always_inline)) {
        const Eight f = (eight_at(read + at) - scale.zero) * scale.n_per_count;
        put_eight(q_mm + at, eight_at(q_mm + at) - (give.soft_mm_per_n * f - give.not_of_baseline_mm));
        put_eight(force_n + at, f - give.baseline_n);
      });
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

/// Of `steps` trapezoids, summed up by samples: each counts with the way from the one before it to the one behind it.
PENRIG_EACH_PROCESSOR double work(const double* q_mm, const double* force_n, std::size_t steps) {
  Eight sums{};
  std::size_t i = 1 + in_rounds<kLanes>(
                          steps - 1, [&](std::size_t at) __attribute__((always_inline)) {
                            sums += eight_at(force_n + at + 1) * (eight_at(q_mm + at + 2) - eight_at(q_mm + at));
                          });
  for (; i < steps; ++i) sums.low[0] += force_n[i] * (q_mm[i + 1] - q_mm[i - 1]);
  const double ends = force_n[0] * (q_mm[1] - q_mm[0]) + force_n[steps] * (q_mm[steps] - q_mm[steps - 1]);
  return 0.5 * (ends + sum_of(sums));
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
