#include "reports/pdf/picture.hpp"

#include <vector>

namespace penrig::pdf {

namespace {
constexpr double kTextPx = 11.5;  ///< what screens set a picture's text in
}

void Picture::line(double x1, double y1, double x2, double y2, std::string_view colour, double width,
                   std::string_view /*dash*/) {
  sheet_.line(x_ + scale_ * x1, y_ + scale_ * y1, x_ + scale_ * x2, y_ + scale_ * y2, scale_ * width, colour);
}

void Picture::rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke,
                   double stroke_width) {
  if (!(width > 0) || !(height > 0)) return;
  const double left = x_ + scale_ * x, top = y_ + scale_ * y;
  if (fill == html::kHatch) {
    sheet_.hatch(left, top, scale_ * width, scale_ * height);
  } else if (stroke_width > 0) {
    const double right = left + scale_ * width, bottom = top + scale_ * height;
    sheet_.polygon({left, right, right, left}, {top, top, bottom, bottom}, fill, stroke, scale_ * stroke_width);
  } else {
    sheet_.rect(left, top, scale_ * width, scale_ * height, fill);
  }
}

void Picture::circle(double x, double y, double radius, std::string_view fill, std::string_view stroke, double width) {
  sheet_.circle(x_ + scale_ * x, y_ + scale_ * y, scale_ * radius, fill, stroke, scale_ * width);
}

void Picture::text(double x, double y, std::string_view markup, html::TextStyle style) {
  const Font font{.size = kTextPx * scale_, .weight = style.bold ? 600 : 400, .colour = style.colour};
  const Align align = style.anchor == html::Anchor::start    ? Align::left
                      : style.anchor == html::Anchor::middle ? Align::centre
                                                             : Align::right;
  constexpr double kHaloPx = 1.25;  // as on screens
  sheet_.text_on_line(x_ + scale_ * x, y_ + scale_ * y, markup, font, align, kHaloPx * scale_);
}

void Picture::polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
                      std::string_view stroke, double width) {
  std::vector<double> px, py;
  for (const double v : x) px.push_back(x_ + scale_ * v);
  for (const double v : y) py.push_back(y_ + scale_ * v);
  sheet_.polygon(px, py, fill, stroke, scale_ * width);
}

}  // namespace penrig::pdf
