#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/statistics/power_transform.hpp"
#include "reports/study/capability_report.hpp"
#include "reports/study/plot_frame.hpp"

namespace penrig {
namespace {

using html::Anchor;
using html::Scale;
using html::Svg;
using html::Ticks;
using statistics::Capability;
using statistics::CapabilityMethod;

constexpr double kCapabilityWidth = 605, kCapabilityHeight = 250, kCapabilityLeft = 46, kCapabilityRight = 560,
                 kCapabilityTop = 36, kCapabilityBottom = 208;

/// Probability below x of the distribution that was fitted.
double fitted_below(const Capability& c, const std::optional<statistics::PowerTransform>& t, double x) {
  if (t) return statistics::normal_below((t->forward(x) - t->mean()) / t->sd());
  return statistics::normal_below((x - c.mean) / c.overall.sd);
}

}  // namespace

std::string capability_histogram(const CapabilityRow& row) {
  const Capability& c = *row.capability;
  const statistics::Tolerance& t = row.series.tolerance;
  std::vector<double> values = row.series.values();
  std::sort(values.begin(), values.end());
  PlotRange range;
  range.add(values.front());
  range.add(values.back());
  range.add(c.mean - 3 * c.overall.sd);
  range.add(c.mean + 3 * c.overall.sd);
  if (t.lower) range.add(*t.lower);
  if (t.upper) range.add(*t.upper);
  const double margin = 0.06 * (range.high - range.low);
  const Ticks tx = html::nice_ticks(range.low - margin, range.high + margin, 7);
  const Scale x{range.low - margin, range.high + margin, kCapabilityLeft, kCapabilityRight};
  // Freedman and Diaconis' width, 5 to 60 bars across the values.
  const auto at = [&](double p) {
    return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
  };
  const double spread = values.back() - values.front();
  double width = 2 * (at(0.75) - at(0.25)) / std::cbrt(static_cast<double>(values.size()));
  width = std::clamp(width, spread / 60, spread / 5);
  std::vector<double> counts(static_cast<std::size_t>(spread / width) + 1, 0);
  for (const double v : values)
    counts[std::min(counts.size() - 1, static_cast<std::size_t>((v - values.front()) / width))] += 1;
  const auto fit =
      c.method == CapabilityMethod::transformed ? statistics::PowerTransform::fit(row.series.values()) : std::nullopt;
  // Over the whole axis, and closely about the mean: a narrow distribution would fall between the points.
  constexpr int kPoints = 120;
  constexpr double kReach = 5;  // standard deviations
  std::vector<double> curve_x, curve_n;
  for (int i = 0; i <= kPoints; ++i) {
    curve_x.push_back(x.from + (x.to - x.from) * i / kPoints);
    curve_x.push_back(std::clamp(c.mean + kReach * c.overall.sd * (2.0 * i / kPoints - 1), x.from, x.to));
  }
  std::ranges::sort(curve_x);
  for (const double from : curve_x) {
    curve_n.push_back(static_cast<double>(values.size()) *
                      (fitted_below(c, fit, from + width / 2) - fitted_below(c, fit, from - width / 2)));
  }
  const double most =
      std::max(*std::max_element(counts.begin(), counts.end()), *std::max_element(curve_n.begin(), curve_n.end()));
  const Ticks ty = html::enclosing_ticks(0, most, 4);
  const Scale y{0, ty.at.back(), kCapabilityBottom, kCapabilityTop + 8};
  Svg svg(kCapabilityWidth, kCapabilityHeight, "distribution of " + row.series.title);
  if (t.lower)
    svg.rect(kCapabilityLeft, kCapabilityTop, x(*t.lower) - kCapabilityLeft, kCapabilityBottom - kCapabilityTop,
             "#ececec");
  if (t.upper)
    svg.rect(x(*t.upper), kCapabilityTop, kCapabilityRight - x(*t.upper), kCapabilityBottom - kCapabilityTop,
             "#ececec");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = values.front() + width * static_cast<double>(i);
    constexpr double kLeast = 2;  // far limits make bars narrow, but never invisible
    svg.rect(x(from), y(counts[i]), std::max(x(from + width) - x(from) - 0.6, kLeast), y(0) - y(counts[i]), "#999");
  }
  std::vector<double> px, py;
  for (std::size_t i = 0; i < curve_x.size(); ++i) {
    px.push_back(x(curve_x[i]));
    py.push_back(y(curve_n[i]));
  }
  svg.polyline(px, py, html::kBlue, 1.5);
  for (const auto& limit : {t.lower, t.upper}) {
    if (!limit) continue;
    svg.line(x(*limit), kCapabilityTop - 4, x(*limit), kCapabilityBottom, "#000", 1.4);
    svg.text(x(*limit), kCapabilityTop - 9, "limit " + format_short(*limit), {Anchor::middle});
  }
  html::x_axis(svg, x, tx, kCapabilityBottom, html::escape(with_unit(row.series.title, row.series.unit)));
  html::y_axis(svg, y, ty, kCapabilityLeft - 4, "values", 12);
  return svg.take();
}

std::string probability_plot(const CapabilityRow& row) {
  const Capability& c = *row.capability;
  std::vector<double> values = row.series.values();
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double reach = std::max(3.0, -statistics::normal_quantile(0.625 / (n + 0.25)) + 0.2);
  PlotRange range;
  range.add(values.front());
  range.add(values.back());
  range.add(c.mean - 2 * c.overall.sd);
  range.add(c.mean + 2 * c.overall.sd);
  const Ticks tx = html::enclosing_ticks(range.low, range.high, 6);
  const Scale x{tx.at.front(), tx.at.back(), kCapabilityLeft, kCapabilityRight},
      y{-reach, reach, kCapabilityBottom, kCapabilityTop};
  Svg svg(kCapabilityWidth, kCapabilityHeight, "normal probability of " + row.series.title);
  html::x_axis(svg, x, tx, kCapabilityBottom, html::escape(with_unit(row.series.title, row.series.unit)));
  svg.line(kCapabilityLeft - 4, kCapabilityTop, kCapabilityLeft - 4, kCapabilityBottom, "#666", 0.8);
  svg.text(0, 24, "share below, %");
  for (const double p : {0.1, 1.0, 5.0, 20.0, 50.0, 80.0, 95.0, 99.0, 99.9}) {
    const double at = y(statistics::normal_quantile(p / 100));
    svg.line(kCapabilityLeft - 4, at, kCapabilityLeft - 7, at, "#666", 0.8);
    svg.text(kCapabilityLeft - 10, at + 3.8, format_short(p), {Anchor::end, "#444"});
  }
  const auto line_at = [&](double z) { return x(std::clamp(c.mean + z * c.overall.sd, x.from, x.to)); };
  const double from = std::max(-reach, (x.from - c.mean) / c.overall.sd),
               to = std::min(reach, (x.to - c.mean) / c.overall.sd);
  svg.line(line_at(from), y(from), line_at(to), y(to), "#000", 0.9);
  // Blom's positions; of many values no more than can be seen.
  const std::size_t stride = std::max<std::size_t>(1, values.size() / 400);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % stride != 0 && i > 20 && i + 20 < values.size()) continue;
    svg.circle(x(values[i]), y(statistics::normal_quantile((static_cast<double>(i) + 0.625) / (n + 0.25))), 2,
               html::kBlue);
  }
  svg.text(kCapabilityRight, kCapabilityTop + 2, "line: normal distribution", {Anchor::end, "#444"});
  return svg.take();
}

}  // namespace penrig
