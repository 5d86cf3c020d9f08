#pragma once

#include <vector>

#include "rig/record/measurement.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// Value, uncertainty (or the strokes' tolerance interval), guard band and limits as one row of signs, under a row that
/// names the limits. Limits stand at the same two columns whatever their values. One-sided: the natural zero at the
/// other end. What lies off the scale is an arrow at the edge.
///
/// @return two lines, or none where there is nothing to draw: no value, a text, no limit.
std::vector<Line> limit_picture(const Decision& decision, const Measurement& measurement);

/// The sign of a verdict: a shape of its own each, never colour alone.
const char* sign_of(Verdict verdict);
/// Its ink: colour for PASS and FAIL alone.
Ink ink_of(Verdict verdict);

}  // namespace penrig::cli
