#include "rig/measure/turned_harmonics.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// What becomes of one harmonic after the other.
struct TurnedOneByOne {
  std::vector<std::vector<Complex>> as_fitted;
  std::vector<double> lags;

  Complex turned(std::size_t stroke, std::size_t k) const {
    return multiply(as_fitted[stroke][k - 1], turn(-static_cast<double>(k) * lags[stroke]));
  }
};

TEST(TurnedHarmonics, AreTurnedBackAndGiveLagsAsOneByOne) {
  for (const std::size_t strokes : {1U, 8U, 13U}) {
    for (const std::size_t harmonics : {1U, 4U, 24U}) {
      Random random(5, "turned harmonics");
      TurnedHarmonics eight(strokes, harmonics);
      TurnedOneByOne plain{std::vector(strokes, std::vector<Complex>(harmonics)), std::vector(strokes, 0.0)};
      for (std::size_t s = 0; s < strokes; ++s) {
        for (std::size_t k = 1; k <= harmonics; ++k) {
          const Complex c{random.normal(), random.normal()};
          plain.as_fitted[s][k - 1] = c;
          eight.set(s, k, c);
        }
      }
      std::vector<Complex> sums(harmonics), weights(harmonics);
      for (Complex& w : weights) w = {0.01 * random.normal(), 0.01 * random.normal()};
      for (int round = 0; round < 3; ++round) {
        eight.turn_back(sums);
        for (std::size_t k = 1; k <= harmonics; ++k) {
          Complex sum;
          for (std::size_t s = 0; s < strokes; ++s) {
            sum.re += plain.turned(s, k).re;
            sum.im += plain.turned(s, k).im;
          }
          EXPECT_NEAR(sums[k - 1].re, sum.re, 1e-12) << k;
          EXPECT_NEAR(sums[k - 1].im, sum.im, 1e-12) << k;
        }
        eight.add_to_lags(weights);
        for (std::size_t s = 0; s < strokes; ++s) {
          double more = 0;
          for (std::size_t k = 1; k <= harmonics; ++k) {
            const Complex c = plain.turned(s, k);
            more += c.im * weights[k - 1].re - c.re * weights[k - 1].im;
          }
          plain.lags[s] += more;
          EXPECT_NEAR(eight.lag(s), plain.lags[s], 1e-13) << s;
        }
      }
    }
  }
}

}  // namespace
}  // namespace penrig
