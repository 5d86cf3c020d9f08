#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penrig::pdf {

/// Lengths are in points (1/72 inch), y downwards from the top left corner of the page.
inline constexpr double kMm = 72 / 25.4;

enum class Paper : std::uint8_t { a4, letter };

enum class Align : std::uint8_t { left, centre, right };

struct Font {
  double size = 8.6;
  int weight = 400;  ///< 400 or 600; the verdict 700
  std::string_view colour = "#111111";
  bool mono = false;
};

/// A PDF that is being drawn, page after page, into memory. The same calls give the same bytes: its dates are those
/// that it is given. Fonts are embedded.
class Sheet {
 public:
  /// title, subject: of the document's properties. utc_ns: its creation date.
  Sheet(Paper paper, const std::string& title, const std::string& subject, std::int64_t utc_ns);
  ~Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  double width() const { return width_; }
  double height() const { return height_; }

  /// Text in Pango's markup (escape what comes from outside), its top left corner at (x, y); broken at `wrap` points if
  /// that is above 0. Gives its height.
  double text(double x, double y, std::string_view markup, const Font& font, double wrap = 0,
              Align align = Align::left);
  /// One line whose base line stands at y. halo: white so far around its letters, where it may lie over a drawing.
  void text_on_line(double x, double y, std::string_view markup, const Font& font, Align align, double halo = 0);
  /// Plain text as markup, its end an ellipsis where it is wider than `width`.
  std::string shortened(std::string_view plain, const Font& font, double width);
  struct Size {
    double width = 0, height = 0;
  };
  /// What text() would take.
  Size measure(std::string_view markup, const Font& font, double wrap = 0);

  void line(double x1, double y1, double x2, double y2, double width, std::string_view colour = "#111111");
  void rect(double x, double y, double width, double height, std::string_view fill);
  /// A frame without filling.
  void frame(double x, double y, double width, double height, double line_width);
  /// Diagonal hatching inside a rectangle.
  void hatch(double x, double y, double width, double height);
  void circle(double x, double y, double radius, std::string_view fill, std::string_view stroke, double width);
  void polygon(const std::vector<double>& x, const std::vector<double>& y, std::string_view fill,
               std::string_view stroke, double width);
  /// The void mark: the word in outline letters across the page, pale enough that all below stays readable.
  void outline_word(std::string_view word);
  /// A QR code of these characters, `side` wide with its quiet zone; nothing is drawn if they do not fit into one.
  bool qr_code(double x, double y, double side, std::string_view text);

  void next_page();
  /// Ends it and hands the bytes over.
  std::string take();

 private:
  struct Impl;
  double width_, height_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig::pdf
