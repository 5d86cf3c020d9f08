#include "reports/html/limit_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/svg.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

constexpr std::string_view kOutside = "#ececec";

/// Maps the picture's numbers to pixels; nullopt: nothing to scale by.
std::optional<Scale> scale_of(const LimitPicture& p, double width, double inset) {
  if (p.lower && p.upper) {
    if (!(*p.upper > *p.lower)) return std::nullopt;
    return Scale{*p.lower, *p.upper, inset * width, (1 - inset) * width};
  }
  const double far = 0.05;
  if (p.upper) {
    if (*p.upper > 0) return Scale{0, *p.upper, far * width, (1 - inset) * width};
    // A limit at or below zero has no natural end: the value decides how far it reaches.
    const double reach = std::max(std::fabs(*p.upper), p.value ? (*p.upper - *p.value) * 1.4 : 0);
    if (!(reach > 0)) return std::nullopt;
    return Scale{*p.upper - reach, *p.upper, far * width, (1 - inset) * width};
  }
  if (p.lower) {
    const double reach = std::max(std::fabs(*p.lower), p.value ? (*p.value - *p.lower) * 1.4 : 0);
    if (!(reach > 0)) return std::nullopt;
    return Scale{*p.lower, *p.lower + reach, inset * width, (1 - far) * width};
  }
  return std::nullopt;
}

/// Grey outside, hatched guard band, black limits.
void draw_limits(Canvas& svg, const LimitPicture& p, const Scale& x, double width, double top, double bottom,
                 double over, double stroke) {
  const double band = std::fabs(x(p.guard_band) - x(0));
  const double half = std::fabs((p.lower && p.upper ? x(*p.upper) - x(*p.lower) : width)) / 2;
  const double shown = p.guard_band > 0 ? std::clamp(band, 0.8, half) : 0;
  if (p.lower) {
    svg.rect(0, top, x(*p.lower), bottom - top, kOutside);
    svg.rect(x(*p.lower), top, shown, bottom - top, kHatch);
  }
  if (p.upper) {
    svg.rect(x(*p.upper), top, width - x(*p.upper), bottom - top, kOutside);
    svg.rect(x(*p.upper) - shown, top, shown, bottom - top, kHatch);
  }
  for (const auto& limit : {p.lower, p.upper}) {
    if (limit) svg.line(x(*limit), top - over, x(*limit), bottom, "#000", stroke);
  }
}

/// Bracket, bar of U and mark at height y; what is off the scale becomes an arrow at the edge.
void draw_value(Canvas& svg, const LimitPicture& p, const Scale& x, double width, double y, double tick,
                double radius) {
  const auto inside = [&](double v) { return std::clamp(x(v), 1.0, width - 1); };
  const auto arrow = [&](double v, std::string_view colour) {
    const double at = x(v);
    if (at >= 0 && at <= width) return;
    const double edge = at < 0 ? 0 : width, back = at < 0 ? 5 : -5;
    svg.polygon({edge, edge + back, edge + back}, {y, y - 4, y + 4}, colour, "#fff", 0.6);
  };
  if (p.interval_low && p.interval_high) {
    const double a = inside(*p.interval_low), b = inside(*p.interval_high);
    svg.line(a, y, b, y, "#111", 1.2);
    for (const auto& end : {p.interval_low, p.interval_high}) {
      if (x(*end) >= 0 && x(*end) <= width) svg.line(x(*end), y - tick, x(*end), y + tick, "#111", 1.2);
      arrow(*end, "#111");
    }
  }
  if (!p.value) return;
  if (p.value_low && p.value_high) svg.line(inside(*p.value_low), y, inside(*p.value_high), y, "#111", radius * 0.95);
  if (x(*p.value) < 0 || x(*p.value) > width) {
    arrow(*p.value, p.verdict == Verdict::pass   ? kBlue
                    : p.verdict == Verdict::fail ? kVermillion
                                                 : std::string_view{"#111"});
  } else {
    svg.mark(x(*p.value), y, p.verdict, radius);
  }
}

/// Equal bins over the strokes that lie in the picture; those beyond a limit by more than their own U are counted
/// apart, and so are those that lie left and right of the picture.
struct Histogram {
  double from = 0, width = 1;
  std::vector<int> inside, beyond;
  int tallest = 1, below_lower = 0, above_upper = 0, off_left = 0, off_right = 0;
};

Histogram histogram_of(const LimitPicture& p, std::span<const StrokeValue> strokes, double bin_width, const Scale& x,
                       double width) {
  Histogram h;
  if (strokes.empty() || !(bin_width > 0)) return h;
  std::vector<StrokeValue> shown;
  for (const StrokeValue& s : strokes) {
    if (!std::isfinite(s.value)) continue;
    h.above_upper += p.upper && s.value - s.expanded_u > *p.upper ? 1 : 0;
    h.below_lower += p.lower && s.value + s.expanded_u < *p.lower ? 1 : 0;
    h.off_left += x(s.value) < 0 ? 1 : 0;
    h.off_right += x(s.value) > width ? 1 : 0;
    if (x(s.value) >= 0 && x(s.value) <= width) shown.push_back(s);
  }
  h.tallest = std::max({1, h.off_left, h.off_right});
  if (shown.empty()) return h;
  const auto [low, high] = std::ranges::minmax(shown, {}, &StrokeValue::value);
  h.width = bin_width;
  h.from = std::floor(low.value / bin_width) * bin_width;
  h.inside.assign(static_cast<std::size_t>(std::floor((high.value - h.from) / bin_width) + 1), 0);
  h.beyond = h.inside;
  for (const StrokeValue& s : shown) {
    const auto bin = std::min(static_cast<std::size_t>((s.value - h.from) / bin_width), h.inside.size() - 1);
    const bool beyond =
        (p.upper && s.value - s.expanded_u > *p.upper) || (p.lower && s.value + s.expanded_u < *p.lower);
    ++(beyond ? h.beyond : h.inside)[bin];
  }
  for (std::size_t i = 0; i < h.inside.size(); ++i) h.tallest = std::max(h.tallest, h.inside[i] + h.beyond[i]);
  return h;
}

/// A quarter to a half of the standard deviation, a round width, and no thinner than 3 px.
double bin_width_of(std::span<const StrokeValue> strokes, const Scale& x) {
  double mean = 0, sum = 0;
  for (const StrokeValue& s : strokes) mean += s.value / static_cast<double>(std::max<std::size_t>(strokes.size(), 1));
  for (const StrokeValue& s : strokes) sum += (s.value - mean) * (s.value - mean);
  const double sd = strokes.size() > 1 ? std::sqrt(sum / static_cast<double>(strokes.size() - 1)) : 0;
  const double per_px = std::fabs((x.to - x.from) / (x.at_to - x.at_from));
  const double wanted = std::max(sd / 5, 3 * per_px);
  return std::isfinite(wanted) && wanted > 0 ? nice_ticks(0, wanted, 1).step : 0;
}

/// What lies outside of the picture: one bar at its edge, an arrow that points there, and how many.
void draw_off_scale(Canvas& svg, int count, bool right, double width, double base, double high) {
  if (count == 0) return;
  constexpr double kBar = 7, kArrow = 7;
  const double edge = right ? width - 1 : 1, in = right ? -1 : 1;
  svg.rect(right ? edge - kBar : edge, base - high, kBar, high, kVermillion, "#111", 1.2);
  const double tip = edge + in * (kBar + 3), y = base - 7;
  svg.polygon({tip, tip + in * kArrow, tip + in * kArrow}, {y, y - 4, y + 4}, kVermillion, "#fff", 0.6);
  svg.text(tip + in * (kArrow + 3), base - 3, std::to_string(count),
           {right ? Anchor::end : Anchor::start, kVermillion, true});
}

/// Nothing of it leaves [0, width].
void draw_histogram(Canvas& svg, const Histogram& h, const Scale& x, double width, double base, double height) {
  for (std::size_t i = 0; i < h.inside.size(); ++i) {
    const double from = x(h.from + static_cast<double>(i) * h.width), to = from + x(h.from + h.width) - x(h.from);
    const double left = std::clamp(from, 0.0, width - 2), wide = std::clamp(to, 2.0, width) - left;
    const double all = height * (h.inside[i] + h.beyond[i]) / h.tallest;
    const double out = height * h.beyond[i] / h.tallest;
    svg.rect(left, base - all, std::max(wide - 0.8, 0.8), all - out, "#8a8a8a");
    if (h.beyond[i] > 0) {
      svg.rect(left, base - out, std::clamp(wide - 0.8, 2.0, width - left), out, kVermillion, "#111", 1.2);
    }
  }
  constexpr double kLeast = 4;
  const auto high = [&](int count) { return std::max(height * count / h.tallest, kLeast); };
  draw_off_scale(svg, h.off_left, false, width, base, high(h.off_left));
  draw_off_scale(svg, h.off_right, true, width, base, high(h.off_right));
}

/// Letters and signs of a text; one byte after the first of a sign counts no more.
double letters(std::string_view text) {
  return static_cast<double>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// What the mark at x stands for, whole within the picture, and on a white plate where a limit's line would cross it.
void draw_value_label(Canvas& svg, const LimitPicture& p, const Scale& x, double width, double y,
                      const std::string& label) {
  constexpr double kLetter = 6.7, kHigh = 14;
  const double half = std::min(kLetter * letters(label) / 2 + 3, width / 2);
  const double at = std::clamp(x(*p.value), half, width - half);
  const auto crosses = [&](const std::optional<double>& limit) { return limit && std::fabs(x(*limit) - at) < half; };
  if (crosses(p.lower) || crosses(p.upper)) svg.rect(at - half, y - 10.5, 2 * half, kHigh, "#fff");
  svg.text(at, y, label, {Anchor::middle, "#111", true});
}

}  // namespace

std::optional<LimitPicture> limit_picture_of(const Decision& d, const Measurement& m) {
  if (!d.lower && !d.upper) return std::nullopt;
  if (m.expanded_u == 0 && !m.interval && d.upper && *d.upper == 0 && (!d.lower || *d.lower == 0)) return std::nullopt;
  LimitPicture p;
  p.lower = d.lower;
  p.upper = d.upper;
  if (d.lower && d.upper) {
    const double middle = (*d.lower + *d.upper) / 2;
    // Limits that stand about no setting have a middle that means nothing.
    for (const auto& setting : {m.depth_mm, m.rate_per_min})
      if (setting && std::fabs(middle - *setting) < 1e-9 * std::fabs(*setting)) p.setting = middle;
  }
  p.guard_band = d.guard_band;
  p.verdict = d.verdict;
  p.value = m.value;
  if (m.interval) {
    p.interval_low = m.interval->low;
    p.interval_high = m.interval->high;
    if (!p.value) p.value = m.interval->mean;
  }
  if (p.value && !std::isfinite(*p.value)) p.value.reset();
  if (p.value && m.low && m.high) {
    p.value_low = m.low;
    p.value_high = m.high;
  } else if (p.value && m.expanded_u > 0) {
    p.value_low = *p.value - m.expanded_u;
    p.value_high = *p.value + m.expanded_u;
  }
  return p;
}

bool draw_small(Canvas& svg, const LimitPicture& p, double width, double height) {
  const auto x = scale_of(p, width, 0.18);
  if (!x) return false;
  draw_limits(svg, p, *x, width, 0, height, 0, 1.3);
  svg.line(0, height / 2, width, height / 2, "#bbb", 0.6);
  if (p.setting) {
    svg.line((*x)(*p.setting), 0, (*x)(*p.setting), 0.16 * height, "#777", 0.8);
    svg.line((*x)(*p.setting), height, (*x)(*p.setting), 0.84 * height, "#777", 0.8);
  }
  draw_value(svg, p, *x, width, height / 2, 0.26 * height, 1.4 + 0.1 * height);  // on paper it must not vanish
  return true;
}

std::string small_picture(const LimitPicture& p, double width) {
  constexpr double kHeight = 20;
  Svg svg(width, kHeight, fmt::format("{} against its limits", name_of(p.verdict)), "lp");
  return draw_small(svg, p, width, kHeight) ? svg.take() : std::string();
}

std::string large_picture(const LimitPicture& p, std::span<const StrokeValue> strokes, const std::string& unit,
                          const std::string& value_label) {
  Svg svg(kLargeWidth, kLargeHeight, fmt::format("{}: value and limits", name_of(p.verdict)), "big");
  return draw_large(svg, p, strokes, unit, value_label) ? svg.take() : std::string();
}

bool draw_large(Canvas& svg, const LimitPicture& p, std::span<const StrokeValue> strokes, const std::string& unit,
                const std::string& value_label) {
  constexpr double kWidth = kLargeWidth, kTop = 24, kLow = 168, kLine = 140;
  const auto x = scale_of(p, kWidth, 1.0 / 7);
  if (!x) return false;
  const bool with_strokes = !strokes.empty();
  const double base = with_strokes ? 122 : kTop + 10, line = with_strokes ? kLine : (kTop + kLow) / 2 - 6;
  draw_limits(svg, p, *x, kWidth, kTop, kLow, 6, 1.7);
  const Histogram h = with_strokes ? histogram_of(p, strokes, bin_width_of(strokes, *x), *x, kWidth) : Histogram{};
  if (with_strokes) {
    draw_histogram(svg, h, *x, kWidth, base, base - kTop - 10);
    svg.line(0, base, kWidth, base, "#999", 0.8);
  }
  draw_value(svg, p, *x, kWidth, line, 7, 6);

  const double span = p.lower && p.upper ? *p.upper - *p.lower : std::fabs(x->to - x->from);
  const int decimals = std::clamp(decimals_of_u(span / 30), 0, 6);
  const bool room_left = !p.value || !p.lower || (*x)(*p.value) > (*x)(*p.lower) + 110 || with_strokes;
  for (const auto& [limit, other] : {std::pair{p.lower, -1}, std::pair{p.upper, 1}}) {
    if (!limit) continue;
    const bool first = other < 0 || !p.lower;
    svg.text((*x)(*limit), 14, fmt::format("limit {}", format_number(*limit, decimals)), {Anchor::middle});
    if (first && room_left) {
      svg.text((*x)(*limit) + 5 * other, kTop + 14, "outside", {other < 0 ? Anchor::end : Anchor::start, "#555"});
      if (p.guard_band > 0) {
        const double band = std::fabs((*x)(p.guard_band) - (*x)(0));
        svg.text((*x)(*limit) - other * (band + 6), kTop + 14, "guard band",
                 {other < 0 ? Anchor::start : Anchor::end, "#555"});
      }
    }
  }
  for (const auto& [count, above] : {std::pair{h.below_lower, false}, std::pair{h.above_upper, true}}) {
    if (count == 0) continue;
    constexpr double kBesideTheBar = 14;
    const Anchor anchor = above ? Anchor::end : Anchor::start;
    const double at = above ? kWidth - kBesideTheBar : kBesideTheBar;
    svg.text(at, kTop + 30, fmt::format("{} {}", count, count == 1 ? "stroke" : "strokes"),
             {anchor, kVermillion, true});
    svg.text(at, kTop + 46, "beyond", {anchor, kVermillion, true});
  }
  const auto at = [&](double v) { return std::clamp((*x)(v), 62.0, kWidth - 62); };
  if (p.interval_low && p.interval_high && p.value) {
    const double middle = at(*p.value);
    const int figures = std::clamp(decimals_of_u((*p.interval_high - *p.interval_low) / 20), 0, 6);
    // The ends' labels give way to the mean's, and outwards to a limit's line.
    const auto beside_limits = [&](double label, double outwards) {
      constexpr double kHalf = 28;
      for (const auto& limit : {p.lower, p.upper}) {
        if (limit && std::fabs(label - (*x)(*limit)) < kHalf) label = (*x)(*limit) + outwards * kHalf;
      }
      return std::clamp(label, kHalf, kWidth - kHalf);
    };
    // What lies off the scale has no place on it: a label there would name a point within the limits.
    const auto on_scale = [&](double v) { return (*x)(v) >= 0 && (*x)(v) <= kWidth; };
    if (on_scale(*p.interval_low)) {
      svg.text(beside_limits(std::min((*x)(*p.interval_low), middle - 92), -1), line + 21,
               format_number(*p.interval_low, figures), {Anchor::middle, "#333"});
    }
    if (on_scale(*p.interval_high)) {
      svg.text(beside_limits(std::max((*x)(*p.interval_high), middle + 92), 1), line + 21,
               format_number(*p.interval_high, figures), {Anchor::middle, "#333"});
    }
  }
  if (p.value) draw_value_label(svg, p, *x, kWidth, line + 21, value_label);

  const double left = x->from + (0 - x->at_from) / (x->at_to - x->at_from) * (x->to - x->from);
  const double right = x->from + (kWidth - x->at_from) / (x->at_to - x->at_from) * (x->to - x->from);
  const Ticks ticks = nice_ticks(left, right, 10);
  for (const double t : ticks.at) {
    if ((*x)(t) < 12 || (*x)(t) > kWidth - 40) continue;
    svg.line((*x)(t), kLow, (*x)(t), kLow + 4, "#777", 1);
    const bool setting = p.setting && std::fabs(t - *p.setting) < ticks.step * 1e-6;
    svg.text((*x)(t), kLow + 18, (setting ? "setting " : "") + format_number(t, ticks.decimals),
             {Anchor::middle, setting ? "#111" : "#555"});
  }
  svg.text(kWidth, kLow + 18, escape(unit == "1" ? "count" : unit), {Anchor::end, "#555"});
  return true;
}

std::string histogram_panel(const LimitPicture& p, std::span<const StrokeValue> strokes, const std::string& name,
                            const std::string& margin, bool bold) {
  constexpr double kWidth = 218, kBase = 57, kTop = 16, kLow = 72;
  const auto x = scale_of(p, kWidth, 0.127);
  if (!x) return {};
  Svg svg(kWidth, 94, "strokes " + name);
  draw_limits(svg, p, *x, kWidth, kTop, kLow, 3, 1.2);
  draw_histogram(svg, histogram_of(p, strokes, bin_width_of(strokes, *x), *x, kWidth), *x, kWidth, kBase,
                 kBase - kTop - 3);
  svg.line(0, kBase, kWidth, kBase, "#999", 0.6);
  draw_value(svg, p, *x, kWidth, 65, 4, 3.4);
  svg.text(kWidth / 2, 88, name, {Anchor::middle, "#111", bold});
  svg.text(kWidth - 4, 88, margin,
           {Anchor::end, p.verdict == Verdict::fail ? kVermillion : std::string_view{"#111"}, bold});
  return svg.take();
}

std::string distribution_plot(const LimitPicture& mm, std::span<const StrokeValue> strokes_mm, double setting_mm) {
  constexpr double kWidth = 398, kTop = 18, kLow = 226, kBase = 196;
  const auto um = [&](std::optional<double> v) { return v ? std::optional((*v - setting_mm) * 1000) : v; };
  LimitPicture p = mm;
  for (auto* v :
       {&p.lower, &p.upper, &p.setting, &p.value, &p.value_low, &p.value_high, &p.interval_low, &p.interval_high})
    *v = um(*v);
  p.guard_band *= 1000;
  std::vector<StrokeValue> strokes(strokes_mm.begin(), strokes_mm.end());
  for (StrokeValue& s : strokes) s = {(s.value - setting_mm) * 1000, s.expanded_u * 1000};
  const auto x = scale_of(p, kWidth, 0.12);
  if (!x) return {};
  Svg svg(kWidth, 270, "distribution of penetration");
  svg.text(0, 10, "strokes");
  draw_limits(svg, p, *x, kWidth, kTop, kLow, 0, 1.3);
  const Histogram h = histogram_of(p, strokes, bin_width_of(strokes, *x), *x, kWidth);
  draw_histogram(svg, h, *x, kWidth, kBase, kBase - kTop - 4);
  svg.line(0, kBase, kWidth, kBase, "#999", 0.6);
  draw_value(svg, p, *x, kWidth, 210, 4.5, 3.6);
  if (p.interval_low && (*x)(*p.interval_low) > 140) {
    svg.text((*x)(*p.interval_low) - 7, 207, "99 % of strokes,", {Anchor::end, "#444"});
    svg.text((*x)(*p.interval_low) - 7, 220, "95 % confidence", {Anchor::end, "#444"});
  }
  const Ticks ticks = nice_ticks(x->from + (0 - x->at_from) / (x->at_to - x->at_from) * (x->to - x->from),
                                 x->from + (kWidth - x->at_from) / (x->at_to - x->at_from) * (x->to - x->from), 8);
  for (const double t : ticks.at) {
    if ((*x)(t) < 10 || (*x)(t) > kWidth - 10) continue;
    svg.line((*x)(t), kLow, (*x)(t), kLow + 3, "#666", 0.8);
    svg.text((*x)(t), kLow + 15, tick_label(t, ticks.decimals, true), {Anchor::middle, "#444"});
  }
  svg.text(kWidth, 267, "penetration − setting, µm", {Anchor::end});
  return svg.take();
}

}  // namespace penrig::html
