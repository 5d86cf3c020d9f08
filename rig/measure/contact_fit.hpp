#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include "rig/base/portable_math.hpp"
#include "rig/measure/cell_response.hpp"

namespace penrig {

/// x^m for x >= 0, exact for the laws that occur (m = 1, 1.5, 2).
inline double contact_power(double x, double m) {
  if (m == 1.5) return x * std::sqrt(x);
  if (m == 1) return x;
  if (m == 2) return x * x;
  return x > 0 ? portable_pow(x, m) : 0;
}

/// One approach to a surface: positions (rising) and forces, baseline already taken off, of as many samples.
struct Approach {
  std::span<const double> position_mm, force_n;
  double limit_n = 0;       ///< samples whose model force is above this are left out (60 % of the puncture force)
  double contact_mm = 0;    ///< out
  double u_contact_mm = 0;  ///< out, from the noise
  double u_kappa_mm = 0;    ///< out, the part of it that kappa, and so all approaches together, are off by
  bool found = false;       ///< out
};

/// Fits F = kappa (x - x_c)^m for x > x_c, 0 below, to approaches that share kappa, each with its own x_c, by
/// Gauss-Newton on all of them together (each x_c eliminated). A threshold or a straight line would put a Hertzian
/// contact 27 to 29 um too deep.
///
/// With a cell that is not ideal, the law is taken through its response and held against what the cell read; forces are
/// never differentiated.
///
/// @param sample_rate_hz  of the approaches; asked for only with a response.
/// @return kappa, or 0 if no approach could be fitted.
double fit_contacts(std::span<Approach> approaches, double exponent, double noise_n, const CellResponse& response = {},
                    double sample_rate_hz = 0);

}  // namespace penrig
