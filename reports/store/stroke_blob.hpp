#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// The bytes of a phase's strokes and traces in the store; little-endian throughout, floating point as IEEE 754 bits.
///
/// Strokes: u32 layout (1), u32 n, then six columns of n binary64 each: top_s, period_us, extension_mm, penetration_mm,
/// peak_force_n, u_penetration_mm.
///
/// Traces: u32 layout (1), then phase_deg, mean_position_mm, loop_penetration_mm, loop_force_n as vectors (u32 n,
/// n binary32), then strokes_position_mm, strokes_loop_penetration_mm, strokes_loop_force_n as u32 m and m vectors.
std::string bytes_of(const std::vector<StrokeRow>& strokes);
std::string bytes_of(const SettingTraces& traces);

/// The way back. Throws ErrorException (bad_data) on bytes that do not follow the layout to their end.
std::vector<StrokeRow> strokes_of(std::string_view bytes);
SettingTraces traces_of(std::string_view bytes);

}  // namespace penrig
