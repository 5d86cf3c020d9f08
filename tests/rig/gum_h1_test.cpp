#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/monte_carlo.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

/// One row of the data: an input with its distribution.
struct Row {
  std::string unit, distribution;
  double value = 0, u = 0, nu = 0;
};

std::map<std::string, Row> end_gauge() {
  std::istringstream lines(read_source_file("tests/rig/data/gum/h1_endgauge.csv"));
  std::map<std::string, Row> rows;
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line[0] == '#' || line.starts_with("name,")) continue;
    std::istringstream cells(line);
    std::string name, unit, value, u, half_width, nu, distribution;
    for (std::string* cell : {&name, &unit, &value, &u, &half_width, &nu, &distribution}) {
      std::getline(cells, *cell, ',');
    }
    Row row{unit, distribution, std::stod(value), 0, std::stod(nu)};
    row.u = u.empty() ? std::stod(half_width) / std::sqrt(distribution == "arcsine" ? 2.0 : 3.0) : std::stod(u);
    rows[name] = row;
  }
  return rows;
}

BudgetLine line_of(const std::map<std::string, Row>& rows, const std::string& name, double sensitivity) {
  const Row& row = rows.at(name);
  BudgetLine line = input_line({name, row.unit, row.value, row.u, row.nu}, sensitivity);
  line.distribution = row.distribution;
  return line;
}

/// The budget of the end gauge's length, first order, at the estimates.
std::vector<BudgetLine> budget_of_length(const std::map<std::string, Row>& rows) {
  const double ls = rows.at("ls").value, alpha = rows.at("alpha_s").value, theta = rows.at("theta_bar").value,
               d_alpha = rows.at("d_alpha").value, d_theta = rows.at("d_theta").value;
  return {line_of(rows, "ls", 1 - d_alpha * theta - alpha * d_theta),
          line_of(rows, "d_bar", 1),
          line_of(rows, "d1 comparator random", 1),
          line_of(rows, "d2 comparator systematic", 1),
          line_of(rows, "alpha_s", -ls * d_theta),
          line_of(rows, "theta_bar", -ls * d_alpha),
          line_of(rows, "Delta", -ls * d_alpha),
          line_of(rows, "d_alpha", -ls * theta),
          line_of(rows, "d_theta", -ls * alpha)};
}

TEST(GumH1, TheComparatorsDifferenceHasThePublishedUncertainty) {
  const auto rows = end_gauge();
  ASSERT_EQ(rows.size(), 9U);
  const std::vector<BudgetLine> d = {line_of(rows, "d_bar", 1), line_of(rows, "d1 comparator random", 1),
                                     line_of(rows, "d2 comparator systematic", 1)};
  EXPECT_NEAR(combined(d), 9.7, 0.05);
  EXPECT_NEAR(effective_freedom(d), 25.6, 0.2);  // the book takes 9.7 whole
  EXPECT_NEAR(effective_freedom(d), 25.447, 0.001);
}

TEST(GumH1, TheLengthHasThePublishedUncertaintyFreedomAndU99) {
  const std::vector<BudgetLine> budget = budget_of_length(end_gauge());
  const double u = combined(budget), nu = std::floor(effective_freedom(budget));
  EXPECT_NEAR(u, 32, 0.5);
  EXPECT_NEAR(u, 31.664, 0.001);
  EXPECT_EQ(nu, 16);
  EXPECT_NEAR(coverage_factor(nu, 0.99), 2.92, 0.005);
  EXPECT_NEAR(coverage_factor(nu, 0.99) * u, 93, 1);
}

/// Length and its interval by drawing the inputs; nu: whether theirs are drawn too.
Propagated length_by_monte_carlo(const std::map<std::string, Row>& rows, bool with_nu) {
  std::map<std::string, BudgetLine> inputs;
  for (const auto& [name, row] : rows) {
    inputs[name] = line_of(rows, name, 1);
    if (!with_nu) inputs[name].nu = 0;
  }
  const MonteCarloModel model = [&](Random& random, std::span<double> out) {
    std::map<std::string, double> x;
    for (const auto& [name, line] : inputs) x[name] = rows.at(name).value + draw_line(random, line);
    const double theta = x["theta_bar"] + x["Delta"];
    out[0] = x["ls"] + x["d_bar"] + x["d1 comparator random"] + x["d2 comparator systematic"] -
             x["ls"] * (x["d_alpha"] * theta + x["alpha_s"] * x["d_theta"]);
    return true;
  };
  MonteCarloOptions options;
  options.trials = 200'000;
  options.seed = 11;
  const Propagated p = propagate(model, std::vector<double>{0}, options).front();
  std::printf("seed %u, %llu trials, nu %s: l = %.1f nm, u = %.2f nm\n", 11U, static_cast<unsigned long long>(p.trials),
              with_nu ? "drawn" : "infinite", p.y, p.u);
  return p;
}

TEST(GumH1, MonteCarloHoldsTheSecondOrderTermsThatTheFirstOrderLeavesOut) {
  const auto rows = end_gauge();
  const Propagated p = length_by_monte_carlo(rows, false);
  EXPECT_NEAR(p.y, 50'000'838, 0.5);
  EXPECT_NEAR(p.u, 34, 0.5);
  EXPECT_NEAR(p.u, 33.81, 0.15);
  const std::vector<BudgetLine> budget = budget_of_length(rows);
  const double u = combined(budget), expanded = coverage_factor(0) * u;
  const Comparison c = compare(p, 50'000'838 - expanded, 50'000'838 + expanded, u, 2);
  EXPECT_EQ(c.tolerance, 0.5);
  EXPECT_EQ(c.agreement, Agreement::differs);
  // What the second order adds is all of the difference: without its inputs both agree.
  auto linear = rows;
  linear["alpha_s"].u = linear["theta_bar"].u = linear["Delta"].u = 0;
  const double u_linear = combined(budget_of_length(linear)), expanded_linear = coverage_factor(0) * u_linear;
  const Propagated same = length_by_monte_carlo(linear, false);
  EXPECT_NEAR(same.u, u_linear, 0.2);
  // The uniform parts make the ends a little nearer than those of a normal distribution; one digit does not see it.
  EXPECT_EQ(compare(same, 50'000'838 - expanded_linear, 50'000'838 + expanded_linear, u_linear, 1).agreement,
            Agreement::agrees);
}

TEST(GumH1, MonteCarloWithTheInputsFreedomIsWiderStill) {
  // Student's t with nu degrees of freedom has nu/(nu - 2) of the variance (JCGM 101 6.4.9.4); its 9.5 has 36 nm.
  const auto rows = end_gauge();
  double variance = 0;
  for (const BudgetLine& line : budget_of_length(rows)) {
    const bool student = line.distribution == "normal" && line.nu > 0;
    variance += line.u * line.u * (student ? line.nu / (line.nu - 2) : 1);
  }
  const double second_order = 11.844;  // nm, GUM H.1.7
  EXPECT_NEAR(length_by_monte_carlo(rows, true).u, std::sqrt(variance + second_order * second_order), 0.15);
}

}  // namespace
}  // namespace penrig
