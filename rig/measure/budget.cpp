#include "rig/measure/budget.hpp"

#include <cmath>

#include "rig/measure/statistics.hpp"

namespace penrig {

BudgetLine normal_line(const char* source, double u, double nu) { return {source, false, "normal", std::abs(u), nu}; }

BudgetLine uniform_line(const char* source, double half_width) {
  return {source, false, "uniform", std::abs(half_width) / std::sqrt(3.0), 0};
}

BudgetLine observed_line(const char* source, double u, double nu) { return {source, true, "normal", std::abs(u), nu}; }

double combined(const std::vector<BudgetLine>& lines) {
  double squares = 0;
  for (const BudgetLine& line : lines) squares += line.u * line.u;
  return std::sqrt(squares);
}

double effective_freedom(const std::vector<BudgetLine>& lines) {
  const double u = combined(lines);
  double sum = 0;
  for (const BudgetLine& line : lines) {
    if (line.nu > 0) sum += line.u * line.u * line.u * line.u / line.nu;
  }
  return sum > 0 ? to_ten_digits(u * u * u * u / sum) : 0;
}

void finish(Measurement& measurement) {
  measurement.nu_eff = effective_freedom(measurement.budget);
  measurement.k = coverage_factor(measurement.nu_eff);
  measurement.expanded_u = measurement.k * combined(measurement.budget);
  std::vector<BudgetLine> systematic;
  for (const BudgetLine& line : measurement.budget) {
    if (line.source != kRepeatability) systematic.push_back(line);
  }
  measurement.realised_u = coverage_factor(effective_freedom(systematic)) * combined(systematic);
  if (!measurement.realised) measurement.realised = measurement.value;
  if (measurement.interval) measurement.interval->u_sys = measurement.realised_u;
}

}  // namespace penrig
