#include "reports/study/gage_plots.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/study/plot_frame.hpp"
#include "reports/study/study_table.hpp"

namespace penrig {
namespace {

using html::Anchor;
using html::Scale;
using html::Svg;
using html::Ticks;
using statistics::GageDesign;
using statistics::GageStudy;

constexpr double kGageWidth = 605, kGageHeight = 270, kGageLeft = 46, kGageRight = 520, kGageTop = 24,
                 kGageBottom = 226;

/// Readings of part i and appraiser j, whatever the layout.
std::vector<double> readings_of(const GageStudy& s, std::size_t part, std::size_t appraiser) {
  std::vector<double> values;
  for (std::size_t k = 0; k < s.trials; ++k)
    values.push_back(s.design == GageDesign::crossed ? s.layout.at(part, appraiser, k)
                                                     : s.layout.at(appraiser, part, k));
  return values;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

std::vector<std::string> part_names(const GageStudy& s) {
  if (s.design == GageDesign::crossed) return s.parts;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < s.parts_each; ++i) names.push_back(std::to_string(i + 1));
  return names;
}

/// Direct labels at the right edge, kept apart.
void series_labels(Svg& svg, const std::vector<std::string>& names) {
  for (std::size_t j = 0; j < names.size(); ++j) {
    const double y = kGageTop + 14 + 16 * static_cast<double>(j);
    series_mark(svg, kGageRight + 14, y - 4, j);
    svg.text(kGageRight + 22, y, html::escape(names[j]), {Anchor::start, "#444"});
  }
}

Scale places(std::size_t n) { return {0.5, static_cast<double>(n) + 0.5, kGageLeft, kGageRight}; }

}  // namespace

std::string gage_components_plot(const statistics::GageAnova& a) {
  std::vector<const statistics::GageComponent*> rows{&a.grr, &a.repeatability, &a.reproducibility, &a.part};
  const bool tolerance = a.grr.tolerance_share.has_value();
  Svg svg(kGageWidth, kGageHeight, "components of variation");
  double most = 1;
  for (const auto* c : rows)
    if (c->tolerance_share) most = std::max(most, c->tolerance_share->value);
  const Ticks ticks = html::enclosing_ticks(0, 100 * std::min(most, 5.0), 5);
  const Scale x{0, ticks.at.back(), 130, kGageRight};
  html::x_axis(svg, x, ticks, kGageBottom, "share, %");
  struct Bar {
    const char* name;
    std::string_view fill;
  };
  const Bar bars[] = {{"of variance", "#ccc"}, {"of study variation", html::kBlue}, {"of tolerance", "#555"}};
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double top = kGageTop + 4 + 50 * static_cast<double>(r);
    svg.text(122, top + 24, html::escape(rows[r]->name), {Anchor::end, "#111", r == 0 || r == 3});
    const double shares[] = {rows[r]->contribution, rows[r]->study_share.value,
                             tolerance ? rows[r]->tolerance_share->value : 0};
    for (std::size_t b = 0; b < (tolerance ? 3U : 2U); ++b) {
      const double y = top + 13 * static_cast<double>(b), end = x(std::min(100 * shares[b], x.to));
      svg.rect(x(0), y, end - x(0), 11, bars[b].fill);
      svg.text(end + 5, y + 9.5, study_percent(shares[b]) + (r == 0 ? std::string(" ") + bars[b].name : ""),
               {Anchor::start, "#444"});
    }
  }
  return svg.take();
}

std::string gage_parts_plot(const GageStudy& s, const std::string& unit) {
  PlotRange range;
  for (const double v : s.layout.values) range.add(v);
  const Ticks ticks = html::enclosing_ticks(range.low, range.high, 6);
  const Scale x = places(s.parts_each), y{ticks.at.front(), ticks.at.back(), kGageBottom - 8, kGageTop + 10};
  Svg svg(kGageWidth, kGageHeight, "readings by part");
  html::y_axis(svg, y, ticks, kGageLeft - 4, html::escape(with_unit("reading", unit)), 10);
  name_axis(svg, x, kGageBottom, part_names(s), s.design == GageDesign::crossed ? "part" : "part of each appraiser");
  const auto across = static_cast<double>(s.appraisers.size());
  for (std::size_t j = 0; j < s.appraisers.size(); ++j) {
    const double shift = (static_cast<double>(j) - (across - 1) / 2) * std::min(9.0, 0.6 * (x(2) - x(1)) / across);
    std::vector<double> px, py;
    for (std::size_t i = 0; i < s.parts_each; ++i) {
      px.push_back(x(static_cast<double>(i + 1)) + shift);
      py.push_back(y(mean(readings_of(s, i, j))));
    }
    if (s.design == GageDesign::crossed) svg.polyline(px, py, j == 0 ? html::kBlue : "#777", 0.8, 0.8);
    for (std::size_t i = 0; i < s.parts_each; ++i)
      for (const double v : readings_of(s, i, j)) series_mark(svg, px[i], y(v), j);
  }
  series_labels(svg, s.appraisers);
  return svg.take();
}

std::string gage_appraisers_plot(const GageStudy& s, const std::string& unit) {
  PlotRange range;
  for (const double v : s.layout.values) range.add(v);
  const Ticks ticks = html::enclosing_ticks(range.low, range.high, 6);
  const Scale x = places(s.appraisers.size()), y{ticks.at.front(), ticks.at.back(), kGageBottom - 8, kGageTop + 10};
  Svg svg(kGageWidth, kGageHeight, "readings by appraiser");
  html::y_axis(svg, y, ticks, kGageLeft - 4, html::escape(with_unit("reading", unit)), 10);
  name_axis(svg, x, kGageBottom, s.appraisers, "appraiser");
  std::vector<double> px, py;
  for (std::size_t j = 0; j < s.appraisers.size(); ++j) {
    std::vector<double> all;
    for (std::size_t i = 0; i < s.parts_each; ++i) {
      const auto values = readings_of(s, i, j);
      // Parts side by side, so that readings do not hide each other.
      const double shift = (static_cast<double>(i) / static_cast<double>(s.parts_each) - 0.5) * 0.5 * (x(2) - x(1));
      for (const double v : values) svg.circle(x(static_cast<double>(j + 1)) + shift, y(v), 2, "#999");
      all.insert(all.end(), values.begin(), values.end());
    }
    px.push_back(x(static_cast<double>(j + 1)));
    py.push_back(y(mean(all)));
  }
  svg.polyline(px, py, html::kBlue, 1.4);
  for (std::size_t j = 0; j < px.size(); ++j) series_mark(svg, px[j], py[j], 0);
  svg.text(px.back() + 8, py.back() - 6, "mean", {Anchor::start, html::kBlue});
  return svg.take();
}

std::string gage_ranges_plot(const GageStudy& s, const statistics::GageRanges& g, const std::string& unit) {
  PlotRange range;
  range.add(0);
  range.add(g.range_limit);
  for (const auto& b : g.beyond) range.add(b.range);
  const Ticks ticks = html::enclosing_ticks(range.low, range.high, 5);
  const std::size_t n = s.parts_each * s.appraisers.size();
  const Scale x{0.5, static_cast<double>(n) + 0.5, kGageLeft, kGageRight};
  const Scale y{ticks.at.front(), ticks.at.back(), kGageBottom - 8, kGageTop + 10};
  Svg svg(kGageWidth, kGageHeight, "ranges by appraiser");
  html::y_axis(svg, y, ticks, kGageLeft - 4, html::escape(with_unit("range", unit)), 10);
  svg.line(kGageLeft, kGageBottom, kGageRight, kGageBottom, "#666", 0.8);
  svg.text(kGageRight, kGageBottom + 31, "parts in order, appraiser by appraiser", {Anchor::end});
  svg.line(kGageLeft, y(g.range_limit), kGageRight, y(g.range_limit), "#000", 1);
  svg.text(kGageRight + 5, y(g.range_limit) + 4, "limit " + study_number(g.range_limit, 3));
  svg.line(kGageLeft, y(g.mean_range_all), kGageRight, y(g.mean_range_all), "#000", 0.7, "4 3");
  svg.text(kGageRight + 5, y(g.mean_range_all) + 4, "mean " + study_number(g.mean_range_all, 3),
           {Anchor::start, "#444"});
  for (std::size_t j = 0; j < s.appraisers.size(); ++j) {
    std::vector<double> px, py;
    const double from = x(static_cast<double>(j * s.parts_each) + 0.5),
                 to = x(static_cast<double>((j + 1) * s.parts_each) + 0.5);
    if (j > 0) svg.line(from, kGageTop, from, kGageBottom, "#bbb", 0.8);
    svg.text((from + to) / 2, kGageBottom + 14, html::escape(s.appraisers[j]), {Anchor::middle, "#444"});
    for (std::size_t i = 0; i < s.parts_each; ++i) {
      const auto values = readings_of(s, i, j);
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      px.push_back(x(static_cast<double>(j * s.parts_each + i + 1)));
      py.push_back(y(*high - *low));
    }
    svg.polyline(px, py, "#999", 0.7);
    for (std::size_t i = 0; i < px.size(); ++i) {
      if (py[i] < y(g.range_limit) - 1e-9) {
        svg.mark(px[i], py[i], Verdict::fail, 4);
        svg.text(px[i] + 7, py[i] + 4, "part " + html::escape(part_names(s)[i]));
      } else {
        series_mark(svg, px[i], py[i], 0);
      }
    }
  }
  return svg.take();
}

}  // namespace penrig
