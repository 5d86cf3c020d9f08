#include "rig/measure/puncture_model.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 5;
constexpr double kLeastMm = 0.02, kMostMm = 0.4, kFromMm = 0.05, kToMm = 0.3, kSampleRateHz = 50'000;

struct Stroke {
  std::vector<double> position_mm, force_n;
};

/// Of any length, up to and beyond what counts; positions rise, but for noise.
std::vector<Stroke> some_strokes(std::size_t count, Random& random) {
  std::vector<Stroke> strokes(count);
  for (Stroke& stroke : strokes) {
    const double step = 0.005 + 0.02 * random.uniform(), most = 0.1 + 0.5 * random.uniform();
    for (double x = -0.05 * random.uniform(); x < most; x += step) {
      stroke.position_mm.push_back(1 + x + 5e-3 * random.normal());
      stroke.force_n.push_back((x > 0 ? 0.3 * x : 0) + 4e-3 * random.normal());
    }
  }
  return strokes;
}

/// Sample by sample, as the model is written down.
CornerSums plain_sums(const PunctureSearch& stroke, const Corner& c, double own_mm, double m) {
  const double at = c.at_mm + own_mm, slope = c.kappa * m * std::pow(at, m - 1) + c.a;
  CornerSums sums;
  double x = -1;
  for (std::size_t i = 0; i <= stroke.after; ++i) {
    x = std::max(x, stroke.position_mm[i] - stroke.contact_mm);
    if (!(x > kFromMm && x <= kToMm)) continue;
    const double s = x > at ? x - at : 0, power = std::pow(std::min(x, at), m);
    const double left = stroke.read_n[i] - (c.kappa * power - c.a * s - c.b * s * s);
    const std::array<double, 4> by{power, x > at ? slope + 2 * c.b * s : 0, -s, -s * s};
    for (std::size_t j = 0; j < by.size(); ++j) {
      for (std::size_t k = 0; k < by.size(); ++k) sums.normal[j][k] += by[j] * by[k];
      sums.right[j] += by[j] * left;
    }
    sums.squares += left * left;
    ++sums.n;
    sums.behind += x > at ? 1 : 0;
  }
  return sums;
}

void expect_same(const CornerSums& seen, const CornerSums& plain, const char* what) {
  constexpr double kRounding = 1e-11;
  EXPECT_EQ(seen.n, plain.n) << what;
  EXPECT_EQ(seen.behind, plain.behind) << what;
  EXPECT_NEAR(seen.squares, plain.squares, kRounding) << what;
  for (std::size_t j = 0; j < CornerSums::kUnknowns; ++j) {
    EXPECT_NEAR(seen.right[j], plain.right[j], kRounding) << what << ", unknown " << j;
    for (std::size_t k = 0; k < CornerSums::kUnknowns; ++k) {
      EXPECT_NEAR(seen.normal[j][k], plain.normal[j][k], kRounding) << what << ", unknowns " << j << ", " << k;
    }
  }
}

/// Eight strokes are summed up side by side: of all numbers of strokes, and of unequal lengths.
TEST(PunctureModel, SumsWhatEachSampleGives) {
  Random random(kSeed, "puncture model");
  for (const double m : {1.5, 1.0, 2.0, 1.3}) {
    for (std::size_t count = 1; count <= 19; ++count) {
      const std::vector<Stroke> strokes = some_strokes(count, random);
      std::vector<PunctureSearch> searches;
      for (const Stroke& s : strokes) {
        searches.push_back(
            {.position_mm = s.position_mm, .read_n = s.force_n, .contact_mm = 1, .after = s.force_n.size() - 1});
      }
      const auto model = make_puncture_model(searches, kLeastMm, kMostMm, m, {}, kSampleRateHz);
      model->look_between(kFromMm, kToMm);
      const Corner corner{.kappa = 0.9, .at_mm = 0.1 + 0.1 * random.uniform(), .a = 0.7, .b = -1.1};
      CornerSums all;
      for (std::size_t i = 0; i < count; ++i) {
        all += plain_sums(searches[i], corner, 0, m);
        const double own_mm = 0.01 * random.normal();
        const CornerSums seen = model->of(i, corner, own_mm);
        expect_same(seen, plain_sums(searches[i], corner, own_mm, m), "a stroke");
        const CornerStep step = model->step_of(i, corner, own_mm);
        EXPECT_EQ(step.normal, seen.normal[1][1]);
        EXPECT_EQ(step.right, seen.right[1]);
      }
      expect_same(model->of_all(corner), all, "all strokes");
    }
  }
}

}  // namespace
}  // namespace penrig
