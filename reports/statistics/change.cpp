#include "reports/statistics/change.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reports/statistics/distributions.hpp"
#include "reports/statistics/sample_size.hpp"

namespace penrig::statistics {

namespace {

constexpr double kAlpha = 0.05;

std::optional<std::size_t> units_needed(const MeanDifference& d, double margin, std::size_t family) {
  const Comparison comparison = d.method == DifferenceMethod::paired_pens ? Comparison::pairs : Comparison::two_groups;
  // Of two pens the mean of both counts, so each needs half as many runs.
  const double sd =
      d.method == DifferenceMethod::fixed_pens ? d.unit_sd / std::sqrt(static_cast<double>(d.base_pens)) : d.unit_sd;
  const auto equal = units_to_show_equal(comparison, margin, sd, kAlpha);
  const auto found = units_to_find(comparison, margin, sd, kAlpha / static_cast<double>(family));
  if (!equal || !found) return std::nullopt;
  return std::max(*equal, *found);
}

}  // namespace

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    most = std::max(most, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
    adjusted[order[i]] = most;
  }
  return adjusted;
}

Equivalence equivalence_of(const MeanDifference& d, double margin) {
  const double value = d.difference.value;
  Equivalence e;
  e.margin = margin;
  if (!(d.se > 0)) {
    e.interval = {value, value};
    // Without a spread only the labels tell: of few runs, equal ones exclude nothing.
    e.p = std::abs(value) < margin ? d.labels_p : 1;
    return e;
  }
  const double reach = student_quantile(1 - kAlpha, d.df) * d.se;
  e.interval = {value - reach, value + reach};
  e.p = std::max(student_below(-(value + margin) / d.se, d.df), student_below((value - margin) / d.se, d.df));
  return e;
}

const char* name_of(Change change) {
  switch (change) {
    case Change::same:
      return "same";
    case Change::harmless:
      return "changed but harmless";
    case Change::matters:
      return "changed and matters";
    case Change::unknown:
      break;
  }
  return "cannot tell yet";
}

std::vector<ChangeVerdict> judge_changes(std::span<const MeanDifference> differences, std::span<const double> margins) {
  std::vector<double> p;
  for (const MeanDifference& d : differences) p.push_back(d.p);
  const std::vector<double> adjusted = holm(p);
  std::vector<ChangeVerdict> verdicts;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    ChangeVerdict v;
    v.adjusted_p = adjusted[i];
    v.equivalence = equivalence_of(differences[i], margins[i]);
    const bool changed = adjusted[i] < kAlpha, equal = v.equivalence.p < kAlpha;
    v.change = changed ? (equal ? Change::harmless : Change::matters) : equal ? Change::same : Change::unknown;
    if (v.change == Change::unknown) {
      v.units_needed = units_needed(differences[i], margins[i], differences.size());
      if (v.units_needed)
        v.more_units = *v.units_needed > differences[i].units ? *v.units_needed - differences[i].units : 1;
    }
    verdicts.push_back(v);
  }
  return verdicts;
}

}  // namespace penrig::statistics
