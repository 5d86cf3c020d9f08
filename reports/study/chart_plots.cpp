#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/study/chart_report.hpp"
#include "reports/study/plot_frame.hpp"
#include "reports/study/study_table.hpp"

namespace penrig {

using html::Anchor;
using html::Scale;
using html::Svg;
using html::Ticks;

namespace {

/// A limit that may differ from point to point: steps, broken where there is none.
void limit_line(Svg& svg, const Scale& x, const Scale& y, const statistics::ChartSeries& s,
                const std::vector<double>& limit, double width, std::string_view dash) {
  std::size_t from = 0;
  while (from < limit.size()) {
    std::size_t to = from;
    while (to + 1 < limit.size() && limit[to + 1] == limit[from]) ++to;
    if (std::isfinite(limit[from])) {
      const auto at = [&](double i) { return x(static_cast<double>(s.first) + i + 1); };
      svg.line(at(static_cast<double>(from) - 0.5), y(limit[from]), at(static_cast<double>(to) + 0.5), y(limit[from]),
               "#000", width, dash);
    }
    from = to + 1;
  }
}

/// Of points that are counted from 1: whole numbers.
Ticks point_ticks(double n) {
  const double nice = html::nice_ticks(0, n, 10).step;
  const double step = nice <= 1 ? 1 : nice <= 2 ? 2 : nice <= 5 ? 5 : nice;
  Ticks ticks{{}, step, 0};
  for (double at = step; at <= n; at += step) ticks.at.push_back(at);
  return ticks;
}

}  // namespace

std::string chart_plot(const ChartRow& row, std::size_t series, std::size_t reference_points) {
  constexpr double kWidth = 1220, kLeft = 62, kRight = 1090, kTop = 26;
  const statistics::ChartSeries& s = row.chart->series[series];
  const bool first = series == 0;
  const double height = first ? 260 : 190, bottom = height - 44;
  PlotRange range;
  for (std::size_t i = 0; i < s.values.size(); ++i)
    for (const double v : {s.values[i], s.lower[i], s.upper[i], s.centre[i]}) range.add(v);
  const Ticks ty = html::enclosing_ticks(range.low, range.high, first ? 6 : 4);
  const auto n = static_cast<double>(row.labels.size());
  const Ticks tx = point_ticks(n);
  const Scale x{0, n + 1, kLeft, kRight}, y{ty.at.front(), ty.at.back(), bottom - 8, kTop + 6};
  Svg svg(kWidth, height, s.name + " of " + row.series.title, "big");
  if (reference_points > 0) {
    const double to = x(static_cast<double>(reference_points) + 0.5);
    svg.rect(kLeft, kTop, to - kLeft, bottom - kTop, "#f1f1f1");
    svg.text(kLeft + 4, kTop + 11, "reference", {Anchor::start, "#555"});
  }
  html::x_axis(svg, x, tx, bottom, "point, in order");
  const bool spread = s.name == "moving range" || s.name == "range" || s.name == "standard deviation";
  html::y_axis(
      svg, y, ty, kLeft - 4,
      html::escape(with_unit(spread || s.name.starts_with("CUSUM") ? s.name : row.series.title, row.series.unit)), 12);
  limit_line(svg, x, y, s, s.centre, 0.7, "4 3");
  limit_line(svg, x, y, s, s.lower, 1, "");
  limit_line(svg, x, y, s, s.upper, 1, "");
  const auto label = [&](double value, const char* what) {
    if (std::isfinite(value)) svg.text(kRight + 6, y(value) + 4, fmt::format("{} {}", what, study_number(value, 5)));
  };
  label(s.upper.back(), "upper");
  label(s.lower.back(), "lower");
  label(s.centre.back(), "centre");
  std::vector<double> px, py;
  for (std::size_t i = 0; i < s.values.size(); ++i) {
    px.push_back(x(static_cast<double>(s.first + i + 1)));
    py.push_back(y(s.values[i]));
  }
  svg.polyline(px, py, "#999", 0.8);
  std::set<std::size_t> signals;
  for (const auto& signal : s.signals) signals.insert(signal.point - s.first);
  const double radius = px.size() > 250 ? 1.5 : px.size() > 120 ? 2.2 : 2.8;
  for (std::size_t i = 0; i < px.size(); ++i)
    if (!signals.contains(i)) svg.circle(px[i], py[i], radius, html::kBlue);
  std::size_t named = 0;
  double last = -100;
  for (const std::size_t i : signals) {
    svg.mark(px[i], py[i], Verdict::fail, 3.6);
    if (named++ < 12 && px[i] - last > 24) {
      svg.text(px[i], py[i] + (s.values[i] >= s.centre[i] ? -8 : 16), std::to_string(s.first + i + 1),
               {Anchor::middle});
      last = px[i];
    }
  }
  return svg.take();
}

}  // namespace penrig
