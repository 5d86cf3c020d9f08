#pragma once

#include "rig/measure/analyse_capture.hpp"

namespace penrig {

/// A capture without a position: when strokes were, and how hard. data.force_n: finite.
CaptureResult<CaptureAnalysis> analyse_force_alone(const CaptureData& data, const CaptureOptions& options,
                                                   const Sampling& sampling);

}  // namespace penrig
