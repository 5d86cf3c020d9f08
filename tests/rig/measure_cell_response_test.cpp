#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/cell_response.hpp"
#include "rig/measure/contact_fit.hpp"

namespace penrig {
namespace {

constexpr double kStepS = 1e-6;

CellResponse first_order(double corner_hz) { return {corner_hz, 0, 0}; }
CellResponse second_order(double resonance_hz, double damping) { return {0, resonance_hz, damping}; }

TEST(CellResponse, OfFirstOrderRisesAsItsCornerSays) {
  ResponseFilter filter(first_order(3000), kStepS);
  for (int i = 1; i <= 300; ++i) {
    const double seen = filter.next(1);
    // The force rises over the first step, so half a step later in the mean.
    EXPECT_NEAR(seen, 1 - std::exp(-2 * M_PI * 3000 * (i - 0.5) * kStepS), 2e-4) << i;
  }
}

TEST(CellResponse, OfSecondOrderRingsAtItsResonance) {
  const double f = 3000, d = 0.3, w = 2 * M_PI * f, wd = w * std::sqrt(1 - d * d);
  ResponseFilter filter(second_order(f, d), kStepS);
  for (int i = 1; i <= 600; ++i) {
    const double t = (i - 0.5) * kStepS;
    const double expected = 1 - std::exp(-d * w * t) * (std::cos(wd * t) + d / std::sqrt(1 - d * d) * std::sin(wd * t));
    EXPECT_NEAR(filter.next(1), expected, 5e-4) << i;
  }
}

/// Approaches at contact speed 1.3 m/s to a Hertzian surface at 0, as the cell reads them at 50 kS/s.
struct Samples {
  std::vector<double> position_mm, force_n;
};
std::vector<Samples> approaches_through(const CellResponse& cell, std::uint64_t seed) {
  Random noise(seed, "force");
  std::vector<Samples> out(40);
  for (Samples& a : out) {
    ResponseFilter filter(cell, kStepS);
    const double shift = noise.uniform() * 0.026;
    double position = -0.3 + shift, seen = 0;
    for (int sample = 0; sample < 26; ++sample) {
      a.position_mm.push_back(position);
      a.force_n.push_back(seen + 4e-3 * noise.normal());
      for (int i = 0; i < 20; ++i) {
        position += 1300 * kStepS;
        seen = filter.next(position > 0 ? 6 * contact_power(position, 1.5) : 0);
      }
    }
  }
  return out;
}

double mean_contact_um(const std::vector<Samples>& samples, const CellResponse& assumed) {
  std::vector<Approach> approaches;
  for (const Samples& s : samples)
    approaches.push_back({.position_mm = s.position_mm, .force_n = s.force_n, .limit_n = 0.35});
  fit_contacts(approaches, 1.5, 4e-3, assumed, 50'000);
  double sum = 0;
  for (const Approach& a : approaches) {
    EXPECT_TRUE(a.found);
    sum += a.contact_mm * 1e3;
  }
  return sum / static_cast<double>(approaches.size());
}

TEST(CellResponse, IsTakenOutOfTheContact) {
  for (const CellResponse& cell :
       {first_order(10'000), first_order(3000), second_order(10'000, 0.7), second_order(3000, 0.3)}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto through = approaches_through(cell, seed);
      EXPECT_LT(std::abs(mean_contact_um(through, cell)), cell.corner_hz + cell.resonance_hz > 5000 ? 0.5 : 2);
      EXPECT_GT(std::abs(mean_contact_um(through, {})), 5) << "taken as ideal it would be far off";
    }
  }
}

TEST(CellResponse, ThatIsNotSetIsIdeal) {
  EXPECT_TRUE(CellResponse{}.is_ideal());
  EXPECT_TRUE(second_order(3000, 0).is_ideal());
  EXPECT_FALSE(first_order(3000).is_ideal());
}

}  // namespace
}  // namespace penrig
