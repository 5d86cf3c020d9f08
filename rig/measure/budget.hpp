#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/record/measurement.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// A source of type B that is known to be normal, or uniform with its half-width given. Standard uncertainty comes out.
BudgetLine normal_line(const char* source, double u, double nu = 0);
BudgetLine uniform_line(const char* source, double half_width);
/// A source of type B whose estimate lies midway between two bounds that are both unlikely: u = half_width / sqrt 6
/// (GUM 4.3.9).
BudgetLine triangular_line(const char* source, double half_width);
/// A source of type B that swings between +-half_width as a sine does: u = half_width / sqrt 2 (JCGM 101 6.4.6).
BudgetLine arcsine_line(const char* source, double half_width);
/// A source of type A (statistics of this record), nu degrees of freedom.
BudgetLine observed_line(const char* source, double u, double nu);

/// An input quantity: its estimate and standard uncertainty in `unit`.
///
/// cause: what the line hangs on, where other lines or other measurements of the same run may hang on it too; the
/// input's own name does for most. Lines of one cause are fully correlated (GUM 5.2.2). Empty: this record's own.
struct InputQuantity {
  std::string_view source, unit;
  double value = 0, u = 0;
  double nu = 0;  ///< degrees of freedom of u; 0 = infinite
  std::string_view cause{};
};
/// One line of it, normal. sensitivity: derivative of the measured value by the input, signed.
BudgetLine input_line(const InputQuantity& input, double sensitivity);

/// A calibrated factor's u, taken apart: what is its own, and what it has in common with all that the same reference
/// standard calibrated.
struct FactorParts {
  double own_u = 0, own_nu = 0;            ///< nu 0 = infinite
  double standard_u = 0, standard_nu = 0;  ///< u 0 where no standard is named
  std::string standard_cause{};            ///< "standard LASER-7"; empty with u 0
};
/// The degrees of freedom belong to the own part (a certificate's u has none to speak of), so that Welch-Satterthwaite
/// gives the factor's nu back. Where that would leave the own part less than one, both parts have the factor's.
FactorParts parts_of(const Factor& factor);

/// Lines of a calibrated factor: its own part, with `source` as cause, and the standard's. A part without u has no
/// line. sensitivity: derivative of the measured value by the factor, signed.
void add_factor(std::vector<BudgetLine>& lines, const char* source, const char* unit, const Factor& factor,
                double sensitivity);

/// The line's contribution with its sign: u times the sign of the sensitivity (+ where there is none).
double contribution(const BudgetLine& line);

/// Combined standard uncertainty: root of the sum of squares over causes, the signed contributions of one cause added
/// first (GUM 5.2.2 with r = 1 within a cause and 0 between them).
double combined(const std::vector<BudgetLine>& lines);
/// Effective degrees of freedom by Welch-Satterthwaite over causes; 0 = infinite. A cause whose lines state different
/// degrees of freedom has the fewest of them.
double effective_freedom(const std::vector<BudgetLine>& lines);

/// Factor k of U = k u at 95.45 %: Student's for the effective degrees of freedom; where one uniform line holds a
/// quarter of u^2 or more, times what the sum of that uniform and a normal rest needs in place of 2 (GUM G.1.6, G.4.1;
/// EA-4/02 S9.14): 1.653 where it is all there is. With k = 2 such a U would hold 98 to 100 %. Ten digits.
double coverage_factor_of(const std::vector<BudgetLine>& lines);

/// One measurement in a sum of several: y = sum weight_i y_i.
struct WeightedBudget {
  double weight = 0;
  const std::vector<BudgetLine>* lines = nullptr;
};
/// Budget of that sum. Lines that name a cause are matched by cause and source over all terms, their signed
/// contributions added: what is common cancels as far as its sensitivities do, and a part that cancels whole has no
/// line. Lines without a cause are independent from term to term; those of one source become one line, whose degrees of
/// freedom keep the sum's.
std::vector<BudgetLine> budget_of_sum(std::span<const WeightedBudget> terms);

/// Source of the one line that repeats the process; everything else is systematic or noise of this record.
inline constexpr const char* kRepeatability = "repeatability";

/// Fills expanded_u, k, nu_eff, realised and realised_u (without repeatability) from value and budget; for tolerance
/// intervals u_sys too. Called again after a line was added.
void finish(Measurement& measurement);

}  // namespace penrig
