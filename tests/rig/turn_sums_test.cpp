#include "rig/measure/turn_sums.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// Turns of one record, each with so many samples.
class Turns {
 public:
  explicit Turns(const std::array<std::size_t, kLanes>& samples) {
    Random random(3, "turn sums");
    counts_.resize(3000);
    for (std::int32_t& x : counts_) x = static_cast<std::int32_t>(20'000 + 5000 * random.normal());
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t n = samples[lane];
      // The first lane begins with the record: nothing lies before it.
      const std::int32_t* const first = &counts_[101 * lane];
      turns_[lane] = {first, n, static_cast<double>(*first), 0.01 * static_cast<double>(lane),
                      0.9 / static_cast<double>(n)};
    }
  }
  const EightTurns& all() const { return turns_; }

 private:
  std::vector<std::int32_t> counts_;
  EightTurns turns_;
};

/// One sample after the other.
struct PlainSums {
  Complex product, phase;
  double sum = 0, squares = 0;
};
PlainSums plain_sums(const TurnSamples& turn, std::size_t k) {
  PlainSums sums;
  for (std::size_t i = 0; i < turn.n; ++i) {
    const double x = turn.counts[i] - turn.base;
    const SinCos at =
        sin_cos_turns(static_cast<double>(k) * (turn.first_turns + static_cast<double>(i) * turn.step_turns));
    sums.product.re += x * at.cos;
    sums.product.im += x * at.sin;
    sums.phase.re += at.cos;
    sums.phase.im += at.sin;
    sums.sum += x;
    sums.squares += x * x;
  }
  return sums;
}

/// Lengths beside each other that differ, that no power of two divides, that are longer than what is loaded at a time.
constexpr std::array<std::array<std::size_t, kLanes>, 4> kSamples{{
    {250, 251, 249, 250, 250, 252, 250, 250},
    {64, 64, 64, 64, 64, 64, 64, 64},
    {17, 300, 26, 1000, 31, 256, 257, 29},
    {1501, 1499, 1500, 1502, 777, 1500, 1500, 1500},
}};

TEST(TurnSums, AreThoseOfEachTurnByItself) {
  for (const auto& samples : kSamples) {
    const Turns turns(samples);
    for (const std::size_t harmonics : {1U, 4U, 6U}) {
      TurnSums sums;
      harmonic_sums(turns.all(), harmonics, sums);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        for (std::size_t k = 1; k <= harmonics; ++k) {
          const PlainSums plain = plain_sums(turns.all()[lane], k);
          EXPECT_NEAR(sums.products[k - 1].re[lane], plain.product.re, 1e-5) << lane << ", " << k;
          EXPECT_NEAR(sums.products[k - 1].im[lane], plain.product.im, 1e-5) << lane << ", " << k;
          EXPECT_EQ(sums.sum[lane], plain.sum);
          EXPECT_EQ(sums.squares[lane], plain.squares);
        }
      }
    }
  }
}

TEST(TurnSums, OfPhasesAreThoseOfEachTurnByItself) {
  for (const auto& samples : kSamples) {
    const Turns turns(samples);
    TurnPhases sums;
    phase_sums(turns.all(), 12, sums);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      for (std::size_t k = 1; k <= 12; ++k) {
        const Complex plain = plain_sums(turns.all()[lane], k).phase;
        EXPECT_NEAR(sums[k - 1].re[lane], plain.re, 1e-10) << lane << ", " << k;
        EXPECT_NEAR(sums[k - 1].im[lane], plain.im, 1e-10) << lane << ", " << k;
      }
    }
  }
}

}  // namespace
}  // namespace penrig
