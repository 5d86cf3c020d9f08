#pragma once

#include "rig/calibrate/polynomial_fit.hpp"

namespace penrig {

/// What x a later reading stands for.
struct InversePrediction {
  double x = 0;
  double u = 0;              ///< standard uncertainty: scatter of the reading and of the fit over the slope there
  double low = 0, high = 0;  ///< 95.45 %: where y = f(x) -+ k s_pred(x). Not symmetric, as Fieller's for a line
  double k = 2, nu = 0;
};

/// Solves f(x) = y within the calibrated range and a twentieth of it beyond (its ends scatter too).
/// @param readings  how many readings y is the mean of, >= 1.
/// Errc::not_determined: y lies beyond the range, the curve turns within it, or the interval has no end (the slope
/// cannot be told from none). Source: Fieller (1954); for curves Osborne, "Statistical calibration: a review" (1991).
Result<InversePrediction> predict_inverse(const PolynomialFit& fit, double y, std::size_t readings = 1);

/// The lower limit factor of ASTM E74, 8.5: 2.4 times the standard deviation of the deviations from the fit, in force.
struct LowerLimitFactor {
  double s_m = 0;            ///< sqrt(sum d^2 / (n - m - 1)), in the indication's unit
  double llf = 0;            ///< 2.4 s_m as a force, not below the resolution
  double ratio = 0;          ///< force per indication, mean over the forces
  double class_a_from = 0;   ///< 400 LLF, not below the lowest force that was applied: Class A loads begin here
  double class_aa_from = 0;  ///< 2000 LLF, likewise
  double lowest_force = 0, highest_force = 0;
  bool class_a = false, class_aa = false;  ///< whether anything of the range is left
};

/// @param fit         indication over force, of `forces` and `indications`.
/// @param resolution  of the indication.
LowerLimitFactor lower_limit_factor(const PolynomialFit& fit, std::span<const double> forces,
                                    std::span<const double> indications, double resolution);

}  // namespace penrig
