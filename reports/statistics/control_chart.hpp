#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "reports/statistics/run_rules.hpp"
#include "rig/base/result.hpp"

namespace penrig::statistics {

enum class ChartKind { individuals, mean_and_range, mean_and_deviation, ewma, cusum };

/// What a process was in its reference period: the limits hang on it alone, and stay as they are while points come.
struct ChartReference {
  double mean = 0, sigma = 0;
  std::size_t points = 0, values = 0;
};

struct ChartOptions {
  RuleSet rules = western_electric();  ///< of the chart of locations; those of spread and EWMA, CUSUM: limits alone
  double lambda = 0.2,
         width = 2.962;  ///< EWMA; in-control run length 500 (Lucas and Saccucci, Technometrics 32 (1990))
  double allowance = 0.5, decision = 5;  ///< CUSUM, in sigma; in-control run length 465 (Montgomery, table 9.3)
};

struct ChartSignal {
  std::size_t point = 0;
  std::string text;
};

/// One chart: points in order, with limits that may differ from point to point (sizes of subgroups, start of an EWMA).
struct ChartSeries {
  std::string name;       ///< "individuals", "moving range", "CUSUM up", ...
  std::size_t first = 0;  ///< subgroup of its first point (a moving range begins at the second)
  std::vector<double> values;
  std::vector<double> centre, lower, upper;  ///< -infinity: no lower limit
  std::vector<ChartSignal> signals;          ///< `point` counts in subgroups
};

struct ControlChart {
  ChartKind kind = ChartKind::individuals;
  ChartReference reference;
  ChartOptions options;
  std::vector<ChartSeries> series;  ///< location first
  std::size_t signals() const;
};

/// Points that limits are made of, at least.
inline constexpr std::size_t kFewestReference = 10;

/// Mean and sigma of the reference subgroups, in order: individuals from the mean moving range over d2(2), mean and
/// range from the mean of R/d2(n), mean and deviation from the mean of s/c4(n); EWMA and CUSUM of single values as
/// individuals, else as mean and deviation. Source: Montgomery, "Introduction to Statistical Quality Control",
/// chapter 6.
///
/// Errc::usage: fewer than kFewestReference subgroups, values that are not finite, a subgroup of the wrong size (ranges
/// and deviations need two to 25 values; individuals one), no spread at all.
Result<ChartReference> chart_reference(std::span<const std::vector<double>> subgroups, ChartKind kind);

/// All points against the reference's limits: 3 sigma (constants of range_constants.hpp), EWMA with the exact variance
/// of its start, tabular CUSUM without a head start, which begins anew after a signal. Errc::usage: a reference that is
/// none, or subgroups as above (but any number of them).
Result<ControlChart> control_chart(std::span<const std::vector<double>> subgroups, ChartKind kind,
                                   const ChartReference& reference, const ChartOptions& options = {});

}  // namespace penrig::statistics
