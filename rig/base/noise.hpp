#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rig/base/eight.hpp"

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
    const double x = *ahead(1);
    take(1);
    return x;
  }
  /// The next ones, as next() would give them one by one, and room for a loop that ends up to kLanes behind the last.
  /// They stand until more are asked for, and come again unless they are taken.
  /// @param count  kMostAhead at most.
  const double* ahead(std::size_t count) {
    if (drawn_ - taken_ < count + kLanes) draw_ahead();
    return numbers_.data() + taken_;
  }
  void take(std::size_t count) { taken_ += count; }
  static constexpr std::size_t kMostAhead = 128;
  /// None is larger, to either side: the root of -2 ln of half the last of 31 bits.
  static constexpr double kMost = 6.7;

 private:
  static constexpr std::size_t kGenerators = 8, kAtOnce = 2 * kGenerators;
  struct State {
    std::array<std::array<std::uint32_t, kGenerators>, 4> words;
  };
  static void draw(State& state, std::size_t count, double* into);
  void draw_ahead();

  State state_;
  std::array<double, 4 * kMostAhead> numbers_{};
  std::size_t taken_ = 0, drawn_ = 0;
};

}  // namespace penrig
