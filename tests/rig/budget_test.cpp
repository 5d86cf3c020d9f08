#include "rig/measure/budget.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {
namespace {

BudgetLine shared(const char* cause, double u, double sensitivity, double nu = 0) {
  return input_line({cause, "unit", 1, u, nu, cause}, sensitivity);
}

TEST(Causes, AddTheirSignedContributionsBeforeSquaring) {
  EXPECT_DOUBLE_EQ(combined({shared("scale", 1, 3), shared("scale", 1, 4)}), 7);
  EXPECT_DOUBLE_EQ(combined({shared("scale", 1, 3), shared("scale", 1, -4)}), 1);
  EXPECT_DOUBLE_EQ(combined({shared("scale", 1, 3), shared("mass", 1, -4)}), 5);
  EXPECT_DOUBLE_EQ(combined({normal_line("a", 3), normal_line("a", 4)}), 5) << "a source alone correlates nothing";
}

TEST(Causes, OfTheGumsTenResistorsAddWhole) {
  // GUM 5.2.2: ten resistors of 1000 ohm, each calibrated against one standard of u = 100 mohm: 1 ohm, not 0.32.
  std::vector<BudgetLine> lines;
  const Factor resistor{1000, 0.1, 0, 0.1, "R-1000"};
  for (int i = 0; i < 10; ++i) add_factor(lines, "resistor", "ohm", resistor, 1);
  EXPECT_NEAR(combined(lines), 1, 1e-12);
  for (BudgetLine& line : lines) line.cause.clear();
  EXPECT_NEAR(combined(lines), 0.316, 0.001);
}

TEST(Causes, GiveTheGumsResistanceReactanceAndImpedance) {
  // GUM H.2: V, I and phi of five simultaneous readings; what each reading is off by is one cause of all three.
  const std::vector<double> v = {5.007, 4.994, 5.005, 4.990, 4.999}, ma = {19.663, 19.639, 19.640, 19.685, 19.678},
                            phi = {1.0456, 1.0438, 1.0468, 1.0428, 1.0433};
  const double mv = spread_of(v).mean, mi = spread_of(ma).mean * 1e-3, mp = spread_of(phi).mean;
  const double r = mv / mi * std::cos(mp), x = mv / mi * std::sin(mp), z = mv / mi;
  struct Wanted {
    double value, by_v, by_i, by_phi, published, u_published;
  };
  for (const Wanted& w : {Wanted{r, r / mv, -r / mi, -x, 127.732, 0.071}, Wanted{x, x / mv, -x / mi, r, 219.847, 0.295},
                          Wanted{z, z / mv, -z / mi, 0, 254.260, 0.236}}) {
    std::vector<BudgetLine> lines;
    for (std::size_t k = 0; k < v.size(); ++k) {
      const std::string cause = "reading " + std::to_string(k);
      const double share = 1 / std::sqrt(20.0);  // sd of the mean of five: sum of squares over 5 * 4
      for (const auto& [name, off, by] :
           {std::tuple{"V", v[k] - mv, w.by_v}, std::tuple{"I", ma[k] * 1e-3 - mi, w.by_i},
            std::tuple{"phi", phi[k] - mp, w.by_phi}}) {
        // A contribution's sign is that of sensitivity times error.
        lines.push_back(input_line({name, "1", 0, std::abs(off) * share, 0, cause}, off < 0 ? -by : by));
      }
    }
    EXPECT_NEAR(w.value, w.published, 0.001);
    EXPECT_NEAR(combined(lines), w.u_published, 0.0008) << w.published;
  }
}

TEST(Causes, HaveOneTermInWelchSatterthwaite) {
  const std::vector<BudgetLine> one = {shared("scale", 1, 3, 10), shared("scale", 1, 4, 10), normal_line("b", 24)};
  // u = sqrt(49 + 576) = 25; 7^4/10 = 240.1
  EXPECT_NEAR(effective_freedom(one), 390625 / 240.1, 1e-6);
  const std::vector<BudgetLine> mixed = {shared("scale", 1, 3, 10), shared("scale", 1, 4, 5)};
  EXPECT_EQ(effective_freedom(mixed), 5) << "the fewest of a cause";
}

TEST(Causes, OfOneStandardCorrelateTwoFactors) {
  // Needle and stage by the same laser: what both have of it acts as one, with the net sensitivity.
  const Factor needle{1e-4, 5e-8, 0, 4e-8, "LASER-7"}, stage{1e-4, 5e-8, 0, 4e-8, "LASER-7"};
  std::vector<BudgetLine> lines;
  add_factor(lines, "needle encoder scale", "mm/count", needle, 10'000);
  add_factor(lines, "stage encoder scale", "mm/count", stage, -10'000);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[1].cause, "standard LASER-7");
  EXPECT_EQ(lines[0].unit, "mm/count");
  EXPECT_EQ(lines[0].value, 1e-4);
  EXPECT_EQ(lines[2].sensitivity, -10'000);
  EXPECT_NEAR(combined(lines), std::sqrt(2.0) * 3e-4, 1e-12) << "the standard's part cancels";
  lines[2].sensitivity = lines[3].sensitivity = 10'000;
  EXPECT_NEAR(combined(lines), std::sqrt(2 * 9e-8 + 64e-8), 1e-12);
}

TEST(FactorParts, GiveTheFactorsUAndFreedomBack) {
  const Factor f{1, 5, 40, 3, "M1"};
  const FactorParts parts = parts_of(f);
  EXPECT_DOUBLE_EQ(parts.own_u, 4);
  EXPECT_DOUBLE_EQ(parts.standard_u, 3);
  std::vector<BudgetLine> lines;
  add_factor(lines, "f", "N", f, -2);
  EXPECT_DOUBLE_EQ(combined(lines), 10);
  EXPECT_NEAR(effective_freedom(lines), 40, 1e-9);
}

TEST(FactorParts, OfAStandardThatIsNearlyAllKeepTheFewDegreesOfFreedom) {
  std::vector<BudgetLine> lines;
  add_factor(lines, "f", "N", {1, 5, 8, 4.9, "M1"}, 1);
  EXPECT_LE(effective_freedom(lines), 8.8);
  EXPECT_GE(effective_freedom(lines), 8);
}

TEST(FactorParts, WithoutAStandardAreOneLineAndWithoutUNone) {
  std::vector<BudgetLine> lines;
  add_factor(lines, "f", "N", {1, 0.5, 12}, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].nu, 12);
  EXPECT_EQ(lines[0].cause, "f") << "every measurement of a run has the same factor";
  lines.clear();
  add_factor(lines, "f", "N", {1, 0}, 1);
  EXPECT_TRUE(lines.empty());
}

TEST(BudgetOfSum, CancelsWhatIsCommonByItsSensitivities) {
  const std::vector<BudgetLine> up = {shared("zero", 2, -1), shared("scale", 1, 3), normal_line("noise", 0.3)},
                                down = {shared("zero", 2, -1), shared("scale", 1, 2), normal_line("noise", 0.4)};
  const auto lines = budget_of_sum(std::vector<WeightedBudget>{{1, &up}, {-1, &down}});
  ASSERT_EQ(lines.size(), 2U) << "the zero is gone";
  EXPECT_EQ(lines[0].source, "scale");
  EXPECT_DOUBLE_EQ(lines[0].u, 1);
  EXPECT_DOUBLE_EQ(lines[0].sensitivity, 1);
  EXPECT_EQ(lines[1].source, "noise");
  EXPECT_DOUBLE_EQ(lines[1].u, 0.5);
  const auto sum = budget_of_sum(std::vector<WeightedBudget>{{1, &up}, {1, &down}});
  EXPECT_DOUBLE_EQ(combined(sum), std::sqrt(16 + 25 + 0.25));
}

TEST(BudgetOfSum, KeepsTheSignBetweenPartsOfOneCause) {
  const std::vector<BudgetLine> a = {input_line({"needle", "mm/count", 1, 1, 0, "standard L"}, 5),
                                     input_line({"stage", "mm/count", 1, 1, 0, "standard L"}, -3)};
  const std::vector<BudgetLine> b = {input_line({"needle", "mm/count", 1, 1, 0, "standard L"}, 1)};
  EXPECT_DOUBLE_EQ(combined(budget_of_sum(std::vector<WeightedBudget>{{1, &a}, {-1, &b}})), 1);
  EXPECT_DOUBLE_EQ(combined(budget_of_sum(std::vector<WeightedBudget>{{1, &a}, {1, &b}})), 3);
}

TEST(BudgetOfSum, OfLinesWithoutInputsKeepsTheirSigns) {
  BudgetLine plus = normal_line("s", 2), minus = normal_line("s", 2);
  plus.cause = minus.cause = "c";
  minus.sensitivity = -1;
  const std::vector<BudgetLine> a = {plus}, b = {minus};
  EXPECT_TRUE(budget_of_sum(std::vector<WeightedBudget>{{1, &a}, {1, &b}}).empty());
  EXPECT_DOUBLE_EQ(combined(budget_of_sum(std::vector<WeightedBudget>{{1, &a}, {-1, &b}})), 4);
}

TEST(BudgetOfSum, KeepsTheDegreesOfFreedomOfTheWhole) {
  const std::vector<BudgetLine> a = {observed_line("noise", 3, 9)}, b = {observed_line("noise", 4, 16)};
  const std::vector<WeightedBudget> terms = {{1, &a}, {-1, &b}};
  EXPECT_NEAR(effective_freedom(budget_of_sum(terms)), 625 / (81 / 9.0 + 256 / 16.0), 1e-6);
}

TEST(BudgetOfSum, IsWhatDrawsOfTheErrorsSay) {
  const std::uint64_t seed = 7;
  RecordProperty("seed", static_cast<int>(seed));
  const std::vector<BudgetLine> a = {shared("scale", 1, 3), shared("zero", 2, -1), normal_line("noise", 0.5)},
                                b = {shared("scale", 1, -2), shared("zero", 2, 1), normal_line("noise", 0.7)};
  const std::vector<WeightedBudget> terms = {{0.6, &a}, {-1.3, &b}};
  Random random(seed, "budget");
  std::vector<double> sums;
  for (int i = 0; i < 40'000; ++i) {
    const double scale = random.normal(), zero = 2 * random.normal();
    sums.push_back(0.6 * (3 * scale - zero + 0.5 * random.normal()) -
                   1.3 * (-2 * scale + zero + 0.7 * random.normal()));
  }
  EXPECT_NEAR(combined(budget_of_sum(terms)) / spread_of(sums).sd, 1, 0.015) << "seed " << seed;
}

TEST(ArcsineLine, IsTheSdOfASine) { EXPECT_DOUBLE_EQ(arcsine_line("wobble", 3).u, 3 / std::sqrt(2.0)); }

TEST(CoverageFactorOf, IsStudentsUnlessAUniformLineHoldsAQuarterOfTheVariance) {
  const std::vector<BudgetLine> small = {normal_line("a", 1, 8), uniform_line("b", 0.5)};
  EXPECT_DOUBLE_EQ(coverage_factor_of(small), coverage_factor(effective_freedom(small)));
  EXPECT_NEAR(coverage_factor_of({uniform_line("b", 1)}), 0.9544997361 * std::sqrt(3.0), 1e-9);
  // At the border the step is small; beyond it k falls steadily.
  double last = 2;
  for (const double share : {0.26, 0.4, 0.6, 0.8, 0.9, 0.99, 0.9999}) {
    const double k =
        coverage_factor_of({normal_line("a", std::sqrt(1 - share)), uniform_line("b", std::sqrt(3 * share))});
    EXPECT_LT(k, last) << share;
    EXPECT_GT(k, share < 0.3 ? 1.99 : 1.65) << share;
    last = k;
  }
}

TEST(CoverageFactorOf, CoversWhatItStatesWhereAUniformLineIsLarge) {
  constexpr int kDraws = 200'000;
  Random random(11, "uniform and normal");
  for (const double share : {0.3, 0.6, 0.9, 0.98}) {
    const double half = std::sqrt(3 * share), sigma = std::sqrt(1 - share);
    const double k = coverage_factor_of({normal_line("a", sigma), uniform_line("b", half)});
    int inside = 0;
    for (int i = 0; i < kDraws; ++i) {
      inside += std::abs(half * (2 * random.uniform() - 1) + sigma * random.normal()) <= k ? 1 : 0;
    }
    EXPECT_NEAR(inside / static_cast<double>(kDraws), 0.9545, 4 * std::sqrt(0.0455 * 0.9545 / kDraws)) << share;
  }
}

}  // namespace
}  // namespace penrig
