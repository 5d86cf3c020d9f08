#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace penrig {

/// White noise of converters: normal numbers of mean 0 and sd 1 by the million, the same on every machine. Random draws
/// what is decided by a number; this draws what a number hardly matters of: single precision, and no tail beyond kMost,
/// where one in 4e10 would lie.
/// Source: eight generators xoshiro128++ (Blackman and Vigna) side by side; Box and Muller, "A note on the generation
/// of random normal deviates".
class Noise {
 public:
  explicit Noise(std::uint64_t seed, std::string_view stream = {});

  double next() {
    if (taken_ == kAtOnce) refill();
    return ahead_[taken_++];
  }
  /// The next ones, as next() gives them one by one.
  void fill(std::span<double> into);
  /// None is larger, to either side: the root of -2 ln of half the last of 31 bits.
  static constexpr double kMost = 6.7;

 private:
  static constexpr std::size_t kGenerators = 8, kAtOnce = 2 * kGenerators;
  struct alignas(32) State {
    std::array<std::array<std::uint32_t, kGenerators>, 4> words;
  };
  static void draw(State& state, std::size_t count, double* into);
  void refill();

  State state_;
  std::array<double, kAtOnce> ahead_{};
  std::size_t taken_ = kAtOnce;
};

}  // namespace penrig
