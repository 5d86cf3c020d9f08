#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/statistics/interval.hpp"
#include "rig/base/result.hpp"
#include "rig/calibrate/polynomial_fit.hpp"

namespace penrig::statistics {

/// Readings of one reference against its value: Student's t. Source: AIAG MSA 4th edition, chapter III section B.
struct Bias {
  std::size_t n = 0;
  double reference = 0, mean = 0, sd = 0;
  Estimate bias;  ///< 95 %
  double t = 0, p = 1;
};
/// Errc::usage: fewer than two readings, or one that is not finite.
Result<Bias> bias_of(std::span<const double> readings, double reference);

struct ReferenceReading {
  std::string part;
  double reference = 0, value = 0;
};

/// Bias over the range of the gage: a straight line through all biases. Source: AIAG MSA 4th edition, chapter III
/// section B (linearity).
struct Linearity {
  PolynomialFit line;         ///< bias over reference
  Estimate slope, intercept;  ///< 95 %
  double slope_p = 1, intercept_p = 1;
  std::vector<Bias> parts;  ///< reference by reference, ascending
  double mean_bias = 0;     ///< of all readings
  bool still = true;        ///< the readings of each reference are one value: of their spread nothing is known

  /// Of the line at a reference value, 95 %.
  Estimate at(double reference) const;
  /// The line of zero bias lies within the interval at every reference: by AIAG there is no bias to be seen, which a
  /// gage that scatters widely comes to as well.
  bool holds_zero() const;
  /// The whole band lies within -allowed ... allowed: at the references, hence between them, too.
  bool lies_within(double allowed) const;
};
/// Errc::usage: fewer than two references, fewer than three readings, a reference with a single reading, a value that
/// is not finite.
Result<Linearity> linearity_of(std::span<const ReferenceReading> readings);

/// Type-1 study: one reference, many readings, against the tolerance. Convention: Cg = 0.2 T / (6 s), Cgk =
/// (0.1 T - |bias|) / (3 s), both at least 1.33. Source: Bosch Booklet 10 (2019), VDA 5; the widths are parameters.
struct GageTypeOne {
  Bias bias;
  double tolerance = 0;
  Estimate cg;  ///< exact by chi squared, 95 %
  double cgk = 0;
  double resolution_share = 0;     ///< smallest step between readings, of the tolerance; at most 5 % is asked for
  double repeatability_share = 0;  ///< 0.2/Cg: what the readings' 6 s take of the tolerance
  bool equal = false;              ///< all readings are one value: of their spread nothing is known, Cg is infinite
  bool capable = false;            ///< never of equal readings, nor of a resolution that is too coarse
};
struct TypeOneWidths {
  double share = 0.2, deviations = 6, least = 1.33;
  double coarsest = 0.05;  ///< resolution, of the tolerance
};
/// Errc::usage: fewer than ten readings (25 are asked for), tolerance not above 0, readings that are not finite.
Result<GageTypeOne> type_one(std::span<const double> readings, double reference, double tolerance,
                             TypeOneWidths widths = {});

/// Does a reference stay what it was? A straight line over time, and its t. The control chart beside it is that of
/// control_chart.hpp.
struct Drift {
  Estimate per_unit;  ///< of x, 95 %
  double p = 1;
};
/// x ascending. Errc::usage: fewer than three points, or x all the same.
Result<Drift> drift_of(std::span<const double> x, std::span<const double> y);

}  // namespace penrig::statistics
