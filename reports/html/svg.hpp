#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/html/canvas.hpp"

namespace penrig::html {

/// A drawing in a page. Coordinates are written with one decimal.
class Svg final : public Canvas {
 public:
  /// `label` says what it shows to those who do not see it; it is escaped here.
  Svg(double width, double height, std::string_view label, std::string_view css_class = "");
  void line(double x1, double y1, double x2, double y2, std::string_view colour, double width,
            std::string_view dash = "") override;
  void rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke = "none",
            double stroke_width = 0) override;
  void circle(double x, double y, double radius, std::string_view fill, std::string_view stroke = "none",
              double width = 0) override;
  void text(double x, double y, std::string_view markup, TextStyle style = {}) override;
  void polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
               std::string_view stroke, double width) override;
  void polyline(const std::vector<double>& x, const std::vector<double>& y, std::string_view colour, double width,
                double opacity = 1);
  /// Ends it and hands it over.
  std::string take();

 private:
  std::string out_;
};

/// Linear, from data to pixels.
struct Scale {
  double from = 0, to = 1;        ///< data
  double at_from = 0, at_to = 1;  ///< pixels
  double operator()(double v) const { return at_from + (v - from) / (to - from) * (at_to - at_from); }
};

/// Round numbers that lie in [low, high], about `wanted` of them: 1, 2, 2.5 or 5 times a power of ten apart.
struct Ticks {
  std::vector<double> at;
  double step = 1;
  int decimals = 0;
};
Ticks nice_ticks(double low, double high, int wanted);
/// The same widened so that first and last tick enclose [low, high].
Ticks enclosing_ticks(double low, double high, int wanted);

/// Axes as long as their ticks. sign: positive tick labels get a '+', for deviations.
void x_axis(Svg& svg, const Scale& x, const Ticks& ticks, double y, std::string_view label, bool sign = false);
void y_axis(Svg& svg, const Scale& y, const Ticks& ticks, double x, std::string_view label, double label_y,
            bool sign = false);
std::string tick_label(double value, int decimals, bool sign);

}  // namespace penrig::html
