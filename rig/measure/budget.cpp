#include "rig/measure/budget.hpp"

#include <algorithm>
#include <cmath>

#include "rig/measure/probability.hpp"
#include "rig/measure/statistics.hpp"

namespace penrig {

namespace {

/// All that hangs on one cause, or one independent line.
struct Group {
  const std::string* cause;
  double sum;  ///< of the signed contributions
  double nu;   ///< 0 = infinite
};

enum class Lines { all, systematic };  ///< systematic: without repeatability

/// In the order in which causes appear, so that sums have the same bits wherever the same lines are.
std::vector<Group> groups_of(const std::vector<BudgetLine>& lines, Lines which = Lines::all) {
  std::vector<Group> groups;
  groups.reserve(lines.size());
  for (const BudgetLine& line : lines) {
    if (which == Lines::systematic && line.source == kRepeatability) continue;
    Group* known = nullptr;
    if (!line.cause.empty()) {
      const auto found = std::ranges::find_if(groups, [&](const Group& g) { return *g.cause == line.cause; });
      if (found != groups.end()) known = &*found;
    }
    if (known == nullptr) {
      groups.push_back({&line.cause, contribution(line), line.nu});
      continue;
    }
    known->sum += contribution(line);
    if (line.nu > 0 && (known->nu == 0 || line.nu < known->nu)) known->nu = line.nu;
  }
  return groups;
}

double root_of_squares(const std::vector<Group>& groups) {
  double squares = 0;
  for (const Group& g : groups) squares += g.sum * g.sum;
  return std::sqrt(squares);
}

double fourth_power(double x) { return x * x * x * x; }

/// Welch and Satterthwaite.
double freedom_of(const std::vector<Group>& groups, double u) {
  double sum = 0;
  for (const Group& g : groups) {
    if (g.nu > 0) sum += fourth_power(g.sum) / g.nu;
  }
  return sum > 0 ? to_ten_digits(fourth_power(u) / sum) : 0;
}

constexpr double kUniformShare = 0.25;  ///< of u^2; below it k differs from Student's by less than 0.4 %

/// k at 95.45 % for the sum of a uniform and a normal value of standard uncertainties `uniform` and sqrt(1 -
/// uniform^2).
double factor_with_uniform(double uniform) {
  constexpr double kCoverage = 0.95449973610364158;  // of a normal value within 2 u
  const double half = uniform * std::sqrt(3.0), normal = std::sqrt(std::max(0.0, (1 - uniform) * (1 + uniform)));
  if (normal < 1e-3) return kCoverage * half;
  double k = 1.5;  // below what is sought, and the probability above k is convex: Newton rises to it
  for (int i = 0; i < 50; ++i) {
    const double near = (k - half) / normal, far = (k + half) / normal;
    const NormalTail from_near = normal_tail(near), from_far = normal_tail(far);
    // Integrals of the normal probability above, from either to infinity.
    const double beyond_near = from_near.density - near * from_near.above;
    const double beyond_far = from_far.density - far * from_far.above;
    const double excess = normal * (beyond_near - beyond_far) / (2 * half) - (1 - kCoverage) / 2;
    const double step = excess * 2 * half / (from_near.above - from_far.above);
    k += step;
    if (!(step > 1e-15)) break;
  }
  return k;
}

/// All that a budget says of U.
struct Evaluated {
  double u = 0, nu = 0, k = 0;
};
Evaluated evaluate_lines(const std::vector<BudgetLine>& lines, Lines which) {
  const std::vector<Group> groups = groups_of(lines, which);
  Evaluated of;
  of.u = root_of_squares(groups);
  of.nu = freedom_of(groups, of.u);
  of.k = coverage_factor(of.nu);
  double uniform = 0;
  for (const BudgetLine& line : lines) {
    const bool counts = which == Lines::all || line.source != kRepeatability;
    if (counts && line.distribution == "uniform") uniform = std::max(uniform, line.u);
  }
  if (of.u > 0 && uniform * uniform >= kUniformShare * of.u * of.u && uniform <= of.u) {
    of.k = to_ten_digits(of.k / 2 * factor_with_uniform(uniform / of.u));
  }
  return of;
}

}  // namespace

BudgetLine normal_line(const char* source, double u, double nu) { return {source, false, "normal", std::abs(u), nu}; }

BudgetLine uniform_line(const char* source, double half_width) {
  return {source, false, "uniform", std::abs(half_width) / std::sqrt(3.0), 0};
}

BudgetLine triangular_line(const char* source, double half_width) {
  return {source, false, "triangular", std::abs(half_width) / std::sqrt(6.0), 0};
}

BudgetLine arcsine_line(const char* source, double half_width) {
  return {source, false, "arcsine", std::abs(half_width) / std::sqrt(2.0), 0};
}

BudgetLine observed_line(const char* source, double u, double nu) { return {source, true, "normal", std::abs(u), nu}; }

BudgetLine input_line(const InputQuantity& input, double sensitivity) {
  BudgetLine line;
  line.source = input.source;
  line.distribution = "normal";
  line.u = std::abs(sensitivity) * input.u;
  line.nu = input.nu;
  line.unit = input.unit;
  line.value = input.value;
  line.u_input = input.u;
  line.sensitivity = sensitivity;
  line.cause = input.cause;
  return line;
}

FactorParts parts_of(const Factor& factor) {
  FactorParts parts;
  parts.own_u = factor.u;
  parts.own_nu = factor.nu;
  if (factor.standard.empty() || !(factor.u_standard > 0)) return parts;
  parts.standard_cause = "standard " + factor.standard;
  parts.standard_u = std::min(factor.u_standard, factor.u);
  parts.own_u = std::sqrt((factor.u - parts.standard_u) * (factor.u + parts.standard_u));
  if (!(factor.nu > 0)) return parts;
  parts.own_nu = factor.nu * fourth_power(parts.own_u / factor.u);
  if (parts.own_nu < 1) parts.own_nu = parts.standard_nu = factor.nu;
  return parts;
}

void add_factor(std::vector<BudgetLine>& lines, const char* source, const char* unit, const Factor& factor,
                double sensitivity) {
  const FactorParts parts = parts_of(factor);
  if (parts.own_u > 0) {
    lines.push_back(input_line({source, unit, factor.value, parts.own_u, parts.own_nu, source}, sensitivity));
  }
  if (parts.standard_u > 0) {
    lines.push_back(input_line({source, unit, factor.value, parts.standard_u, parts.standard_nu, parts.standard_cause},
                               sensitivity));
  }
}

double contribution(const BudgetLine& line) { return line.sensitivity < 0 ? -line.u : line.u; }

double combined(const std::vector<BudgetLine>& lines) { return root_of_squares(groups_of(lines)); }

double effective_freedom(const std::vector<BudgetLine>& lines) {
  const std::vector<Group> groups = groups_of(lines);
  return freedom_of(groups, root_of_squares(groups));
}

double coverage_factor_of(const std::vector<BudgetLine>& lines) { return evaluate_lines(lines, Lines::all).k; }

std::vector<BudgetLine> budget_of_sum(std::span<const WeightedBudget> terms) {
  struct Net {
    BudgetLine line;
    double sum = 0;      ///< of signed contributions, or of squares where there is no cause
    double size = 0;     ///< of the contributions without their signs
    double fourths = 0;  ///< sum of fourth powers over their degrees of freedom, where there is no cause
    double derivative = 0;
    bool one_input = true;  ///< all lines say the same of their input
  };
  std::vector<Net> nets;
  for (const WeightedBudget& term : terms) {
    for (const BudgetLine& line : *term.lines) {
      const auto same = [&](const Net& n) {
        return n.line.source == line.source && n.line.cause == line.cause && n.line.type_a == line.type_a;
      };
      auto net = std::ranges::find_if(nets, same);
      if (net == nets.end()) net = nets.insert(nets.end(), Net{line});
      const double weighted = term.weight * contribution(line);
      if (line.cause.empty()) {
        net->sum += weighted * weighted;
        if (line.nu > 0) net->fourths += fourth_power(weighted) / line.nu;
        continue;
      }
      net->sum += weighted;
      net->size += std::abs(weighted);
      net->derivative += term.weight * line.sensitivity;
      net->one_input = net->one_input && line.unit == net->line.unit && line.u_input == net->line.u_input &&
                       line.value == net->line.value && line.sensitivity != 0;
      if (line.nu > 0 && (net->line.nu == 0 || line.nu < net->line.nu)) net->line.nu = line.nu;
    }
  }
  std::vector<BudgetLine> lines;
  for (Net& net : nets) {
    BudgetLine line = std::move(net.line);
    if (line.cause.empty()) {
      line.u = std::sqrt(net.sum);
      line.nu = net.fourths > 0 ? to_ten_digits(net.sum * net.sum / net.fourths) : 0;
      line.unit.clear();
      line.value = line.u_input = line.sensitivity = 0;
      if (terms.size() > 1) line.distribution = "normal";
    } else {
      line.u = std::abs(net.sum);
      if (net.one_input) {
        line.sensitivity = net.derivative;
      } else {
        line.unit.clear();
        line.value = 0;
        line.u_input = line.u;
        line.sensitivity = net.sum < 0 ? -1 : 1;
      }
    }
    constexpr double kRounding = 1e-12;  // what is left of a whole that cancels
    if (line.u > kRounding * net.size) lines.push_back(std::move(line));
  }
  return lines;
}

void finish(Measurement& measurement) {
  const Evaluated all = evaluate_lines(measurement.budget, Lines::all);
  measurement.nu_eff = all.nu;
  measurement.k = all.k;
  measurement.expanded_u = all.k * all.u;
  const Evaluated systematic = evaluate_lines(measurement.budget, Lines::systematic);
  measurement.realised_u = systematic.k * systematic.u;
  if (!measurement.realised) measurement.realised = measurement.value;
  if (measurement.interval) measurement.interval->u_sys = measurement.realised_u;
}

}  // namespace penrig
