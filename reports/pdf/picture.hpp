#pragma once

#include "reports/html/canvas.hpp"
#include "reports/pdf/sheet.hpp"

namespace penrig::pdf {

/// Draws what is drawn on screens on a sheet: its pixels are scaled to points by `scale`, its origin lies at (x, y).
class Picture final : public html::Canvas {
 public:
  Picture(Sheet& sheet, double x, double y, double scale) : sheet_(sheet), x_(x), y_(y), scale_(scale) {}
  void line(double x1, double y1, double x2, double y2, std::string_view colour, double width,
            std::string_view dash = "") override;
  void rect(double x, double y, double width, double height, std::string_view fill, std::string_view stroke = "none",
            double stroke_width = 0) override;
  void circle(double x, double y, double radius, std::string_view fill, std::string_view stroke = "none",
              double width = 0) override;
  void text(double x, double y, std::string_view markup, html::TextStyle style = {}) override;
  void polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
               std::string_view stroke, double width) override;

 private:
  Sheet& sheet_;
  double x_, y_, scale_;
};

}  // namespace penrig::pdf
