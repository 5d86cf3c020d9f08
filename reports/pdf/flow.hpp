#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/pdf/sheet.hpp"

namespace penrig::pdf {

/// What stands on every page. What is too long for its line is shortened.
struct Furniture {
  std::string head_left;               ///< plain text
  std::string head_right;              ///< markup
  std::string foot_left, foot_middle;  ///< plain text, and markup that must not be lost
  std::string void_word;  ///< "SIMULATED" in outline letters across every page; empty: the document is valid
};

inline constexpr Font kBody{}, kTable{.size = 8}, kNote{.size = 7.4, .colour = "#444444"};

/// Something drawn in place of a cell's text, in the box that it is given.
using Drawing = std::function<void(Sheet&, double x, double y, double width, double height)>;

struct Cell {
  std::string markup;
  Drawing drawing{};
  Cell(std::string text) : markup(std::move(text)) {}  // NOLINT(google-explicit-constructor)
  Cell(const char* text) : markup(text) {}             // NOLINT(google-explicit-constructor)
  explicit Cell(Drawing d) : drawing(std::move(d)) {}
};

struct Column {
  std::string head;  ///< markup; a line break makes two lines
  Align align = Align::right;
  double width = 0;    ///< of a drawing; 0: as wide as its text
  bool wraps = false;  ///< takes what is left, and breaks its text
};

struct Row {
  std::vector<Cell> cells;
  bool strong = false;  ///< stands out: bold
  bool ends_group = false;
};

/// Lays a document out from the top of its first page to its end. Tables break between rows only and repeat their head;
/// a heading stays with what follows it.
class Flow {
 public:
  /// pages: how many there are in all, as the foot says; a first pass with 0 tells.
  Flow(Paper paper, Furniture furniture, const std::string& title, const std::string& subject, std::int64_t utc_ns,
       int pages);

  Sheet& sheet() { return sheet_; }
  double left() const { return 20 * kMm; }
  double right() const { return sheet_.width() - 17 * kMm; }
  double width() const { return right() - left(); }
  double y() const { return y_; }
  void move_to(double y) { y_ = y; }
  void skip(double height) { y_ += height; }
  int pages() const { return page_; }

  /// A new page unless so much is left on this one.
  void need(double height);
  void new_page();
  /// keep: what must follow on the same page, in points.
  void heading(std::string_view markup, std::string_view note = {}, double keep = 40);
  void paragraph(std::string_view markup, const Font& font = kBody, Align align = Align::left);
  void table(std::vector<Column> columns, const std::vector<Row>& rows, const Font& font = kTable);
  /// Facts in two lines of columns, name and value; gives the y below. x, width: of the block.
  double facts(double x, double y, double width, std::string_view title,
               const std::vector<std::pair<std::string, std::string>>& of);

  std::string take();

 private:
  void begin_page();
  void end_page();

  Sheet sheet_;
  Furniture furniture_;
  int pages_ = 0, page_ = 1;
  double y_ = 0;
};

}  // namespace penrig::pdf
