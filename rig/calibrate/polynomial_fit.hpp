#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/base/double_double.hpp"
#include "rig/base/result.hpp"

namespace penrig {

inline constexpr unsigned kMaxDegree = 5;
inline constexpr std::size_t kMaxCoefficients = kMaxDegree + 1;

/// y = sum b_j x^j by weighted least squares, Householder QR on a centred, scaled axis in doubled precision (never
/// normal equations), so the results carry the digits that the data do.
struct PolynomialFit {
  unsigned degree = 0;
  bool intercept = true;                        ///< else through the origin: the powers begin at 1
  std::vector<double> coefficients;             ///< of x^0, x^1, ... ; of x^1, x^2, ... through the origin
  std::vector<double> coefficient_sd;           ///< their standard deviations
  std::vector<std::vector<double>> covariance;  ///< of the coefficients
  std::vector<double> residuals;                ///< y - f(x), in the order given
  double residual_ss = 0, residual_sd = 0;      ///< weighted sum of squares; root of it over the degrees of freedom
  double regression_ss = 0;                     ///< about the mean; about 0 through the origin
  std::size_t n = 0, dof = 0, regression_dof = 0;
  double f_regression = 0;  ///< infinite where nothing is left over
  double r_squared = 0;
  double x_min = 0, x_max = 0;  ///< the calibrated range

  /// f(x).
  double at(double x) const;
  double slope_at(double x) const;
  /// Standard deviation of f(x) from that of the coefficients.
  double sd_at(double x) const;

  struct Internal {
    double centre = 0, scale = 1;                                                          ///< t = (x - centre) / scale
    std::array<DoubleDouble, kMaxCoefficients> a{};                                        ///< of t^j
    std::array<std::array<DoubleDouble, kMaxCoefficients>, kMaxCoefficients> r_inverse{};  ///< upper triangle
  };
  Internal internal;
};

/// @param weights  inverse variances up to one common factor, > 0; empty: all equal.
/// @param degree   0 to 5; 1 to 5 through the origin.
/// Errc::bad_data: sizes that differ, numbers that are not finite, no degree of freedom left, too few different x.
Result<PolynomialFit> fit_polynomial(std::span<const double> x, std::span<const double> y, unsigned degree,
                                     bool intercept = true, std::span<const double> weights = {});

/// One F test: its ratio, its degrees of freedom and the chance of a larger ratio where there is no effect.
struct FTest {
  double f = 0, p = 1;
  std::size_t dof_above = 0, dof_below = 0;
};

/// Whether the points repeat better than the fit meets them: the residual sum of squares is split into pure error
/// (about the mean of each x that was measured more than once) and lack of fit. Nothing without repeats or when no
/// degree of freedom is left for the lack. Source: NIST/SEMATECH e-Handbook 4.4.4.6.
std::optional<FTest> lack_of_fit(const PolynomialFit& fit, std::span<const double> x, std::span<const double> y,
                                 std::span<const double> weights = {});

/// Whether the terms that `larger` has beyond `smaller` explain anything: F of the drop of the sum of squares.
FTest added_terms(const PolynomialFit& smaller, const PolynomialFit& larger);

struct DegreeCandidate {
  PolynomialFit fit;
  std::optional<FTest> lack;   ///< of fit
  std::optional<FTest> added;  ///< by this degree over the one below
  bool adequate = false;
};

struct DegreeChoice {
  std::vector<DegreeCandidate> candidates;  ///< ascending
  std::size_t chosen = 0;                   ///< index into candidates
  bool fits = false;                        ///< false: even the highest degree shows lack of fit
  const PolynomialFit& fit() const { return candidates[chosen].fit; }
};

/// The lowest degree that fits: no lack of fit (p >= 5 %, where repeats can tell), and neither the next degree nor the
/// next two together (an odd term may hide behind an even one) explain anything more (p >= 2.5 %, as ASTM E74 Annex A1
/// has it). Where none fits, the highest whose own term matters, and fits = false.
/// @param max_degree  1 to 5; lowered so that the different x leave something to test.
Result<DegreeChoice> choose_degree(std::span<const double> x, std::span<const double> y, bool intercept = true,
                                   unsigned max_degree = kMaxDegree, std::span<const double> weights = {});

/// "ν = 12.3 + 4.5·x": the coefficients with enough digits to use.
std::string polynomial_text(const PolynomialFit& fit, const std::string& y, const std::string& x);

}  // namespace penrig
