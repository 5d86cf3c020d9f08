#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace penrig {

/// Seeded random numbers that are the same on every machine and with every library: xoshiro256++ seeded by splitmix64,
/// normal numbers by a ziggurat. Each purpose takes a stream of its own, by name, so that a draw added in one place
/// shifts none elsewhere.
/// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators"; Marsaglia and Tsang, "The ziggurat
/// method", with independent bits for layer and abscissa (Doornik).
class Random {
 public:
  explicit Random(std::uint64_t seed, std::string_view stream = {}, std::uint64_t number = 0);

  /// 64 independent bits.
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  /// In [0, 1), 53 bits.
  double uniform() { return uniform_of(bits()); }
  /// In [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Mean 0, sd 1; tails exact beyond 8 sd.
  double normal() {
    const std::uint64_t first = bits();
    const Drawn drawn = draw(first);
    if (drawn.certain) [[likely]]
      return drawn.x;
    return normal_at_edge(first);
  }
  /// No normal number is larger, to either side: the last one that 53 bits give of the tail.
  static constexpr double kMostNormal = 14;
  /// True with this probability.
  bool bernoulli(double probability) { return uniform() < probability; }
  /// In [0, count); count > 0.
  std::uint64_t below(std::uint64_t count);

 private:
  static double uniform_of(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }
  /// A point in a layer of the ziggurat; where it lies under the curve for certain, x is normal.
  struct Drawn {
    std::size_t layer;
    double u, x;
    bool certain;
  };
  static Drawn draw(std::uint64_t bits) {
    const std::size_t layer = bits & 0xff;
    // [-1, 1), 53 bits above the layer's
    const double u = static_cast<double>(static_cast<std::int64_t>(bits) >> 11) * 0x1p-52;
    return {layer, u, u * tables().x[layer], std::fabs(u) < tables().inside[layer]};
  }

  struct Tables {
    std::array<double, 257> x, density;  ///< abscissa and density at the layers' right edges
    std::array<double, 256> inside;      ///< share of each layer that lies under the curve for certain
    Tables();
  };
  static const Tables& tables() { return tables_; }
  static const Tables tables_;
  /// @param first  of which draw() is not certain.
  double normal_at_edge(std::uint64_t first);

  std::array<std::uint64_t, 4> state_;
};

}  // namespace penrig
