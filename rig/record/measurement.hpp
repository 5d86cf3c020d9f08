#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/spec/pen_link.hpp"

namespace penrig {

/// One verdict; the order is the rule "worst wins". not_judged: measured, without a limit.
enum class Verdict : std::uint8_t { not_judged, pass, indeterminate, fail, aborted, error };
const char* name_of(Verdict v);  ///< "PASS", "INDETERMINATE", ...
/// The worse of the two.
constexpr Verdict worst(Verdict a, Verdict b) { return a < b ? b : a; }

/// One line of an uncertainty budget (GUM): one input quantity, or one source of one.
struct BudgetLine {
  std::string source;        ///< "encoder scale"
  bool type_a = false;       ///< else type B
  std::string distribution;  ///< "normal", "uniform"
  double u = 0;              ///< standard uncertainty, already times its sensitivity, in the measurement's unit; >= 0
  double nu = 0;             ///< degrees of freedom; infinity is written as 0
  /// The input itself, where the line has one of its own unit (else unit is empty and u is all there is): its estimate,
  /// its standard uncertainty and the derivative of the measured value by it, signed; u = |sensitivity| u_input.
  std::string unit{};  ///< of value and u_input, "µm/N"
  double value = 0, u_input = 0, sensitivity = 0;
  /// Lines of one measurement that name the same cause are fully correlated (GUM 5.2.2): their signed contributions are
  /// added before squaring. Empty: independent of all others.
  std::string cause{};
};

/// Interval that holds 99 % of strokes with 95 % confidence.
struct ToleranceInterval {
  double low = 0, high = 0;
  double mean = 0, s = 0;   ///< s: freed of the estimator's own noise
  double k_factor = 0;      ///< k_T(n_eff), 95 % confidence
  double k_factor_low = 0;  ///< the same at 5 % confidence
  double u_sys = 0;         ///< expanded systematic uncertainty, without repeatability
};

/// One measured number. A value that is not finite or not set never passes.
struct Measurement {
  std::string measurand;  ///< id in the catalogue (rig/spec/measurand.hpp)
  std::string unit;
  std::optional<double> depth_mm, rate_per_min;  ///< the setting, if it belongs to one
  std::optional<PenLink> link{};                 ///< of the pen, if it is told of one; none in older records
  std::optional<double> value;
  std::string text_value;           ///< for identities such as firmware
  double expanded_u = 0;            ///< U at 95.45 %, process value; 0 for exact counts
  std::optional<double> low, high;  ///< where the interval is not symmetric, or a one-sided limit of confidence
  double k = 2, nu_eff = 0;         ///< nu_eff 0 = infinite
  std::optional<double> realised;   ///< for this record alone, without repeatability
  double realised_u = 0;
  std::uint64_t n = 0;
  double n_eff = 0;
  std::vector<BudgetLine> budget;
  std::optional<ToleranceInterval> interval;  ///< of the *_ti measurands
  bool censored_high = false;                 ///< the true value is at least this (it never happened while we watched)
  std::uint64_t strokes_beyond = 0;           ///< filled by decide(): strokes beyond the limit by more than their own U
  std::string note;                           ///< why there is no value, or what a reader must know
};

/// One requirement held against one measurement.
struct Decision {
  std::string requirement_id, title;
  std::size_t measurement = 0;         ///< index into RunRecord::measurements
  std::optional<double> lower, upper;  ///< the limits in the measurement's unit, as they apply at this setting
  std::string limit_text;              ///< "2.5 ± 0.150", "≤ 100"
  double guard_band = 0;               ///< w = r U
  Verdict verdict = Verdict::error;
  double used = 0;  ///< share of the tolerance that is used, 1 = at the limit
  /// Probability that the true value conforms, given the measurement (JCGM 106 7); that of a false acceptance, were it
  /// accepted, is 1 - conformity. Unset where there is no distribution (counts, texts, errors). Ten digits.
  std::optional<double> conformity{};
  /// Largest probability of false acceptance that the rule allows: of a value that lies at the acceptance limit.
  std::optional<double> false_acceptance_max{};
  std::string rule;  ///< "|mean − setting| + k_T·s + U_sys = 0.0254 + 2.86 × 0.0214 + 0.0058 = 0.0924 mm of 0.1500 mm"
  std::string reason;  ///< in plain words, for any verdict but PASS
};

}  // namespace penrig
