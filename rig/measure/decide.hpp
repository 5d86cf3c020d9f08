#pragma once

#include <span>

#include "rig/record/run_record.hpp"
#include "rig/spec/product.hpp"

namespace penrig {

/// Holds one requirement against one measurement. Fails closed: no value, not finite, no U where one is due -> ERROR.
/// Guard band w = r U; PASS inside by w, FAIL outside by w, else INDETERMINATE. Limits on strokes by tolerance interval
/// (rig/MEASURANDS.md), strokes: the rows of that setting. Probabilities of conformity and of false acceptance:
/// rig/measure/conformity.hpp; none of counts, of texts and of what is only known to be larger. Where a stroke was seen
/// outside, conformity is at most the probability that this stroke lies inside, and the share of the tolerance that is
/// used is at least its own.
Decision decide(const Requirement& requirement, Measurement& measurement, std::span<const StrokeRow> strokes);

/// The limits of a requirement at a setting, in the measurand's unit.
struct LimitsAt {
  std::optional<double> lower, upper;
};
/// None: it states none there, as one about a setting has none of a whole run, or is of texts.
std::optional<LimitsAt> limits_at(const Requirement& requirement, std::optional<double> depth_mm,
                                  std::optional<double> rate_per_min);

/// Strokes with nothing before the needles, at one depth setting.
struct StrokesInAir {
  std::string phase;
  double depth_mm = 0;
  std::span<const StrokeRow> strokes;
};
/// Makes the decision on a limit of strokes a FAIL where needles came out in air beyond the upper limit at their depth
/// by more than their own U: into a skin they would have gone as deep. A decision that is FAIL or worse stays.
void hold_strokes_in_air(const Requirement& requirement, const StrokesInAir& air, Decision& decision);

/// The decision that a reader must see first: the worst, among equals the largest share of its tolerance.
std::optional<std::size_t> deciding(std::span<const Decision> decisions);

}  // namespace penrig
