#include "rig/measure/turn_sums.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "rig/base/extremes.hpp"
#include "rig/base/unroll.hpp"

namespace penrig {

namespace {

/// A turn's samples in four stretches, since a step of the recurrence waits for the one before it; these in whole
/// fours.
constexpr std::size_t kStretches = 4, kPiece = 64, kInFours = 4;

/// One lane's samples, behind so many zeros that all lanes end together: no recurrence begins before its first sample.
struct Padded {
  const std::int32_t* counts;
  std::size_t zeros;
  std::int32_t zero;  ///< in counts

  [[gnu::always_inline]] FourCounts inside(std::size_t at) const { return four_at(counts + (at - zeros)); }
  FourCounts at_edge(std::size_t at) const {
    if (at >= zeros) return inside(at);
    if (at + kInFours <= zeros) return FourCounts{} + zero;
    std::array<std::int32_t, kInFours> x;
    for (std::size_t i = 0; i < kInFours; ++i) x[i] = at + i < zeros ? zero : counts[at + i - zeros];
    return four_at(x.data());
  }
};

/// Half of the lanes.
using FourTurns = std::array<Padded, 4>;

struct Sums {
  Four all{}, squares{};
};

[[gnu::always_inline]] inline void put(const Four& counts, const Four& base, Sums& sums, double* to) {
  const Four x = counts - base;
  std::memcpy(to, &x, sizeof x);
  sums.all += x;
  sums.squares += x * x;
}

/// Four samples of each of four turns, those of one time next to each other.
[[gnu::always_inline]] inline void put_side_by_side(const FourCounts& of_a, const FourCounts& of_b,
                                                    const FourCounts& of_c, const FourCounts& of_d, const Four& base,
                                                    Sums& sums, double* to) {
  const FourByFour by_time = transposed({four_of(of_a), four_of(of_b), four_of(of_c), four_of(of_d)});
  put(by_time.a, base, sums, to);
  put(by_time.b, base, sums, to + 4);
  put(by_time.c, base, sums, to + 8);
  put(by_time.d, base, sums, to + 12);
}

/// Samples from..from + n of four turns; n: in whole fours.
[[gnu::always_inline]] inline void load(const FourTurns& turns, std::size_t from, std::size_t n, const Four& base,
                                        Sums& sums, double* to) {
  std::size_t most_zeros = 0;
  for (const Padded& turn : turns) most_zeros = std::max(most_zeros, turn.zeros);
  std::size_t i = 0;
  for (; i < n && from + i < most_zeros; i += kInFours) {
    const std::size_t at = from + i;
    put_side_by_side(turns[0].at_edge(at), turns[1].at_edge(at), turns[2].at_edge(at), turns[3].at_edge(at), base, sums,
                     to + 4 * i);
  }
  for (; i < n; i += kInFours) {
    const std::size_t at = from + i;
    put_side_by_side(turns[0].inside(at), turns[1].inside(at), turns[2].inside(at), turns[3].inside(at), base, sums,
                     to + 4 * i);
  }
}

/// Where the recurrences of a harmonic stand, a stretch each.
struct Recurrences {
  std::array<Four, kStretches> s1, s2;
};

/// Goertzel's recurrences over n samples of each stretch, which lie kPiece apart.
[[gnu::always_inline]] inline void run(const double* x, std::size_t n, const Four& twice_cos, Recurrences& r) {
  std::array<Four, kStretches> s1 = r.s1, s2 = r.s2;
  for (std::size_t i = 0; i < n; i += kInFours) {
    PENRIG_UNROLL(4)
    for (std::size_t next = 0; next < kInFours; ++next) {
      PENRIG_UNROLL(4)
      for (std::size_t of = 0; of < kStretches; ++of) {
        Four sample;
        std::memcpy(&sample, x + 4 * (of * kPiece + i + next), sizeof sample);
        const Four s0 = twice_cos * s1[of] - (s2[of] - sample);
        s2[of] = s1[of];
        s1[of] = s0;
      }
    }
  }
  r = {s1, s2};
}

/// Of each of four turns.
struct FourSums {
  std::array<Recurrences, kCrankHarmonics> of;
  Sums sums;
};

[[gnu::always_inline]] inline void go_over(const FourTurns& turns, std::size_t length, const Four& base,
                                           std::size_t harmonics, const std::array<Four, kCrankHarmonics>& twice_cos,
                                           FourSums& out) {
  for (std::size_t k = 0; k < harmonics; ++k) out.of[k] = {};
  alignas(Four) std::array<double, kStretches * kPiece * 4> x;
  for (std::size_t at = 0; at < length; at += kPiece) {
    const std::size_t n = std::min(kPiece, length - at);
    for (std::size_t of = 0; of < kStretches; ++of)
      load(turns, of * length + at, n, base, out.sums, &x[4 * of * kPiece]);
    for (std::size_t k = 0; k < harmonics; ++k) run(x.data(), n, twice_cos[k], out.of[k]);
  }
}

/// Where each turn's samples begin, and their phase steps.
struct Axes {
  Eight n, first, step;
};
[[gnu::always_inline]] inline Axes axes_of(const EightTurns& turns) {
  std::array<double, kLanes> n, first, step;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    n[lane] = static_cast<double>(turns[lane].n);
    first[lane] = turns[lane].first_turns;
    step[lane] = turns[lane].step_turns;
  }
  return {eight_at(n.data()), eight_at(first.data()), eight_at(step.data())};
}

}  // namespace

PENRIG_EACH_PROCESSOR void harmonic_sums(const EightTurns& turns, std::size_t harmonics, TurnSums& sums) {
  std::size_t most = 0;
  for (const TurnSamples& turn : turns) most = std::max(most, turn.n);
  constexpr std::size_t kWhole = kStretches * kInFours;
  const std::size_t length = (most + kWhole - 1) / kWhole * kInFours;
  std::array<FourTurns, 2> padded;
  std::array<double, kLanes> base;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const TurnSamples& turn = turns[lane];
    base[lane] = turn.base;
    padded[lane / 4][lane % 4] = {turn.counts, kStretches * length - turn.n, static_cast<std::int32_t>(turn.base)};
  }
  const Eight bases = eight_at(base.data());
  const Axes axes = axes_of(turns);
  std::array<EightComplex, kCrankHarmonics> step;
  std::array<Four, kCrankHarmonics> twice_low, twice_high;
  for (std::size_t k = 0; k < harmonics; ++k) {
    step[k] = turn(axes.step * static_cast<double>(k + 1));
    twice_low[k] = 2 * step[k].re.low;
    twice_high[k] = 2 * step[k].re.high;
  }
  FourSums low, high;
  go_over(padded[0], length, bases.low, harmonics, twice_low, low);
  go_over(padded[1], length, bases.high, harmonics, twice_high, high);
  sums.sum = {low.sums.all, high.sums.all};
  sums.squares = {low.sums.squares, high.sums.squares};
  // A stretch's sum of x_j e^{i j d} is e^{i (n - 1) d} (s1 - e^{i d} s2), n its samples, j counted from its first;
  // each lies one stretch before the next.
  const EightComplex last_of_first = turn(axes.first + (axes.n - 1) * axes.step),
                     back_of_first = turn(axes.step * -static_cast<double>(length));
  EightComplex last = last_of_first, back = back_of_first;
  for (std::size_t k = 0; k < harmonics; ++k) {
    EightComplex all{};
    for (std::size_t of = 0; of < kStretches; ++of) {
      const Eight s1{low.of[k].s1[of], high.of[k].s1[of]}, s2{low.of[k].s2[of], high.of[k].s2[of]};
      if (of > 0) all = multiply(all, back);
      all.re += s1 - step[k].re * s2;
      all.im += -step[k].im * s2;
    }
    sums.products[k] = multiply(all, last);
    last = multiply(last, last_of_first);
    back = multiply(back, back_of_first);
  }
}

PENRIG_EACH_PROCESSOR void phase_sums(const EightTurns& turns, std::size_t count, TurnPhases& of) {
  const Axes axes = axes_of(turns);
  const EightComplex middle_of_first = turn(axes.first + 0.5 * (axes.n - 1) * axes.step),
                     half_of_first = turn(0.5 * axes.n * axes.step), half_step_of_first = turn(0.5 * axes.step);
  EightComplex middle = middle_of_first, half = half_of_first, half_step = half_step_of_first;
  for (std::size_t k = 0; k < count; ++k) {
    const Eight kernel = half.im / half_step.im;
    of[k] = {middle.re * kernel, middle.im * kernel};
    middle = multiply(middle, middle_of_first);
    half = multiply(half, half_of_first);
    half_step = multiply(half_step, half_step_of_first);
  }
}

}  // namespace penrig
