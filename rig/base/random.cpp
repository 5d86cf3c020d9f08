#include "rig/base/random.hpp"

#include <cmath>

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

std::uint64_t Random::below(std::uint64_t count) {
  // Rejects the incomplete last round, so that every value is equally likely.
  const std::uint64_t reject_from = ~std::uint64_t{0} - (~std::uint64_t{0} % count + 1) % count;
  std::uint64_t b = bits();
  while (b > reject_from) b = bits();
  return b % count;
}

double Random::normal_at_edge(std::uint64_t first) {
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
