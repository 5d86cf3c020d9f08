#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/svg.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

/// One setting's mean deviation from its line and from its setting, µm.
struct Point {
  double depth_mm = 0, deviation_um = 0, u_um = 0;
  std::optional<double> low_um, high_um;
  std::size_t series = 0;
  double residual_um = 0;
};

struct Points {
  std::vector<Point> all;
  std::vector<double> rates, depths;
};

Points points_of(const RunView& view) {
  Points p;
  const auto index = [](std::vector<double>& values, double v) {
    const auto found = std::find(values.begin(), values.end(), v);
    if (found != values.end()) return static_cast<std::size_t>(found - values.begin());
    values.push_back(v);
    return values.size() - 1;
  };
  for (const SettingView& s : view.settings) {
    const Measurement* mean = s.find("penetration");
    if (mean == nullptr || !mean->value || !std::isfinite(*mean->value)) continue;
    Point point{
        s.depth_mm, (*mean->value - s.depth_mm) * 1000, mean->expanded_u * 1000, {}, {}, index(p.rates, s.rate_per_min),
        0};
    index(p.depths, s.depth_mm);
    if (const Measurement* ti = s.find("penetration_ti"); ti != nullptr && ti->interval) {
      point.low_um = (ti->interval->low - s.depth_mm) * 1000;
      point.high_um = (ti->interval->high - s.depth_mm) * 1000;
    }
    p.all.push_back(point);
  }
  std::sort(p.depths.begin(), p.depths.end());
  // A least-squares line a rate through the deviations; what is left is the residual from the line through the means.
  for (std::size_t series = 0; series < p.rates.size(); ++series) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (const Point& q : p.all) {
      if (q.series != series) continue;
      n += 1, sx += q.depth_mm, sy += q.deviation_um, sxx += q.depth_mm * q.depth_mm,
          sxy += q.depth_mm * q.deviation_um;
    }
    const double determinant = n * sxx - sx * sx;
    const double slope = determinant > 0 ? (n * sxy - sx * sy) / determinant : 0,
                 offset = n > 0 ? (sy - slope * sx) / n : 0;
    for (Point& q : p.all) {
      if (q.series == series) q.residual_um = q.deviation_um - offset - slope * q.depth_mm;
    }
  }
  return p;
}

constexpr double kDepthWidth = 600, kDepthHeight = 300, kDepthLeft = 40, kDepthRight = 500, kDepthTop = 30,
                 kDepthBottom = 246;

void rate_mark(Svg& svg, double x, double y, std::size_t series) {
  switch (series % 4) {
    case 0:
      svg.circle(x, y, 3.6, kBlue, "#fff", 0.8);
      return;
    case 1:
      svg.rect(x - 3.4, y - 3.4, 6.8, 6.8, "#fff", "#0072B2", 1.3);
      return;
    case 2:
      svg.polygon({x, x + 4.4, x - 4.4}, {y - 4.4, y + 3.4, y + 3.4}, kBlue, "#fff", 0.8);
      return;
    default:
      svg.polygon({x, x + 4.6, x, x - 4.6}, {y - 4.6, y, y + 4.6, y}, "#fff", kBlue, 1.3);
      return;
  }
}

struct Drawing {
  Svg svg;
  Scale x, y;
};

Drawing axes(const Points& p, double low, double high, std::string_view label) {
  const Ticks ty = enclosing_ticks(low, high, 6);
  const double pad = (p.depths.back() - p.depths.front()) * 0.1;
  Drawing d{Svg(kDepthWidth, kDepthHeight, label),
            {p.depths.front() - pad, p.depths.back() + pad, kDepthLeft, kDepthRight},
            {ty.at.front(), ty.at.back(), kDepthBottom - 8, kDepthTop}};
  y_axis(d.svg, d.y, ty, kDepthLeft - 4, label, 10, true);
  const Ticks tx{p.depths, 0, 0};
  d.svg.line(d.x(p.depths.front()), kDepthBottom, d.x(p.depths.back()), kDepthBottom, "#666", 0.8);
  for (const double depth : tx.at) {
    d.svg.line(d.x(depth), kDepthBottom, d.x(depth), kDepthBottom + 3, "#666", 0.8);
    d.svg.text(d.x(depth), kDepthBottom + 14, format_depth(depth), {Anchor::middle, "#444"});
  }
  d.svg.text(kDepthRight, kDepthBottom + 31, "depth setting, mm", {Anchor::end});
  d.svg.line(kDepthLeft, d.y(0), kDepthRight, d.y(0), "#999", 0.8);
  return d;
}

double shift_of(const Points& p, std::size_t series, const Scale& x) {
  const double apart = p.depths.size() > 1 ? x(p.depths[1]) - x(p.depths[0]) : 60;
  const double each = std::min(14.0, apart / (static_cast<double>(p.rates.size()) + 1));
  return (static_cast<double>(series) - (static_cast<double>(p.rates.size()) - 1) / 2) * each;
}

}  // namespace

std::string depth_over_settings(const RunView& view) {
  const Points p = points_of(view);
  if (p.depths.size() < 2) return "";
  double low = 0, high = 0, residual = 0;
  for (const Point& q : p.all) {
    low = std::min({low, q.deviation_um - q.u_um, q.low_um.value_or(0)});
    high = std::max({high, q.deviation_um + q.u_um, q.high_um.value_or(0)});
    residual = std::max(residual, std::fabs(q.residual_um) + q.u_um);
  }
  std::optional<double> limit;
  if (const RequirementView* r = view.requirement_on("penetration_ti")) {
    const Decision& d = view.run.outcome.decisions[r->decisions.front()];
    if (d.lower && d.upper) limit = (*d.upper - *d.lower) / 2 * 1000;
  }
  if (limit) low = std::min(low, -*limit), high = std::max(high, *limit);
  Drawing left = axes(p, low, high, "penetration − setting, µm: mean and tolerance interval");
  if (limit) {
    for (const double at : {*limit, -*limit}) {
      left.svg.line(kDepthLeft, left.y(at), kDepthRight, left.y(at), "#000", 1.3);
      left.svg.text(kDepthRight + 6, left.y(at) + 4, "limit");
    }
  }
  for (const Point& q : p.all) {
    const double x = left.x(q.depth_mm) + shift_of(p, q.series, left.x);
    if (q.low_um && q.high_um) left.svg.line(x, left.y(*q.low_um), x, left.y(*q.high_um), "#555", 0.9);
    left.svg.line(x, left.y(q.deviation_um - q.u_um), x, left.y(q.deviation_um + q.u_um), "#111", 3);
    rate_mark(left.svg, x, left.y(q.deviation_um), q.series);
  }
  for (std::size_t s = 0; s < p.rates.size(); ++s) {
    // Half way between the limits, where no label of theirs is.
    const double y = left.y(0) + 15 * (static_cast<double>(s) - static_cast<double>(p.rates.size()) / 2 + 0.8);
    rate_mark(left.svg, kDepthRight + 12, y - 4, s);
    left.svg.text(kDepthRight + 22, y, format_short(p.rates[s]) + "/min");
  }

  std::string right;
  if (p.depths.size() > 2) {
    std::optional<double> linear;
    std::string id;
    if (const RequirementView* r = view.requirement_on("depth_linearity")) {
      const Decision& d = view.run.outcome.decisions[r->decisions.front()];
      if (d.upper) linear = *d.upper * 1000;
      id = r->id;
    }
    const double reach = std::max(residual, linear.value_or(0));
    Drawing d = axes(p, -reach, reach, "residual from the least-squares line, µm, ± U");
    if (linear) {
      for (const double at : {*linear, -*linear}) {
        d.svg.line(kDepthLeft, d.y(at), kDepthRight, d.y(at), "#000", 1.3);
        d.svg.text(kDepthRight + 6, d.y(at) + 4, "limit " + escape(id));
      }
    }
    for (const Point& q : p.all) {
      const double x = d.x(q.depth_mm) + shift_of(p, q.series, d.x);
      d.svg.line(x, d.y(q.residual_um - q.u_um), x, d.y(q.residual_um + q.u_um), "#111", 1.2);
      rate_mark(d.svg, x, d.y(q.residual_um), q.series);
    }
    right = "<div>" + d.svg.take() + "</div>";
  }
  return fmt::format(
      "<h2 id=\"lin\">Depth over settings</h2><div class=\"grid2\"><div>{}</div>{}</div><p class=\"note\">Left: thick "
      "bar is U of the mean, thin line the tolerance interval.{}</p>",
      left.svg.take(), right, right.empty() ? "" : " Right: a line a rate, through the means.");
}

}  // namespace penrig::html
