#pragma once

#include <optional>
#include <span>
#include <string>

#include "reports/html/canvas.hpp"
#include "rig/record/measurement.hpp"

namespace penrig::html {

/// Value, U, guard band and limit, drawn the same way everywhere. All in one unit.
struct LimitPicture {
  std::optional<double> lower, upper;
  std::optional<double> setting;
  std::optional<double> value, value_low, value_high;  ///< the thick bar, U
  std::optional<double> interval_low, interval_high;   ///< the bracket, tolerance interval of strokes
  double guard_band = 0;
  Verdict verdict = Verdict::error;
};

/// From a decision and what it was held against. Empty if there is nothing to draw: no limit in numbers, or an exact
/// count that must be zero.
std::optional<LimitPicture> limit_picture_of(const Decision& decision, const Measurement& measurement);

/// One row high. Two limits stand at 18 % and 82 % of the width; one limit stands at 82 % (18 % for a lower one), the
/// natural zero at the other end.
std::string small_picture(const LimitPicture& picture, double width);
/// The same on any drawing, `width` by `height`; false if there is nothing to scale by, and nothing was drawn.
bool draw_small(Canvas& canvas, const LimitPicture& picture, double width, double height);

/// One stroke's value and its U, for the histogram.
struct StrokeValue {
  double value = 0, expanded_u = 0;
};
/// The large form: histogram of strokes above, limits and values written at them. `value_label`: "mean 2.5254 ±
/// 0.0068".
std::string large_picture(const LimitPicture& picture, std::span<const StrokeValue> strokes, const std::string& unit,
                          const std::string& value_label);
inline constexpr double kLargeWidth = 820, kLargeHeight = 196;
bool draw_large(Canvas& canvas, const LimitPicture& picture, std::span<const StrokeValue> strokes,
                const std::string& unit, const std::string& value_label);

/// A small histogram of deviations with its limits, one of a row of the same scale.
std::string histogram_panel(const LimitPicture& picture, std::span<const StrokeValue> strokes, const std::string& name,
                            const std::string& margin, bool bold);

/// The distribution panel of one setting: deviations in µm, with an axis. `picture` and strokes in mm.
std::string distribution_plot(const LimitPicture& picture, std::span<const StrokeValue> strokes, double setting_mm);

}  // namespace penrig::html
