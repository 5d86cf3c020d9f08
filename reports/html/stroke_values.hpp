#pragma once

#include <string>
#include <vector>

#include "reports/html/limit_picture.hpp"
#include "reports/html/run_view.hpp"

namespace penrig::html {

/// The strokes behind a decision on strokes, for its histogram; empty for any other.
std::vector<StrokeValue> stroke_values(const RunView& view, std::size_t decision, const Measurement& measurement);

/// What stands under the mark of a large picture: "mean 2.5254 ± 0.0068" of strokes, else the value with its U.
std::string mean_label(const RunView& view, std::size_t decision, const Measurement& measurement);

}  // namespace penrig::html
