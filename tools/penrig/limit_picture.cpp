#include "tools/penrig/limit_picture.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "rig/measure/decision_text.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::cli {
namespace {

constexpr int kWidth = 67;
constexpr int kLowColumn = 7, kHighColumn = kWidth - 1 - kLowColumn;
constexpr std::size_t kPictureIndent = 4;

/// Values at the two columns, and which of them are limits.
struct Scale {
  double low = 0, high = 1;
  bool low_is_limit = false, high_is_limit = false;

  /// Columns left of 0 and right of kWidth are off the picture.
  int column(double value) const {
    const double x = kLowColumn + (value - low) / (high - low) * (kHighColumn - kLowColumn);
    return static_cast<int>(std::lround(std::clamp(x, -2.0, kWidth + 1.0)));
  }
};

Scale scale_for(const Decision& decision, double value) {
  Scale scale;
  scale.low_is_limit = decision.lower.has_value();
  scale.high_is_limit = decision.upper.has_value();
  if (decision.lower && decision.upper) {
    scale.low = *decision.lower;
    scale.high = *decision.upper;
  } else if (decision.upper) {
    scale.high = *decision.upper;
    // Below a limit that is not positive there is no natural zero: the value then stands in the middle.
    scale.low = scale.high > 0 ? 0 : scale.high - 2 * std::max(std::abs(scale.high - value), std::abs(scale.high) / 2);
  } else {
    scale.low = *decision.lower;
    scale.high = scale.low + 2 * std::max(std::abs(value - scale.low), std::abs(scale.low) / 2);
  }
  if (!(scale.high > scale.low)) {  // "none allowed": a limit of exactly 0, or both limits the same
    scale.low -= 1;
    scale.high += 1;
  }
  return scale;
}

struct Bar {
  double low, high;
};

std::optional<Bar> bar_of(const Measurement& m) {
  if (m.interval) return Bar{m.interval->low, m.interval->high};
  if (m.low && m.high) return Bar{*m.low, *m.high};
  if (m.expanded_u > 0) return Bar{*m.value - m.expanded_u, *m.value + m.expanded_u};
  return std::nullopt;
}

class Canvas {
 public:
  Canvas() : signs_(static_cast<std::size_t>(kWidth), " ") {}
  void put(int column, const char* sign) {
    if (column >= 0 && column < kWidth) signs_[static_cast<std::size_t>(column)] = sign;
  }
  void fill(int from, int to, const char* sign) {
    for (int c = std::max(from, 0); c <= std::min(to, kWidth - 1); ++c) put(c, sign);
  }
  std::string text(int from, int to) const {
    std::string out;
    for (int c = from; c < to; ++c) out += signs_[static_cast<std::size_t>(c)];
    return out;
  }

 private:
  std::vector<std::string> signs_;
};

void draw_guard_bands(Canvas& canvas, const Scale& scale, const Decision& decision, const Measurement& m) {
  // A limit on strokes has its guard band in the rule (k_T and U_sys), not as a strip beside the limit.
  if (m.interval || !(decision.guard_band > 0)) return;
  if (scale.high_is_limit) canvas.fill(scale.column(scale.high - decision.guard_band), kHighColumn - 1, "╱");
  if (scale.high_is_limit) canvas.put(kHighColumn - 1, "╱");
  if (scale.low_is_limit) canvas.fill(kLowColumn + 1, scale.column(scale.low + decision.guard_band), "╱");
  if (scale.low_is_limit) canvas.put(kLowColumn + 1, "╱");
}

void draw_bar(Canvas& canvas, const Scale& scale, const Bar& bar) {
  const int from = scale.column(bar.low), to = scale.column(bar.high);
  if (to - from < 2) return;  // narrower than the mark of the value
  canvas.fill(from, to, "─");
  canvas.put(from, "├");
  canvas.put(to, "┤");
  for (const int limit : {scale.low_is_limit ? kLowColumn : -1, scale.high_is_limit ? kHighColumn : -1}) {
    if (limit > from && limit < to) canvas.put(limit, "┼");
  }
  if (from < 0) canvas.put(0, "←");
  if (to >= kWidth) canvas.put(kWidth - 1, "→");
}

Line labels(const Scale& scale, const Decision& decision, int decimals, const std::string& unit) {
  std::string text(kPictureIndent, ' ');
  const auto place = [&](int column, const std::string& label) {
    const std::size_t at = kPictureIndent + static_cast<std::size_t>(column);
    const std::size_t from = at - std::min(at, width(label) / 2);
    if (width(text) < from) text.append(from - width(text), ' ');
    text += label;
  };
  const auto number = [decimals](double v) { return text::fixed(v, decimals); };
  if (scale.low_is_limit) place(kLowColumn, number(scale.low));
  if (!scale.low_is_limit && scale.low == 0) place(kLowColumn, "0");
  if (decision.lower && decision.upper) place((kLowColumn + kHighColumn) / 2, number((scale.low + scale.high) / 2));
  if (scale.high_is_limit) place(kHighColumn, number(scale.high));
  if (!unit.empty() && unit != "1") text += "  " + unit;
  return {{text, Ink::plain}};
}

}  // namespace

const char* sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "✓";
    case Verdict::fail:
      return "✗";
    case Verdict::indeterminate:
      return "◇";
    case Verdict::aborted:
      return "■";
    case Verdict::error:
      return "▲";
    case Verdict::not_judged:
      break;
  }
  return "·";
}

Ink ink_of(Verdict verdict) {
  if (verdict == Verdict::pass) return Ink::pass;
  return verdict == Verdict::fail ? Ink::fail : Ink::strong;
}

std::vector<Line> limit_picture(const Decision& decision, const Measurement& measurement) {
  if (!measurement.value || !std::isfinite(*measurement.value)) return {};
  if (!decision.lower && !decision.upper) return {};
  const Scale scale = scale_for(decision, *measurement.value);

  Canvas canvas;
  if (scale.low_is_limit) canvas.fill(0, kLowColumn - 1, "░");
  if (scale.high_is_limit) canvas.fill(kHighColumn + 1, kWidth - 1, "░");
  draw_guard_bands(canvas, scale, decision, measurement);
  if (scale.low_is_limit) canvas.put(kLowColumn, "│");
  if (scale.high_is_limit) canvas.put(kHighColumn, "│");
  if (const auto bar = bar_of(measurement)) draw_bar(canvas, scale, *bar);

  const int exact = scale.column(*measurement.value);
  const int mark = std::clamp(exact, 0, kWidth - 1);
  const char* sign = decision.verdict == Verdict::pass ? "●" : sign_of(decision.verdict);
  if (exact < 0) sign = "←";
  if (exact >= kWidth) sign = "→";

  const MeasurandInfo* info = find_measurand(measurement.measurand);
  Line picture{{std::string(kPictureIndent, ' ') + canvas.text(0, mark), Ink::plain},
               {sign, ink_of(decision.verdict)},
               {canvas.text(mark + 1, kWidth), Ink::plain}};
  return {labels(scale, decision, info == nullptr ? 3 : info->decimals, measurement.unit), std::move(picture)};
}

}  // namespace penrig::cli
