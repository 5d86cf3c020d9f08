#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/statistics/interval.hpp"
#include "reports/statistics/normality.hpp"
#include "rig/base/result.hpp"

namespace penrig::statistics {

/// One of them at least; lower < upper.
struct Tolerance {
  std::optional<double> lower, upper;
};

/// What the spread of one reading is without any spread of the process: its standard uncertainty from reading to
/// reading (repeatability and reproducibility, not what is common to all), and that estimate's degrees of freedom.
struct ReadingSpread {
  double u = 0;
  double nu = 0;  ///< 0 or infinite: exactly known
};

/// Indices of one standard deviation. Two-sided ones only where there are two limits.
struct Indices {
  double sd = 0, df = 0;
  std::optional<Estimate> spread;      ///< Cp, Pp
  std::optional<double> lower, upper;  ///< CPL, CPU
  Estimate least;                      ///< Cpk, Ppk
  double beyond = 0;                   ///< share outside the limits that a normal distribution has
};

enum class CapabilityMethod { normal, transformed, counted };

/// Where values are not normal: the share outside by counting, and the indices by percentiles of the fitted
/// distribution, Ppk = min((U - x50)/(x99.865 - x50), (x50 - L)/(x50 - x0.135)) (ISO 22514-2).
struct NonNormal {
  double lambda = 0;
  bool of_logarithm = false;
  Normality after;                       ///< of the transformed values
  double low = 0, median = 0, high = 0;  ///< 0.135, 50 and 99.865 %
  std::optional<Estimate> spread;
  Estimate least;
  double beyond = 0;
};

struct Capability {
  std::size_t n = 0;
  double mean = 0;
  Indices within, overall;  ///< Cp, Cpk; Pp, Ppk
  Normality normality;
  CapabilityMethod method = CapabilityMethod::normal;  ///< which of them to go by
  std::optional<NonNormal> non_normal;  ///< where normality is refused at 5 % and a transformation could be fitted
  std::size_t outside = 0;
  Estimate outside_share;  ///< counted; Clopper and Pearson
  /// Without the spread of reading; unset: no spread was given, or it is clear that none is left beside it. Where none
  /// may be left, indices have an infinite bound, and where none is, an infinite value and an sd of 0.
  std::optional<Indices> process_within, process_overall;
  std::optional<std::string> process_note;  ///< why there is none, or bounds alone
};

/// Values that an index is made of, at least.
inline constexpr std::size_t kFewestCapability = 5;

/// Capability of values in their order, in subgroups. All intervals 95 %.
///
/// Within: pooled deviation of the subgroups; of subgroups of one, mean moving range over d2, with a law of its own
/// (spread_law.hpp). Cp and Pp have the interval of sigma; Cpk and Ppk the smaller ones of both sides' bounds, each
/// exact by the noncentral t distribution (Owen; Kushler and Hurley, J. Qual. Technol. 24 (1992)) or its like for that
/// law. Without reading: s^2 - u^2 with generalised confidence intervals; no study is left out of them for having a
/// spread near that of reading, or those that are told would hold the truth too often.
///
/// Errc::usage: fewer than kFewestCapability values, a value that is not finite, values all the same, no limit, limits
/// that cross.
Result<Capability> capability_of(std::span<const std::vector<double>> subgroups, const Tolerance& tolerance,
                                 const std::optional<ReadingSpread>& reading = std::nullopt);

}  // namespace penrig::statistics
