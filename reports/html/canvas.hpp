#pragma once

#include <string_view>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig::html {

enum class Anchor { start, middle, end };

struct TextStyle {
  Anchor anchor = Anchor::start;
  std::string_view colour = "#111";
  bool bold = false;
};

/// A fill of diagonal strips.
inline constexpr std::string_view kHatch = "url(#hx)";

/// What a picture is drawn on: a page on a screen or of paper. Pixels, y downwards; colours as "#rgb" or "#rrggbb".
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void line(double x1, double y1, double x2, double y2, std::string_view colour, double width,
                    std::string_view dash = "") = 0;
  /// Nothing where width or height is not above 0. stroke_width 0: no border.
  virtual void rect(double x, double y, double width, double height, std::string_view fill,
                    std::string_view stroke = "none", double stroke_width = 0) = 0;
  virtual void circle(double x, double y, double radius, std::string_view fill, std::string_view stroke = "none",
                      double width = 0) = 0;
  /// `markup` is taken as it is: escape text from outside. (x, y): where its base line begins, has its middle or ends.
  virtual void text(double x, double y, std::string_view markup, TextStyle style = {}) = 0;
  virtual void polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
                       std::string_view stroke, double width) = 0;
  /// The mark of a value: ● PASS, ✗ FAIL, ◇ INDETERMINATE, ▲ ERROR, ■ ABORTED, with a white halo.
  void mark(double x, double y, Verdict v, double radius);
};

}  // namespace penrig::html
