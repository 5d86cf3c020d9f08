#include "rig/measure/touch_groups.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/contact_fit.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 4;
constexpr TouchScales kScales{1e-4, 2e-4, 137, 1.5e-3};

struct Approaching {
  std::vector<std::int32_t> stage, force;
};

/// With noise of both, and a surface at 0.
Approaching some_approach(std::size_t n, Random& random) {
  Approaching made;
  for (std::size_t i = 0; i < n; ++i) {
    const double at = -0.4 + 0.5 * static_cast<double>(i) / static_cast<double>(n), force = 300 * std::max(at, 0.0);
    made.stage.push_back(static_cast<std::int32_t>(std::lround((at + 1e-3 * random.normal()) / kScales.mm_per_count)));
    made.force.push_back(
        static_cast<std::int32_t>(std::lround((force + 4e-3 * random.normal()) / kScales.n_per_count + 137)));
  }
  return made;
}

TEST(TouchGroups, AreTheMeansOfTheirSamples) {
  Random random(kSeed, "groups");
  for (std::size_t group = 1; group <= 8; ++group) {
    for (const std::size_t n : {7U, 64U, 203U}) {
      const Approaching made = some_approach(n, random);
      const TouchGroups groups(made.stage, made.force, group, kScales);
      ASSERT_EQ(groups.size(), n / group);
      double largest = 0;
      for (std::size_t i = 0; i < groups.size(); ++i) {
        double stage = 0, force = 0;
        for (std::size_t k = 0; k < group; ++k) {
          stage += made.stage[i * group + k] / static_cast<double>(group);
          force += made.force[i * group + k] / static_cast<double>(group);
        }
        const double force_n = (force - kScales.zero_counts) * kScales.n_per_count;
        EXPECT_NEAR(groups.force_n()[i], force_n, 1e-12) << group << ", " << i;
        EXPECT_NEAR(groups.at_mm()[i], stage * kScales.mm_per_count - kScales.soft_mm_per_n * force_n, 1e-12);
        largest = std::max(largest, groups.force_n()[i]);
      }
      EXPECT_EQ(groups.largest_n(), largest);
    }
  }
}

/// The equations as they are written down, group by group.
LawSums plain_sums(const LawOfTouch& law, const TouchGroups& groups, double from_mm) {
  LawSums sums;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const double at = groups.at_mm()[i], force = groups.force_n()[i], x = at - law.contact_mm;
    if (at < from_mm) continue;
    const double power = x > 0 ? contact_power(x, law.exponent) : 0;
    const double by[3] = {power, x > 0 ? -law.kappa * law.exponent * power / x : 0, 1};
    const double left = force - law.offset_n - law.kappa * power;
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) sums.normal[a][b] += by[a] * by[b];
      sums.left[a] += by[a] * left;
      sums.give[a] -= by[a] * by[1] * force;
    }
    if (!(x > 0)) continue;
    sums.touching_ss += left * left;
    ++sums.touching;
  }
  return sums;
}

TEST(LawOfTouch, HasTheSumsOfItsGroups) {
  Random random(kSeed, "law");
  const auto expect_near = [](double seen, double plain) { EXPECT_NEAR(seen, plain, 1e-11 * (1 + std::abs(plain))); };
  for (const double exponent : {1.0, 1.27, 1.5, 2.0}) {
    for (const std::size_t n : {9U, 40U, 230U, 1031U}) {
      const Approaching made = some_approach(n, random);
      const TouchGroups groups(made.stage, made.force, n > 1000 ? 3 : 1, kScales);
      for (const double contact : {-1.0, -0.35, -0.1, 0.0, 0.05, 0.2}) {
        const LawOfTouch law{exponent, 250, contact, 0.01};
        for (const double from : {contact - 0.7, contact - 0.2, contact - 1e-4}) {
          const LawSums seen = law.sums(groups, from), plain = plain_sums(law, groups, from);
          for (int a = 0; a < 3; ++a) {
            for (int b = 0; b < 3; ++b) expect_near(seen.normal[a][b], plain.normal[a][b]);
            expect_near(seen.left[a], plain.left[a]);
            expect_near(seen.give[a], plain.give[a]);
          }
          expect_near(seen.touching_ss, plain.touching_ss);
          EXPECT_EQ(seen.touching, plain.touching) << exponent << ", " << n << ", " << contact << ", seed " << kSeed;
        }
        const UnsetVector<double> beside = law.beside(groups);
        ASSERT_EQ(beside.size(), groups.size());
        for (std::size_t i = 0; i < beside.size(); ++i) {
          const double power = contact_power(std::max(groups.at_mm()[i] - contact, 0.0), exponent);
          EXPECT_NEAR(beside[i], groups.force_n()[i] - law.offset_n - law.kappa * power, 1e-11);
        }
      }
    }
  }
}

TEST(TouchGroups, CountsAreLookedAtAsOneByOne) {
  Random random(kSeed, "counts");
  for (std::size_t n = 1; n < 70; ++n) {
    std::vector<std::int32_t> counts;
    std::vector<double> values;
    double sum = 0, above = 0, squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      counts.push_back(static_cast<std::int32_t>(std::lround(1000 * random.normal())));
      values.push_back(counts.back());
      sum += counts[i];
      above += counts[i] - counts[0];
      squares += std::pow(counts[i] - counts[0], 2);
    }
    EXPECT_EQ(sum_of_counts(counts), sum);
    EXPECT_EQ(sums_above_first(counts).sum, above);
    EXPECT_EQ(sums_above_first(counts).squares, squares);
    const UnsetVector<double> bends = bends_of(values);
    ASSERT_EQ(bends.size(), n < 2 ? 0 : n - 2);
    for (std::size_t i = 0; i < bends.size(); ++i)
      EXPECT_EQ(bends[i], std::abs(values[i] - 2 * values[i + 1] + values[i + 2]));
    for (const std::int32_t least : {-5000, 0, 900, 1500, 2500, 5000}) {
      const auto first = std::ranges::find_if(counts, [least](std::int32_t x) { return x >= least; });
      EXPECT_EQ(first_at_least(counts, least), static_cast<std::size_t>(first - counts.begin()));
    }
  }
}

}  // namespace
}  // namespace penrig
