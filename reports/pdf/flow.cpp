#include "reports/pdf/flow.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace penrig::pdf {

namespace {

constexpr double kTopMargin = 15 * kMm, kBottomMargin = 17 * kMm;
constexpr double kGap = 6;             ///< between columns
constexpr double kBetween = 12;        ///< between what stands left and right in head and foot
constexpr double kRowAir = 1.6;        ///< above and below a row's text
constexpr double kPictureHigh = 10.5;  ///< a drawing in a row: 14 px

/// Makes columns narrower by so much: those first whose head is wider than what stands under it and can break, then the
/// widest of texts, which then breaks too.
void narrow(double by, const std::vector<double>& bodies, std::vector<Column>& columns, std::vector<double>& widths) {
  constexpr double kLeast = 60, kLeastHead = 40;
  for (std::size_t round = 0; round < columns.size() && by > 0; ++round) {
    const auto excess = [&](std::size_t c) {
      return columns[c].wraps ? 0 : widths[c] - std::max(bodies[c], kLeastHead);
    };
    std::size_t most = 0;
    for (std::size_t c = 1; c < columns.size(); ++c) most = excess(c) > excess(most) ? c : most;
    if (!(excess(most) > 0)) break;
    const double less = std::min(by, excess(most));
    widths[most] -= less;
    by -= less;
  }
  if (!(by > 0)) return;
  std::size_t widest = columns.size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool breaks = columns[c].align == Align::left && !columns[c].wraps && columns[c].width == 0;
    if (breaks && widths[c] > kLeast && (widest == columns.size() || widths[c] > widths[widest])) widest = c;
  }
  if (widest == columns.size()) return;
  widths[widest] = std::max(kLeast, widths[widest] - by);
  columns[widest].wraps = true;
}

/// Natural widths, the rest to the columns that wrap; without one, to the gaps. Where there is too little room, columns
/// become narrower.
struct Widths {
  std::vector<double> of, at;
};
Widths widths_of(Sheet& sheet, std::vector<Column>& columns, const std::vector<Row>& rows, const Font& font,
                 double left, double available) {
  constexpr double kLeastWrapped = 80;
  std::vector<double> bodies;
  Widths w;
  Font bold = font;
  bold.weight = 600;
  double wrapping = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    double body = columns[c].width;
    if (columns[c].wraps) {
      wrapping += 1;
    } else {
      for (const Row& row : rows) {
        if (c < row.cells.size() && !row.cells[c].drawing)
          body = std::max(body, sheet.measure(row.cells[c].markup, row.strong ? bold : font).width);
      }
    }
    bodies.push_back(body);
    w.of.push_back(std::max(body, sheet.measure(columns[c].head, kNote).width));
  }
  double gap = kGap;
  const auto room = [&] {
    double sum = kGap * static_cast<double>(columns.size() - 1);
    for (std::size_t c = 0; c < columns.size(); ++c)
      sum += columns[c].wraps ? std::max(w.of[c], kLeastWrapped) : w.of[c];
    return available - sum;
  };
  std::vector<bool> grows;
  std::ranges::transform(columns, std::back_inserter(grows), &Column::wraps);
  if (room() < 0) narrow(-room(), bodies, columns, w.of);
  double sum = kGap * static_cast<double>(columns.size() - 1);
  for (const double width : w.of) sum += width;
  const double rest = available - sum;
  if (wrapping > 0) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (grows[c]) w.of[c] = std::max(w.of[c] + rest / wrapping, 40.0);
    }
  } else if (columns.size() > 1 && rest > 0) {
    gap += rest / static_cast<double>(columns.size() - 1);
  }
  double x = left;
  for (const double width : w.of) {
    w.at.push_back(x);
    x += width + gap;
  }
  return w;
}

double x_of(const Widths& w, std::size_t c, Align align) {
  return align == Align::left ? w.at[c] : align == Align::centre ? w.at[c] + w.of[c] / 2 : w.at[c] + w.of[c];
}

}  // namespace

Flow::Flow(Paper paper, Furniture furniture, const std::string& title, const std::string& subject, std::int64_t utc_ns,
           int pages)
    : sheet_(paper, title, subject, utc_ns), furniture_(std::move(furniture)), pages_(pages) {
  begin_page();
}

void Flow::begin_page() {
  if (!furniture_.void_word.empty()) sheet_.outline_word(furniture_.void_word);
  const double taken = sheet_.measure(furniture_.head_right, kNote).width;
  sheet_.text(left(), kTopMargin, sheet_.shortened(furniture_.head_left, kNote, width() - taken - kBetween), kNote);
  const double high = sheet_.text(right(), kTopMargin, furniture_.head_right, kNote, 0, Align::right);
  sheet_.line(left(), kTopMargin + high + 4, right(), kTopMargin + high + 4, 0.4, "#999999");
  y_ = kTopMargin + high + 4 + 5 * kMm;
}

void Flow::end_page() {
  const double y = sheet_.height() - 8 * kMm - 12;
  sheet_.line(left(), y - 4, right(), y - 4, 0.4, "#999999");
  const std::string number = fmt::format("page {} of {}", page_, pages_);
  const double taken =
      sheet_.measure(number, kNote).width + sheet_.measure(furniture_.foot_middle, kNote).width + kBetween;
  sheet_.text(left(), y, sheet_.shortened(furniture_.foot_left, kNote, width() - taken) + furniture_.foot_middle,
              kNote);
  sheet_.text(right(), y, number, kNote, 0, Align::right);
}

void Flow::new_page() {
  end_page();
  sheet_.next_page();
  ++page_;
  begin_page();
}

void Flow::need(double height) {
  if (y_ + height > sheet_.height() - kBottomMargin) new_page();
}

void Flow::heading(std::string_view markup, std::string_view note, double keep) {
  y_ += 4 * kMm;
  need(20 + keep);
  const Font font{.size = 9.6, .weight = 600};
  const Sheet::Size size = sheet_.measure(markup, font);
  sheet_.text(left(), y_, markup, font);
  const Font of_note{.size = 8, .colour = "#555555"};
  const bool beside = left() + size.width + 6 + sheet_.measure(note, of_note).width <= right();
  if (!note.empty() && beside) sheet_.text(left() + size.width + 6, y_ + 1.4, note, of_note);
  y_ += size.height;
  if (!note.empty() && !beside) y_ += sheet_.text(left(), y_, note, of_note, width());
  y_ += 1.4 * kMm;
}

void Flow::paragraph(std::string_view markup, const Font& font, Align align) {
  need(sheet_.measure(markup, font, width()).height);
  y_ += sheet_.text(left(), y_, markup, font, width(), align) + 1.4 * kMm;
}

void Flow::table(std::vector<Column> columns, const std::vector<Row>& rows, const Font& font) {
  const Widths w = widths_of(sheet_, columns, rows, font, left(), width());
  double head_high = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    head_high = std::max(head_high, sheet_.measure(columns[c].head, kNote, w.of[c] + 0.5).height);
  }
  const auto head = [&] {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double high = sheet_.measure(columns[c].head, kNote, w.of[c] + 0.5).height;
      // Two lines are one paragraph: each is set apart so that it takes the column's own side.
      sheet_.text(w.at[c], y_ + head_high - high, columns[c].head, kNote, w.of[c] + 0.5, columns[c].align);
    }
    y_ += head_high + 2.5;
    sheet_.line(left(), y_, right(), y_, 0.7);
  };
  const auto font_of = [&](const Row& row) {
    Font own = font;
    if (row.strong) own.weight = 600;
    return own;
  };
  std::vector<double> heights;
  for (const Row& row : rows) {
    double high = 0;
    bool drawn = false;
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      drawn = drawn || row.cells[c].drawing;
      high = std::max(high, sheet_.measure(row.cells[c].markup, font_of(row), columns[c].wraps ? w.of[c] : 0).height);
    }
    heights.push_back(std::max(high + 2 * kRowAir, drawn ? kPictureHigh : 0));
  }
  need(head_high + 30);
  head();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const Font own = font_of(row);
    const double high = heights[i], bottom = sheet_.height() - kBottomMargin;
    // The last row does not stand alone on a page: it takes the one before it along.
    const bool leaves_one = rows.size() > 2 && i + 2 == rows.size() && y_ + high + heights[i + 1] > bottom;
    if (y_ + high > bottom || leaves_one) {
      sheet_.line(left(), y_, right(), y_, 0.7);
      new_page();
      head();
    }
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const Cell& cell = row.cells[c];
      if (cell.drawing) {
        cell.drawing(sheet_, w.at[c], y_, w.of[c], high);
      } else if (columns[c].wraps) {
        sheet_.text(w.at[c], y_ + kRowAir, cell.markup, own, w.of[c], columns[c].align);
      } else {
        sheet_.text(x_of(w, c, columns[c].align), y_ + kRowAir, cell.markup, own, 0, columns[c].align);
      }
    }
    y_ += high;
    if (i + 1 < rows.size()) {
      sheet_.line(left(), y_, right(), y_, row.ends_group ? 0.5 : 0.25, row.ends_group ? "#777777" : "#d4d4d4");
    }
  }
  sheet_.line(left(), y_, right(), y_, 0.7);
  y_ += 1.4 * kMm;
}

double Flow::facts(double x, double y, double width, std::string_view title,
                   const std::vector<std::pair<std::string, std::string>>& of) {
  y += sheet_.text(x, y, title, {.size = 8.6, .weight = 600}) + 1.4;
  sheet_.line(x, y, x + width, y, 0.4, "#999999");
  y += 2.2;
  constexpr double kName = 24 * kMm;
  for (const auto& [name, value] : of) {
    const double named = sheet_.text(x, y, name, {.size = 8.6, .colour = "#555555"}, kName);
    y += std::max(named, sheet_.text(x + kName, y, value, kBody, width - kName)) + 1.9;
  }
  return y;
}

std::string Flow::take() {
  end_page();
  return sheet_.take();
}

}  // namespace penrig::pdf
