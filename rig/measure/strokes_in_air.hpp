#pragma once

#include <vector>

#include "rig/measure/capture.hpp"
#include "rig/measure/touch.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// Strokes of a pen with nothing before its needles, at whatever speed: while it runs up, coasts, or hears nothing.
/// Tops by local parabolas (within 1 um). They enter no mean, but needles that come out too far do so here as well.
///
/// @param tick_hz  of the device's clock, nominal.
/// @return one row a whole turn, in time order; extension alone is set, u_penetration_mm is its standard uncertainty.
std::vector<StrokeRow> strokes_in_air(const Capture& capture, double tick_hz, const ReferenceZero& zero,
                                      const Calibrations& calibrations);

}  // namespace penrig
