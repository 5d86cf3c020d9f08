#include "reports/html/svg.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

/// One decimal, no negative zero, nothing that is not finite.
struct Px {
  double v;
};

}  // namespace
}  // namespace penrig::html

template <>
struct fmt::formatter<penrig::html::Px> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  auto format(penrig::html::Px px, format_context& context) const {
    const double limited = std::isfinite(px.v) ? std::clamp(px.v, -99999.0, 99999.0) : -99999.0;
    const double rounded = std::round(limited * 10) / 10;
    if (rounded == std::round(rounded)) return fmt::format_to(context.out(), "{}", static_cast<int>(rounded));
    return fmt::format_to(context.out(), "{:.1f}", rounded);
  }
};

namespace penrig::html {

Svg::Svg(double width, double height, std::string_view label, std::string_view css_class) {
  out_ = fmt::format("<svg{} width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                     css_class.empty() ? "" : fmt::format(" class=\"{}\"", css_class), Px{width}, Px{height}, Px{width},
                     Px{height}, escape(label));
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view colour, double width,
               std::string_view dash) {
  fmt::format_to(std::back_inserter(out_), "<path d=\"M{} {}L{} {}\" stroke=\"{}\" stroke-width=\"{}\"{}/>", Px{x1},
                 Px{y1}, Px{x2}, Px{y2}, colour, width,
                 dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash));
}

void Svg::rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke,
               double stroke_width) {
  if (!(width > 0) || !(height > 0)) return;
  fmt::format_to(std::back_inserter(out_), "<rect x=\"{}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\" fill=\"{}\"", Px{x},
                 Px{y}, width, Px{height}, fill);
  if (stroke_width > 0) {
    fmt::format_to(std::back_inserter(out_), " stroke=\"{}\" stroke-width=\"{}\"", stroke, stroke_width);
  }
  out_ += "/>";
}

void Svg::circle(double x, double y, double radius, std::string_view fill, std::string_view stroke, double width) {
  fmt::format_to(std::back_inserter(out_), "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"", Px{x}, Px{y}, Px{radius},
                 fill);
  if (width > 0) fmt::format_to(std::back_inserter(out_), " stroke=\"{}\" stroke-width=\"{}\"", stroke, width);
  out_ += "/>";
}

void Svg::text(double x, double y, std::string_view markup, TextStyle style) {
  static constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
  fmt::format_to(std::back_inserter(out_), "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>", Px{x},
                 Px{y}, kAnchors[static_cast<std::size_t>(style.anchor)], style.colour,
                 style.bold ? " font-weight=\"600\"" : "", markup);
}

namespace {

void append_points(std::string& out, const std::vector<double>& x, const std::vector<double>& y) {
  const std::size_t n = std::min(x.size(), y.size());
  for (std::size_t i = 0; i < n; ++i) {
    fmt::format_to(std::back_inserter(out), "{}{} {}", i == 0 ? "M" : "L", Px{x[i]}, Px{y[i]});
  }
}

}  // namespace

void Svg::polyline(const std::vector<double>& x, const std::vector<double>& y, std::string_view colour, double width,
                   double opacity) {
  if (std::min(x.size(), y.size()) < 2) return;
  out_ += "<path d=\"";
  append_points(out_, x, y);
  fmt::format_to(std::back_inserter(out_), "\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", colour, width);
  if (opacity < 1) fmt::format_to(std::back_inserter(out_), " stroke-opacity=\"{}\"", opacity);
  out_ += "/>";
}

void Svg::polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
                  std::string_view stroke, double width) {
  out_ += "<path d=\"";
  append_points(out_, x, y);
  fmt::format_to(std::back_inserter(out_), "Z\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"/>", fill, stroke, width);
}

std::string Svg::take() {
  out_ += "</svg>";
  return std::move(out_);
}

Ticks nice_ticks(double low, double high, int wanted) {
  Ticks ticks;
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) {
    ticks.at = {std::isfinite(low) ? low : 0};
    return ticks;
  }
  const double raw = (high - low) / std::max(wanted, 1);
  double power = 1;
  int exponent = 0;
  while (power * 10 <= raw) power *= 10, ++exponent;
  while (power > raw) power /= 10, --exponent;
  double factor = 10;
  for (const double f : {1.0, 2.0, 2.5, 5.0}) {
    if (power * f >= raw * 0.999999) {
      factor = f;
      break;
    }
  }
  ticks.step = power * factor;
  ticks.decimals = std::max(0, -exponent + (factor == 2.5 ? 1 : factor == 10 ? -1 : 0));
  const double first = std::ceil(low / ticks.step - 1e-6);
  for (double i = first; i * ticks.step <= high + ticks.step * 1e-6; i += 1) ticks.at.push_back(i * ticks.step);
  return ticks;
}

Ticks enclosing_ticks(double low, double high, int wanted) {
  if (!std::isfinite(low) || !std::isfinite(high)) return nice_ticks(0, 1, wanted);
  if (!(high > low)) {
    const double half = low == 0 ? 1 : std::fabs(low) * 0.1;
    low -= half;
    high += half;
  }
  const double step = nice_ticks(low, high, wanted).step;
  return nice_ticks(std::floor(low / step + 1e-6) * step, std::ceil(high / step - 1e-6) * step,
                    static_cast<int>(std::lround(std::ceil(high / step - 1e-6) - std::floor(low / step + 1e-6))));
}

std::string tick_label(double value, int decimals, bool sign) {
  std::string text = format_number(value, decimals);
  if (sign && value > 0 && text.find_first_not_of("0.") != std::string::npos) text.insert(0, "+");
  return text;
}

void x_axis(Svg& svg, const Scale& x, const Ticks& ticks, double y, std::string_view label, bool sign) {
  if (ticks.at.empty()) return;
  svg.line(x(ticks.at.front()), y, x(ticks.at.back()), y, "#666", 0.8);
  for (const double t : ticks.at) {
    svg.line(x(t), y, x(t), y + 3, "#666", 0.8);
    svg.text(x(t), y + 14, tick_label(t, ticks.decimals, sign), {Anchor::middle, "#444"});
  }
  svg.text(x.at_to, y + 31, label, {Anchor::end});
}

void y_axis(Svg& svg, const Scale& y, const Ticks& ticks, double x, std::string_view label, double label_y, bool sign) {
  if (ticks.at.empty()) return;
  svg.line(x, y(ticks.at.front()), x, y(ticks.at.back()), "#666", 0.8);
  for (const double t : ticks.at) {
    svg.line(x, y(t), x - 3, y(t), "#666", 0.8);
    svg.text(x - 6, y(t) + 3.8, tick_label(t, ticks.decimals, sign), {Anchor::end, "#444"});
  }
  svg.text(0, label_y, label);
}

}  // namespace penrig::html
