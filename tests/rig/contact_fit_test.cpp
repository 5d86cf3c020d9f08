#include "rig/measure/contact_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

constexpr std::uint64_t kSeed = 6;

struct Read {
  std::vector<double> position_mm, force_n;
};

/// Of a contact at 0.1 mm or so, with noise of both.
std::vector<Read> some_approaches(std::size_t strokes, std::size_t samples, Random& random) {
  std::vector<Read> all(strokes);
  for (Read& read : all) {
    const double contact = 0.1 + 0.02 * random.normal();
    for (std::size_t i = 0; i < samples; ++i) {
      const double at = -0.2 + 0.8 * static_cast<double>(i) / static_cast<double>(samples);
      read.position_mm.push_back(at + 1e-3 * random.normal());
      read.force_n.push_back(0.5 * contact_power(std::max(at - contact, 0.0), 1.5) + 4e-3 * random.normal());
    }
  }
  return all;
}

/// A law of almost the same exponent is fitted sample by sample.
TEST(ContactFit, TakesHertzsLawByEightsAsAnyOther) {
  Random random(kSeed, "approaches");
  for (const std::size_t samples : {7U, 20U, 45U, 100U, 323U}) {
    const std::vector<Read> reads = some_approaches(12, samples, random);
    std::vector<Approach> by_eights;
    for (const Read& read : reads) {
      // Some end where the last sample is read, some behind it.
      Approach& approach = by_eights.emplace_back();
      approach.position_mm = read.position_mm;
      approach.force_n = read.force_n;
      approach.limit_n = by_eights.size() % 2 == 0 ? 0.08 : 1;
    }
    std::vector<Approach> one_by_one = by_eights;
    const double kappa = fit_contacts(by_eights, 1.5, 4e-3);
    EXPECT_NEAR(kappa, fit_contacts(one_by_one, std::nextafter(1.5, 2.0), 4e-3), 1e-9);
    for (std::size_t i = 0; i < reads.size(); ++i) {
      ASSERT_TRUE(by_eights[i].found) << samples << " samples, " << i << ", seed " << kSeed;
      EXPECT_NEAR(by_eights[i].contact_mm, one_by_one[i].contact_mm, 1e-9) << samples << " samples, " << i;
      EXPECT_NEAR(by_eights[i].u_contact_mm, one_by_one[i].u_contact_mm, 1e-9) << samples << " samples, " << i;
      EXPECT_NEAR(by_eights[i].u_kappa_mm, one_by_one[i].u_kappa_mm, 1e-9) << samples << " samples, " << i;
    }
  }
}

}  // namespace
}  // namespace penrig
