#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/measure/analyse_capture.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {

/// What is refused, warned of and left out of captures, whatever they are measured by.
inline constexpr std::size_t kFewestCaptureStrokes = 4;  ///< below that nothing has a spread

CaptureRefusal refuse(Errc code, std::string why, CapturePart part = CapturePart::whole);
/// "3 strokes".
std::string plural(std::size_t n, const char* one);
/// Strokes a second must be what a pen can do; else a unit of the time is wrong.
std::optional<CaptureRefusal> check_rate(double stroke_hz, double rate_hz);

void warn_of_sampling(const Sampling& sampling, std::vector<std::string>& warnings);
/// What no U holds.
void warn_of_u(const CaptureOptions& options, bool with_force, std::vector<std::string>& warnings);

/// Whether no capture alone holds it, whatever is said of it: it needs a command, another phase, or the pen's word.
bool is_beyond_captures(const MeasurandInfo& measurand);
/// A setting that was only seen is no setting that a tolerance may be held against; and a capture holds no commands.
void keep_only_what_was_said(CaptureAnalysis& out);
/// Measurands (with their units) that have no value, and why.
void add_without_value(CaptureAnalysis& out, std::initializer_list<std::pair<const char*, const char*>> ids,
                       const char* why);

}  // namespace penrig
