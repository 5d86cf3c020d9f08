#include "rig/base/random.hpp"

#include <algorithm>
#include <cmath>

#include "rig/base/eight.hpp"
#include "rig/base/portable_math.hpp"

namespace penrig {
namespace {

// Ziggurat of 256 layers for exp(-x^2/2): where the tail begins, and the area of each layer.
constexpr double kTailFrom = 3.6541528853610088;
constexpr double kLayerArea = 0.00492867323399;

double density_at(double x) { return portable_exp(-0.5 * x * x); }

struct Bracket {
  double low, high;
};
/// What density_at(x) lies between, without its exponential: from the edge of the layer on it grows by e^d, and d is
/// below 1, where the terms of e^d from the third on are together at most d^3/4. The brim is far above all rounding.
Bracket bracket_of_density(double x, double edge, double density_at_edge) {
  constexpr double kBrim = 1e-12;
  const double d = 0.5 * (edge - x) * (edge + x);
  const double two_terms = 1 + d * (1 + 0.5 * d);
  return {density_at_edge * two_terms * (1 - kBrim), density_at_edge * (two_terms + 0.25 * d * d * d) * (1 + kBrim)};
}

/// So many bits are drawn ahead.
constexpr std::size_t kAhead = 64;

using TwoBits = std::uint64_t __attribute__((vector_size(16)));

/// Random::next() of two states.
struct BothStates {
  [[gnu::always_inline]] TwoBits next() {
    const auto turned = [](TwoBits x, int by) { return (x << by) | (x >> (64 - by)); };
    const TwoBits result = turned(s0 + s3, 23) + s0, t = s1 << 17;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = turned(s3, 45);
    return result;
  }
  TwoBits s0, s1, s2, s3;
};

/// Random::draw() of four.
struct FourDrawn {
  using Bits = std::uint64_t __attribute__((vector_size(32)));
  using Flags = std::int64_t __attribute__((vector_size(32)));
  [[gnu::always_inline]] FourDrawn(const std::array<double, 257>& edges, const std::array<double, 256>& inside,
                                   const std::uint64_t* bits) {
    Bits all;
    std::memcpy(&all, bits, sizeof all);
    // 53 bits, the highest of them the sign: the others become the fraction of a double, which is by 2^52 too large
    // then, and by 2^53 where the sign is set.
    constexpr auto k52 = std::bit_cast<std::uint64_t>(0x1p52), kSign = std::uint64_t{1} << 52;
    const Bits whole = all >> 11;
    const auto above = std::bit_cast<Four>((whole & (kSign - 1)) | k52);
    const Four u = (above - std::bit_cast<Four>((whole & kSign) + k52)) * 0x1p-52;
    x = u * of_layers(edges.data(), bits);
    certain = std::bit_cast<Four>(std::bit_cast<Bits>(u) & ~(std::uint64_t{1} << 63)) < of_layers(inside.data(), bits);
  }
  [[gnu::always_inline]] static Four of_layers(const double* table, const std::uint64_t* bits) {
    return Four{table[bits[0] & 0xff], table[bits[1] & 0xff], table[bits[2] & 0xff], table[bits[3] & 0xff]};
  }
  Four x;
  Flags certain;  ///< all bits, or none
};

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

const Random::Tables Random::tables_;

Random::Tables::Tables() : x{}, density{}, inside{} {
  x[0] = kLayerArea / density_at(kTailFrom);  // as if the base layer with its tail were a rectangle
  x[1] = kTailFrom;
  for (std::size_t i = 2; i < 256; ++i) {
    x[i] = std::sqrt(-2 * portable_log(kLayerArea / x[i - 1] + density_at(x[i - 1])));
  }
  x[256] = 0;
  for (std::size_t i = 0; i <= 256; ++i) density[i] = density_at(x[i]);
  for (std::size_t i = 0; i < 256; ++i) inside[i] = x[i + 1] / x[i];
}

Random::Random(std::uint64_t seed, std::string_view stream, std::uint64_t number) : state_{} {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a of the stream's name
  for (const char c : stream) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::uint64_t mix = seed;
  std::uint64_t state = splitmix64(mix) ^ hash;
  state = splitmix64(state) ^ number;
  for (auto& word : state_) word = splitmix64(state);
}

/// Of bits that were drawn ahead, each of which is taken; four side by side, as far as they are certain.
/// @param into  with room for as many as there are bits.
/// @return how many: some take several.
PENRIG_EACH_PROCESSOR
std::size_t Random::normals_of(std::span<const std::uint64_t> bits, double* into) {
  const Tables& t = tables();
  const std::uint64_t* at = bits.data();
  const std::uint64_t* const end = at + bits.size();
  double* x = into;
  for (;;) {
    std::size_t certain = 0;
    for (; end - at >= static_cast<std::ptrdiff_t>(kLanes); at += kLanes, x += kLanes) {
      const FourDrawn low(t.x, t.inside, at), high(t.x, t.inside, at + kLanes / 2);
      put_eight(x, {low.x, high.x});
      const FourDrawn::Flags all = low.certain & high.certain;
      if ((all[0] & all[1] & all[2] & all[3]) != 0) continue;
      while (certain < kLanes / 2 && low.certain[certain] != 0) ++certain;
      while (certain >= kLanes / 2 && high.certain[certain - kLanes / 2] != 0) ++certain;
      break;
    }
    at += certain;
    x += certain;
    if (at == end) return static_cast<std::size_t>(x - into);
    const Drawn drawn = draw(*at++);
    *x++ = drawn.certain ? drawn.x : normal_at_edge(at[-1], state_, at, end);
  }
}

/// The next bits of two states.
PENRIG_EACH_PROCESSOR
void Random::draw_both(State& a, State& b, std::size_t count, std::uint64_t* of_a, std::uint64_t* of_b) {
  BothStates both{TwoBits{a[0], b[0]}, TwoBits{a[1], b[1]}, TwoBits{a[2], b[2]}, TwoBits{a[3], b[3]}};
  std::size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    const TwoBits first = both.next(), second = both.next();
    const TwoBits next_a{first[0], second[0]}, next_b{first[1], second[1]};
    std::memcpy(of_a + i, &next_a, sizeof next_a);
    std::memcpy(of_b + i, &next_b, sizeof next_b);
  }
  if (i < count) {
    const TwoBits last = both.next();
    of_a[i] = last[0];
    of_b[i] = last[1];
  }
  a = {both.s0[0], both.s1[0], both.s2[0], both.s3[0]};
  b = {both.s0[1], both.s1[1], both.s2[1], both.s3[1]};
}

void Random::normals(std::span<double> into) {
  std::array<std::uint64_t, kAhead> bits;
  while (into.size() >= kLanes) {
    const std::size_t count = std::min(into.size(), bits.size());  // each takes one at least: none is left over
    State state = state_;                                          // in registers
    for (std::size_t i = 0; i < count; ++i) bits[i] = next(state);
    state_ = state;
    into = into.subspan(normals_of(std::span(bits).first(count), into.data()));
  }
  for (double& x : into) x = normal();
}

void Random::normals_of_both(Random& a, std::span<double> into_a, Random& b, std::span<double> into_b) {
  std::array<std::uint64_t, kAhead> bits_a, bits_b;
  for (;;) {
    const std::size_t count = std::min({into_a.size(), into_b.size(), kAhead});
    if (count < kLanes) break;
    draw_both(a.state_, b.state_, count, bits_a.data(), bits_b.data());
    into_a = into_a.subspan(a.normals_of(std::span(bits_a).first(count), into_a.data()));
    into_b = into_b.subspan(b.normals_of(std::span(bits_b).first(count), into_b.data()));
  }
  // One or two are left, of edges that took more than one each.
  const auto the_rest = [](Random& of, std::span<double> into) {
    if (into.size() >= kLanes) return of.normals(into);
    for (double& x : into) x = of.normal();
  };
  the_rest(a, into_a);
  the_rest(b, into_b);
}

std::uint64_t Random::below(std::uint64_t count) {
  // Rejects the incomplete last round, so that every value is equally likely.
  const std::uint64_t reject_from = ~std::uint64_t{0} - (~std::uint64_t{0} % count + 1) % count;
  std::uint64_t b = bits();
  while (b > reject_from) b = bits();
  return b % count;
}

double Random::normal_at_edge(std::uint64_t first, State& state, const std::uint64_t*& ahead,
                              const std::uint64_t* end) {
  const auto bits = [&] { return ahead != end ? *ahead++ : next(state); };
  const Tables& t = tables();
  for (std::uint64_t of = first;; of = bits()) {
    const Drawn drawn = draw(of);
    if (drawn.certain) return drawn.x;
    const std::size_t layer = drawn.layer;
    if (layer == 0) {  // the tail beyond the base layer, after Marsaglia
      double x = 0, y = 0;
      do {
        x = -portable_log(1 - uniform_of(bits())) / kTailFrom;
        y = -portable_log(1 - uniform_of(bits()));
      } while (y + y < x * x);
      return drawn.u < 0 ? -(kTailFrom + x) : kTailFrom + x;
    }
    const double height = uniform_of(bits());
    const double density = t.density[layer] + height * (t.density[layer + 1] - t.density[layer]);
    if (const Bracket curve = bracket_of_density(drawn.x, t.x[layer], t.density[layer]);
        density < curve.low || (density < curve.high && density < density_at(drawn.x)))
      return drawn.x;
  }
}

}  // namespace penrig
