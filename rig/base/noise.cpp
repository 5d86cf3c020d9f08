#include "rig/base/noise.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

using Bits = std::uint32_t __attribute__((vector_size(32)));
using Whole = std::int32_t __attribute__((vector_size(32)));
using Reals = float __attribute__((vector_size(32)));

/// The step of xoshiro128++.
struct Generators {
  [[gnu::always_inline]] Bits next() {
    const auto turned = [](const Bits& x, int by) { return (x << by) | (x >> (32 - by)); };
    const Bits result = turned(s0 + s3, 7) + s0, t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = turned(s3, 11);
    return result;
  }
  Bits s0, s1, s2, s3;
};

[[gnu::always_inline]] inline Reals reals_of(const Whole& x) { return __builtin_convertvector(x, Reals); }

/// Of u in (0, 1], after Moshier's logf: a mantissa from the root of a half to that of two, and nine terms.
[[gnu::always_inline]] inline Reals log_of(const Reals& u) {
  constexpr std::int32_t kRootOfHalf = 0x3f3504f3;
  const Whole bits = std::bit_cast<Whole>(u), exponent = (bits - kRootOfHalf) >> 23;
  const Reals x = std::bit_cast<Reals>(bits - (exponent << 23)) - 1.0F, z = x * x;
  Reals terms = 7.0376836292e-2F * x - 1.1514610310e-1F;
  terms = (terms * x + 1.1676998740e-1F) * x - 1.2420140846e-1F;
  terms = (terms * x + 1.4249322787e-1F) * x - 1.6668057665e-1F;
  terms = (terms * x + 2.0000714765e-1F) * x - 2.4999993993e-1F;
  terms = terms * x + 3.3333331174e-1F;
  return x + (terms * x * z - 0.5F * z + reals_of(exponent) * 0.693147180560F);
}

[[gnu::always_inline]] inline Reals roots_of(const Reals& x) {
  Reals root;
  for (std::size_t lane = 0; lane < 8; ++lane) root[lane] = std::sqrt(x[lane]);
  return root;
}

struct SinCosOfReals {
  Reals sin, cos;
};
/// Of 2^-32 turns, after Moshier's sinf and cosf: the nearest quarter, and an eighth of a turn to either side of it.
[[gnu::always_inline]] inline SinCosOfReals sin_cos_of(const Bits& turns) {
  constexpr std::uint32_t kEighth = std::uint32_t{1} << 29;
  const Bits quarter = (turns + kEighth) >> 30;
  const Reals x = reals_of(std::bit_cast<Whole>(turns - (quarter << 30))) * (1.57079632679F * 0x1p-30F), z = x * x;
  const Reals s = ((-1.9515295891e-4F * z + 8.3321608736e-3F) * z - 1.6666654611e-1F) * z * x + x;
  const Reals c =
      ((2.443315711809948e-5F * z - 1.388731625493765e-3F) * z + 4.166664568298827e-2F) * z * z - 0.5F * z + 1.0F;
  const Bits odd = -(quarter & 1), sine = std::bit_cast<Bits>(s), cosine = std::bit_cast<Bits>(c);
  return {std::bit_cast<Reals>(((cosine & odd) | (sine & ~odd)) ^ ((quarter & 2) << 30)),
          std::bit_cast<Reals>(((sine & odd) | (cosine & ~odd)) ^ (((quarter + 1) & 2) << 30))};
}

/// One by one: __builtin_convertvector() becomes six instructions of GCC 12 where one does it.
[[gnu::always_inline]] inline void put(double* into, const Reals& x) {
  const Four low{double{x[0]}, double{x[1]}, double{x[2]}, double{x[3]}};
  const Four high{double{x[4]}, double{x[5]}, double{x[6]}, double{x[7]}};
  put_eight(into, {low, high});
}

}  // namespace

Noise::Noise(std::uint64_t seed, std::string_view stream) : state_{} {
  Random random(seed, stream);
  for (auto& words : state_.words) {
    for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random.bits() >> 32);
  }
}

/// @param count  of kAtOnce numbers each.
PENRIG_EACH_PROCESSOR
void Noise::draw(State& state, std::size_t count, double* into) {
  Generators g;
  static_assert(sizeof g == sizeof state);
  std::memcpy(&g, &state, sizeof g);
  for (; count > 0; --count, into += kAtOnce) {
    const Whole half = std::bit_cast<Whole>(g.next() >> 1);
    const Reals radius = roots_of(-2.0F * log_of((reals_of(half) + 0.5F) * 0x1p-31F));
    const SinCosOfReals at = sin_cos_of(g.next());
    put(into, radius * at.cos);
    put(into + kGenerators, radius * at.sin);
  }
  std::memcpy(&state, &g, sizeof g);
}

void Noise::draw_ahead() {
  const std::size_t left = drawn_ - taken_;
  std::copy_n(numbers_.data() + taken_, left, numbers_.data());
  const std::size_t count = (numbers_.size() - left) / kAtOnce;
  draw(state_, count, numbers_.data() + left);
  taken_ = 0;
  drawn_ = left + count * kAtOnce;
}

}  // namespace penrig
