#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/calibrate/kind.hpp"
#include "rig/calibrate/points.hpp"
#include "rig/record/measurement.hpp"

namespace penrig {

/// What a calibration is traceable to.
struct ReferenceStandard {
  std::string id, certificate;
  std::optional<double> u;  ///< standard uncertainty, k = 1; empty: nobody said it, and then the result has none either
  bool relative = false;    ///< u is a share of the value; else in the unit of `column`
  std::string column;       ///< which column of the points it stands behind, where u is not relative
};

/// One line of the comparison of degrees.
struct DegreeLine {
  unsigned degree = 0;
  double residual_sd = 0;
  std::optional<double> lack_f, lack_p;    ///< lack of fit
  std::optional<double> added_f, added_p;  ///< what this degree adds to the one below
};

/// A number of a calibration that a reader may want beside its value: "LLF", 0.00031, "N".
struct CalibrationResult {
  std::string name;
  double value = 0;
  std::string unit;
};

/// What the points say. All of it is recorded.
struct CalibrationEvaluation {
  double value = 0;
  std::optional<double> u;         ///< standard uncertainty; none where a reference standard has none
  double k = 2, nu = 0;            ///< nu 0 = infinite; U = k u
  std::vector<BudgetLine> budget;  ///< in the value's unit; without the standards where theirs is not known
  std::string x, y;                ///< the columns that were fitted, y over x; x empty where there is none
  unsigned degree = 1;             ///< the lowest that fits
  bool degree_fits = true;         ///< false: even the highest lacks fit
  bool intercept = true;
  std::vector<double> coefficients, coefficient_sd;  ///< of the polynomial of that degree
  double residual_sd = 0;
  std::vector<double> fitted, residuals;  ///< of that polynomial, one a point, in y's unit
  std::vector<DegreeLine> degrees;
  std::vector<CalibrationResult> results;
  std::vector<std::string> notes;
};

/// A calibration as it is filed. It is never changed.
struct Calibration {
  std::string id;      ///< "C-000012"; given by the store
  std::string target;  ///< "load-cell", "encoder:stage"
  std::string factor;  ///< key of the rig description that it replaces
  std::string unit;
  std::string fixture_id;
  bool simulated = false;  ///< made on a simulated rig, for those alone
  CivilDate date, due;
  std::string operator_name;
  std::vector<ReferenceStandard> standards;
  std::optional<double> temperature_c, humidity_percent;
  std::string note;
  std::string points_name;  ///< where the points came from: a file's name, or "live"
  PointTable points;
  CalibrationEvaluation evaluation;
  std::string software_version, software_commit;
  std::int64_t filed_utc_ns = 0;
};

/// What an evaluation needs beside the points.
struct EvaluationInput {
  std::vector<ReferenceStandard> standards;
  double nominal_tick_hz = 0;  ///< of a time base whose points count ticks
  double span_mm = 0;          ///< of a tilt: how wide the needle array is
  unsigned max_degree = 5;     ///< of the polynomials that are compared
};

/// Fits the points and gives the factor with its uncertainty.
/// Errc::bad_data: too few points, no variation, a scale that is 0 or negative, a value beyond the target's range.
/// Messages say what to do.
Result<CalibrationEvaluation> evaluate(const CalibrationTarget& target, const PointTable& points,
                                       const EvaluationInput& input);

/// The model that a cell response was evaluated to: a first-order corner, or a resonance with its damping.
/// Errc::bad_data: it says neither, or a number that no cell has.
Result<CellResponse> cell_response_of(const CalibrationEvaluation& evaluation);

/// "0.02 %", "3 ppm", "0.5 mN" or a bare number in the unit of the reference's column. What has a unit stands behind
/// the column that has the same, else behind the one whose unit it can be turned into. Errc::usage: there are several
/// of those, or it is no such number; says what is allowed.
Result<void> read_standard_u(std::string_view written, CalibrationKind kind, const PointTable& points,
                             ReferenceStandard& standard);

}  // namespace penrig
