#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "reports/html/svg.hpp"

namespace penrig {

/// What lies in a plot, to choose axes by.
struct PlotRange {
  double low = INFINITY, high = -INFINITY;
  void add(double v) {
    if (!std::isfinite(v)) return;
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
};

/// ● □ ▲ ◆ ○ ■, one a series: no series is told by its colour alone.
void series_mark(html::Svg& svg, double x, double y, std::size_t series);
inline constexpr std::size_t kSeriesMarks = 6;

/// Names under places 1 to n of an axis, turned sparse where they would touch.
void name_axis(html::Svg& svg, const html::Scale& x, double y, const std::vector<std::string>& names,
               const std::string& label);

/// "label, unit", or the label alone.
std::string with_unit(const std::string& label, const std::string& unit);

}  // namespace penrig
