#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "rig/calibrate/polynomial_fit.hpp"

namespace penrig {

/// A line through calibration points with what may be wrong with its slope, all in units of the slope.
struct SlopeFit {
  double b = 0;
  std::vector<BudgetLine> budget;
  PolynomialFit line;
  double x_range = 0;
  double bound = 0;  ///< sum |x - mean| / sum (x - mean)^2: slope error of the least favourable unit errors
};

/// Fits y over x and writes the polynomial that fits into the evaluation, whose x and y name the columns; the slope is
/// that of the line, and how far the polynomial bends from it is in its budget; so is, where none fits, how far the
/// readings are from the polynomial.
/// Errc::bad_data: fewer than three different x (two without an intercept).
Result<SlopeFit> fit_slope(CalibrationEvaluation& evaluation, std::span<const double> x, std::span<const double> y,
                           bool intercept, const EvaluationInput& input);

/// Up and down, and time: what the line does not know of, as a part of the slope.
void add_hysteresis(SlopeFit& slope, CalibrationEvaluation& evaluation, const PointTable& points);

/// The standards' part of the slope's uncertainty. False where one has no u: then nobody can say it.
bool add_standards(SlopeFit& slope, const CalibrationEvaluation& evaluation,
                   const std::vector<ReferenceStandard>& standards);

/// One standard's line: "reference standard M1-7".
BudgetLine standard_line(const ReferenceStandard& standard, double u);

/// Value and budget from those of the slope, times the derivative of the value by the slope. known: every standard has
/// a u; else the evaluation has none.
void conclude_evaluation(CalibrationEvaluation& evaluation, double value, double derivative,
                         std::vector<BudgetLine> budget, bool known);

/// Of a column of counts: one, where whole ones were written down; 0 where they are means of many, or no counts.
double resolution_of(std::string_view column, std::span<const double> y);
std::size_t different_values(std::span<const double> x);
/// Largest magnitude; 0 of none.
double greatest(std::span<const double> x);

/// Resonance and damping, or the corner of a first-order response, from gain and phase.
Result<CalibrationEvaluation> evaluate_cell_response(const PointTable& points, const EvaluationInput& input);

}  // namespace penrig
