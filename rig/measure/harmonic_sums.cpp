#include "rig/measure/harmonic_sums.hpp"

#include <algorithm>

#include "rig/base/unroll.hpp"

namespace penrig {

namespace {

constexpr std::size_t kStretches = 4, kPiece = 64;

/// Complex numbers, one for each of eight harmonics.
struct Phases {
  Eight re, im;
};
[[gnu::always_inline]] inline Phases phases_of(const Eight& harmonics, double turns) {
  const SinCosOfEight sc = sin_cos_turns(harmonics * turns);
  return {sc.cos, sc.sin};
}
[[gnu::always_inline]] inline Phases multiply(const Phases& a, const Phases& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

/// Where the recurrences of the stretches stand.
template <class Lanes>
struct Recurrences {
  std::array<Lanes, kStretches> s1{}, s2{};
};

/// Goertzel's recurrences over all samples, and the sums of these themselves. What four do not divide is the end of the
/// last stretch.
template <class Lanes>
[[gnu::always_inline]] inline void run(const TurnSamples& s, const Lanes& twice_cos, Recurrences<Lanes>& r, Eight& sums,
                                       Eight& squares) {
  const std::size_t length = s.n / kStretches;
  std::array<Lanes, kStretches> s1{}, s2{};
  std::array<std::array<double, kPiece>, kStretches> x;
  for (std::size_t at = 0; at < length; at += kPiece) {
    const std::size_t n = std::min(kPiece, length - at), whole = n / kLanes * kLanes;
    for (std::size_t of = 0; of < kStretches; ++of) {
      const std::int32_t* const counts = s.counts + of * length + at;
      for (std::size_t i = 0; i < whole; i += kLanes) {
        const Eight v = eight_at(counts + i) - s.base;
        put_eight(&x[of][i], v);
        sums += v;
        squares += v * v;
      }
      for (std::size_t i = whole; i < n; ++i) {
        const double v = counts[i] - s.base;
        x[of][i] = v;
        sums.low[0] += v;
        squares.low[0] += v * v;
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      PENRIG_UNROLL(4)
      for (std::size_t of = 0; of < kStretches; ++of) {
        const Lanes s0 = twice_cos * s1[of] - (s2[of] - x[of][i]);
        s2[of] = s1[of];
        s1[of] = s0;
      }
    }
  }
  for (std::size_t i = kStretches * length; i < s.n; ++i) {
    const double v = s.counts[i] - s.base;
    sums.low[0] += v;
    squares.low[0] += v * v;
    const Lanes s0 = twice_cos * s1.back() - (s2.back() - v);
    s2.back() = s1.back();
    s1.back() = s0;
  }
  r = {s1, s2};
}

}  // namespace

PENRIG_EACH_PROCESSOR HarmonicSums harmonic_sums(const TurnSamples& s, std::size_t before, std::size_t count) {
  const Eight harmonics = eight_from(static_cast<double>(before + 1));
  const Phases step = phases_of(harmonics, s.step_turns);
  const Eight twice_cos = 2 * step.re;
  const std::size_t length = s.n / kStretches, rest = s.n - kStretches * length;
  Recurrences<Eight> r;
  Eight sums{}, squares{};
  if (count <= 4) {
    Recurrences<Four> of_four;
    run<Four>(s, twice_cos.low, of_four, sums, squares);
    for (std::size_t of = 0; of < kStretches; ++of) {
      r.s1[of] = {of_four.s1[of], Four{}};
      r.s2[of] = {of_four.s2[of], Four{}};
    }
  } else {
    run<Eight>(s, twice_cos, r, sums, squares);
  }
  // A stretch's sum of x_j e^{i j d} is e^{i (n - 1) d} (s1 - e^{-i d} s2), n its samples, j counted from its first.
  const double first = static_cast<double>(length) - 1;
  Phases last_of = phases_of(harmonics, s.first_turns + first * s.step_turns);
  const Phases by_stretch = phases_of(harmonics, static_cast<double>(length) * s.step_turns);
  Phases all{};
  for (std::size_t of = 0; of < kStretches; ++of) {
    if (of + 1 == kStretches && rest > 0) {
      last_of = phases_of(harmonics, s.first_turns + static_cast<double>(s.n - 1) * s.step_turns);
    }
    const Phases one = multiply(last_of, {r.s1[of] - step.re * r.s2[of], -step.im * r.s2[of]});
    all.re += one.re;
    all.im += one.im;
    last_of = multiply(last_of, by_stretch);
  }
  HarmonicSums out;
  for (std::size_t k = 0; k < kLanes; ++k) out.products[k] = {all.re[k], all.im[k]};
  out.sum = sum_of(sums);
  out.squares = sum_of(squares);
  return out;
}

PENRIG_EACH_PROCESSOR void phase_sums(const TurnSamples& s, std::size_t count, Complex* of) {
  for (std::size_t before = 0; before < count; before += kLanes) {
    const Eight harmonics = eight_from(static_cast<double>(before + 1));
    const Phases step = phases_of(harmonics, s.step_turns), first = phases_of(harmonics, s.first_turns),
                 last = phases_of(harmonics, s.step_turns * static_cast<double>(s.n));
    // (last - 1) / (step - 1)
    const Eight a = last.re - 1, b = step.re - 1, d = b * b + step.im * step.im;
    const Phases series{(a * b + last.im * step.im) / d, (last.im * b - a * step.im) / d};
    const Phases sum = multiply(first, series);
    for (std::size_t k = 0; k < kLanes; ++k) of[before + k] = {sum.re[k], sum.im[k]};
  }
}

}  // namespace penrig
