// NIST Statistical Reference Datasets, https://www.itl.nist.gov/div898/strd/: certified to 15 digits.
#include <algorithm>
#include <cstdio>

#include <gtest/gtest.h>

#include "rig/calibrate/polynomial_fit.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/rig/strd_data.hpp"

namespace penrig {
namespace {

using testing::certified;
using testing::CertifiedData;
using testing::lre;

struct Digits {
  double coefficients = 15, sd = 15, residual_sd = 15;
};

Digits digits_of(const CertifiedData& data) {
  const auto fit = fit_polynomial(data.x, data.y, data.degree(), data.intercept);
  Digits d;
  EXPECT_TRUE(fit.has_value());
  EXPECT_EQ(fit->dof, data.dof);
  for (std::size_t i = 0; i < data.coefficient.size(); ++i) {
    d.coefficients = std::min(d.coefficients, lre(fit->coefficients[i], data.coefficient[i]));
    d.sd = std::min(d.sd, lre(fit->coefficient_sd[i], data.sd[i]));
  }
  d.residual_sd = lre(fit->residual_sd, data.residual_sd);
  EXPECT_GE(lre(fit->regression_ss, data.regression_ss), 13);
  EXPECT_GE(lre(fit->residual_ss, data.residual_ss), 12);
  return d;
}

struct Wanted {
  const char* name;
  double coefficients, sd;
};

class CertifiedFit : public ::testing::TestWithParam<Wanted> {};

TEST_P(CertifiedFit, HasTheDigits) {
  const Digits d = digits_of(certified(GetParam().name));
  std::printf("%s: LRE of coefficients %.1f, their sd %.1f, residual sd %.1f\n", GetParam().name, d.coefficients, d.sd,
              d.residual_sd);
  EXPECT_GE(d.coefficients, GetParam().coefficients);
  EXPECT_GE(d.sd, GetParam().sd);
  EXPECT_GE(d.residual_sd, GetParam().sd);
}

INSTANTIATE_TEST_SUITE_P(StRD, CertifiedFit,
                         ::testing::Values(Wanted{"Pontius", 13.4, 13.4}, Wanted{"Norris", 13.8, 13.8},
                                           Wanted{"NoInt1", 14, 14}, Wanted{"Wampler1", 14, 14},
                                           Wanted{"Wampler4", 14, 14}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CertifiedFit, OfNoInt2HasTheDigits) {
  // NIST StRD NoInt2: three points through the origin.
  const std::vector<double> y{3, 4, 4}, x{4, 5, 6};
  const auto fit = fit_polynomial(x, y, 1, false).value();
  EXPECT_GE(lre(fit.coefficients[0], 0.727272727272727), 14);
  EXPECT_GE(lre(fit.coefficient_sd[0], 0.420827318078432E-01), 14);
  EXPECT_GE(lre(fit.residual_sd, 0.369274472937998), 14);
}

/// The disturbances of Wampler3, 4 and 5 are the same, times 1, 100 and 10 000; so are all standard deviations.
TEST(CertifiedFit, OfWampler3And5HasTheDigits) {
  const CertifiedData exact = certified("Wampler1"), disturbed = certified("Wampler4");
  for (const double factor : {0.01, 100.0}) {
    CertifiedData data = disturbed;
    for (std::size_t i = 0; i < data.y.size(); ++i)
      data.y[i] = exact.y[i] + std::round((disturbed.y[i] - exact.y[i]) * factor);
    const auto fit = fit_polynomial(data.x, data.y, 5).value();
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_GE(lre(fit.coefficients[i], 1), 12) << factor << " B" << i;
      EXPECT_GE(lre(fit.coefficient_sd[i], disturbed.sd[i] * factor), 13) << factor << " B" << i;
    }
  }
}

TEST(CertifiedFit, OfWampler2HasTheDigits) {
  std::vector<double> x, y;
  for (int i = 0; i <= 20; ++i) {
    double value = 0, power = 1;
    for (int k = 0; k <= 5; ++k, power *= i / 10.0) value += power;
    x.push_back(i);
    // The file gives five decimals, exactly.
    y.push_back(std::round(value * 1e5) / 1e5);
  }
  const auto fit = fit_polynomial(x, y, 5).value();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_GE(lre(fit.coefficients[i], std::pow(0.1, i)), 12) << i;
}

TEST(CertifiedFit, KeepsItsDigitsFarFromZero) {
  // The same points a million away: the raw axis would need a condition number of 10^29.
  CertifiedData data = certified("Wampler4");
  const auto near = fit_polynomial(data.x, data.y, 5).value();
  for (double& x : data.x) x += 1e6;
  const auto far = fit_polynomial(data.x, data.y, 5).value();
  EXPECT_GE(lre(far.residual_sd, data.residual_sd), 14);
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    EXPECT_GE(lre(far.at(data.x[i]), near.at(data.x[i] - 1e6)), 14);
    EXPECT_GE(lre(far.sd_at(data.x[i]), near.sd_at(data.x[i] - 1e6)), 13);
  }
}

struct WantedSpread {
  const char* name;
  double mean, sd;
};

/// What the data hold as doubles (the heads of the files): 15 digits, of sd 13.8 for Michelso and 9.5 for NumAcc3.
class CertifiedSpread : public ::testing::TestWithParam<WantedSpread> {};

TEST_P(CertifiedSpread, HasTheDigits) {
  const CertifiedData data = certified(GetParam().name);
  const Spread s = spread_of(data.y);
  std::printf("%s: LRE of mean %.1f, sd %.1f\n", GetParam().name, lre(s.mean, data.mean), lre(s.sd, data.spread));
  EXPECT_GE(lre(s.mean, data.mean), GetParam().mean);
  EXPECT_GE(lre(s.sd, data.spread), GetParam().sd);
}

INSTANTIATE_TEST_SUITE_P(StRD, CertifiedSpread,
                         ::testing::Values(WantedSpread{"Lottery", 15, 14.9}, WantedSpread{"NumAcc1", 15, 15},
                                           WantedSpread{"NumAcc2", 15, 15}, WantedSpread{"Michelso", 15, 13.7},
                                           WantedSpread{"NumAcc3", 15, 9.4}),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace penrig
