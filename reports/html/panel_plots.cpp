#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/svg.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

constexpr double kPanelWidth = 398, kPanelHeight = 270, kPanelLeft = 34, kPanelRight = 390, kPanelTop = 22,
                 kPanelBottom = 230;

struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double v) {
    if (!std::isfinite(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  template <class Values>
  void add_all(const Values& values) {
    for (const auto v : values) add(v);
  }
  bool empty() const { return !(low <= high); }
};

std::vector<double> scaled(const std::vector<float>& values, const Scale& scale, std::size_t stride = 1) {
  std::vector<double> out;
  out.reserve(values.size() / stride + 1);
  for (std::size_t i = 0; i < values.size(); i += stride) out.push_back(scale(static_cast<double>(values[i])));
  if (stride > 1 && !values.empty() && values.size() % stride != 1)
    out.push_back(scale(static_cast<double>(values.back())));
  return out;
}

/// Force over penetration without the way through the air, which would take most of the width.
void draw_loop(Svg& svg, const std::vector<float>& penetration, const std::vector<float>& force, const Scale& x,
               const Scale& y, bool mean) {
  const std::size_t n = std::min(penetration.size(), force.size());
  const std::size_t stride = mean ? 1 : std::max<std::size_t>(1, n / 120);
  std::vector<double> px, py;
  for (std::size_t i = 0; i < n; i += stride) {
    if (static_cast<double>(penetration[i]) < x.from) continue;
    px.push_back(x(static_cast<double>(penetration[i])));
    py.push_back(y(static_cast<double>(force[i])));
  }
  svg.polyline(px, py, mean ? kBlue : std::string_view{"#999"}, mean ? 1.8 : 0.5, mean ? 1 : 0.6);
}

std::string figure(std::string_view title, std::string_view light, const std::string& drawing) {
  return fmt::format("<div><p class=\"cap\">{} <span style=\"font-weight:400\">{}</span></p>{}</div>\n", title, light,
                     drawing);
}

std::string nothing(std::string_view title, std::string_view why) {
  return fmt::format("<div><p class=\"cap\">{}</p><p class=\"note\">{}</p></div>\n", title, why);
}

/// The strokes around the top, enlarged: +-20 degrees, 0.2 mm high.
void draw_inset(Svg& svg, const SettingTraces& t, double setting) {
  constexpr double kX = 150, kY = 116, kW = 124, kH = 76;
  Range top;
  for (std::size_t i = 0; i < std::min(t.phase_deg.size(), t.mean_position_mm.size()); ++i) {
    if (std::fabs(static_cast<double>(t.phase_deg[i]) - 180) <= 20) top.add(static_cast<double>(t.mean_position_mm[i]));
  }
  if (top.empty()) return;
  const double height = 0.2, middle = top.high - 0.05;
  const Scale x{160, 200, kX, kX + kW}, y{middle - height / 2, middle + height / 2, kY + kH, kY};
  svg.rect(kX, kY, kW, kH, "#fff", "#bbb", 0.8);
  const auto draw = [&](const std::vector<float>& z, std::string_view colour, double width) {
    std::vector<double> px, py;
    for (std::size_t i = 0; i < std::min(t.phase_deg.size(), z.size()); ++i) {
      const auto phase = static_cast<double>(t.phase_deg[i]);
      if (phase < 160 || phase > 200) continue;
      px.push_back(x(phase));
      py.push_back(std::clamp(y(static_cast<double>(z[i])), kY, kY + kH));
    }
    svg.polyline(px, py, colour, width, colour == kBlue ? 1 : 0.6);
  };
  for (const auto& stroke : t.strokes_position_mm) draw(stroke, "#999", 0.5);
  draw(t.mean_position_mm, kBlue, 1.6);
  if (y(setting) > kY && y(setting) < kY + kH) svg.line(kX, y(setting), kX + kW, y(setting), "#000", 0.9, "3 2");
  svg.text(kX + kW / 2, kY + kH + 13, "top ± 20°, 0.2 mm high", {Anchor::middle, "#444"});
}

std::string position_over_phase(const SettingView& s) {
  const SettingTraces& t = s.phase->traces;
  if (t.phase_deg.empty() || t.mean_position_mm.empty())
    return nothing("Position over phase", "No mean cycle was kept.");
  Range range;
  range.add_all(t.mean_position_mm);
  for (const auto& stroke : t.strokes_position_mm) range.add_all(stroke);
  range.add(0);
  range.add(s.depth_mm);
  const Ticks ticks = enclosing_ticks(range.low, range.high, 8);
  const Scale x{0, 360, kPanelLeft, kPanelRight},
      y{ticks.at.front(), ticks.at.back(), kPanelBottom - 8, kPanelTop + 16};
  Svg svg(kPanelWidth, kPanelHeight, "position over phase");
  x_axis(svg, x, nice_ticks(0, 360, 4).step == 100 ? Ticks{{0, 90, 180, 270, 360}, 90, 0} : nice_ticks(0, 360, 4),
         kPanelBottom, "phase, degrees (top at 180)");
  y_axis(svg, y, ticks, kPanelLeft - 4, "z, mm", 10);
  svg.line(kPanelLeft, y(0), kPanelRight, y(0), "#000", 0.9);
  svg.text(kPanelRight, y(0) - 5, "nose cone", {Anchor::end, "#444"});
  svg.line(kPanelLeft, y(s.depth_mm), kPanelRight, y(s.depth_mm), "#000", 0.9, "4 3");
  svg.text(kPanelLeft + 4, y(s.depth_mm) - 5, "setting " + format_depth(s.depth_mm), {Anchor::start, "#444"});
  const std::size_t stride = std::max<std::size_t>(1, t.phase_deg.size() / 90);
  for (const auto& stroke : t.strokes_position_mm)
    svg.polyline(scaled(t.phase_deg, x, stride), scaled(stroke, y, stride), "#999", 0.5, 0.55);
  svg.polyline(scaled(t.phase_deg, x), scaled(t.mean_position_mm, y), kBlue, 1.8);
  draw_inset(svg, t, s.depth_mm);
  return figure("Position over phase",
                fmt::format("{} of {} strokes, mean in blue", t.strokes_position_mm.size(), s.phase->strokes.size()),
                svg.take());
}

/// Where the mean loop shows a puncture: its first maximum on the way in, after which the force gives way; without one,
/// where it first reaches the force of the punctures. A mean of loops is flatter than they are.
std::size_t puncture_of(const std::vector<float>& force_n, double puncture_n) {
  constexpr double kGivesWay = 0.05;  // share of the puncture's force
  const auto top = static_cast<std::size_t>(std::ranges::max_element(force_n) - force_n.begin());
  std::size_t highest = 0;
  for (std::size_t i = 0; i <= top; ++i) {
    if (force_n[i] >= force_n[highest]) highest = i;
    const double fallen = static_cast<double>(force_n[highest]) - static_cast<double>(force_n[i]);
    if (fallen > kGivesWay * puncture_n && static_cast<double>(force_n[highest]) > puncture_n / 2) return highest;
  }
  for (std::size_t i = 0; i < top; ++i)
    if (static_cast<double>(force_n[i]) >= puncture_n) return i;
  return top;
}

std::string force_over_penetration(const SettingView& s) {
  const SettingTraces& t = s.phase->traces;
  if (t.loop_penetration_mm.empty() || t.loop_force_n.empty())
    return nothing("Force over penetration", "No force loop was kept.");
  Range across, up;
  across.add_all(t.loop_penetration_mm);
  up.add_all(t.loop_force_n);
  for (const auto& loop : t.strokes_loop_penetration_mm) across.add_all(loop);
  for (const auto& loop : t.strokes_loop_force_n) up.add_all(loop);
  up.add(0);
  const Measurement* peak = s.find("peak_force");
  across.low = std::max(across.low, -0.3 * std::max(across.high, 0.2));
  const Ticks tx = enclosing_ticks(across.low, across.high, 6), ty = enclosing_ticks(up.low, up.high * 1.06, 6);
  const Scale x{tx.at.front(), tx.at.back(), kPanelLeft, kPanelRight},
      y{ty.at.front(), ty.at.back(), kPanelBottom - 8, kPanelTop + 8};
  Svg svg(kPanelWidth, kPanelHeight, "force over penetration");
  x_axis(svg, x, tx, kPanelBottom, "penetration, mm");
  y_axis(svg, y, ty, kPanelLeft - 4, "force on the simulant, N", 10);
  svg.line(kPanelLeft, y(0), kPanelRight, y(0), "#000", 0.7);
  const std::size_t loops = std::min(t.strokes_loop_penetration_mm.size(), t.strokes_loop_force_n.size());
  for (std::size_t i = 0; i < loops; ++i) {
    draw_loop(svg, t.strokes_loop_penetration_mm[i], t.strokes_loop_force_n[i], x, y, false);
  }
  draw_loop(svg, t.loop_penetration_mm, t.loop_force_n, x, y, true);
  if (peak != nullptr && peak->value) {
    const auto top = static_cast<std::size_t>(std::max_element(t.loop_force_n.begin(), t.loop_force_n.end()) -
                                              t.loop_force_n.begin());
    const double px = x(static_cast<double>(t.loop_penetration_mm[std::min(top, t.loop_penetration_mm.size() - 1)]));
    const double py = y(static_cast<double>(t.loop_force_n[top]));
    svg.circle(px, py, 3, "#fff", "#111", 1);
    svg.text(std::min(px, kPanelRight), py - 8,
             fmt::format("peak {} N", format_plus_minus(*peak->value, peak->expanded_u)),
             {px > 180 ? Anchor::end : Anchor::start});
  }
  if (const Measurement* puncture = s.find("puncture_force"); puncture != nullptr && puncture->value) {
    const std::size_t at = puncture_of(t.loop_force_n, *puncture->value);
    const double px = x(static_cast<double>(t.loop_penetration_mm[std::min(at, t.loop_penetration_mm.size() - 1)]));
    svg.circle(px, y(*puncture->value), 3, "#fff", "#111", 1);
    svg.text(px - 7, y(*puncture->value) - 5, fmt::format("puncture {} N", format_number(*puncture->value, 3)),
             {px > kPanelLeft + 110 ? Anchor::end : Anchor::start});
  }
  if (up.low < 0)
    svg.text((kPanelLeft + kPanelRight) / 2, std::min(y(up.low) + 15, kPanelBottom - 4), "withdrawal",
             {Anchor::middle, "#444"});
  return figure("Force over penetration", fmt::format("{} {}, mean in blue", loops, loops == 1 ? "stroke" : "strokes"),
                svg.take());
}

/// One dot a stroke, with the lines that matter.
struct Level {
  double value;
  std::string label;
  std::string_view dash;
  double width;
};
std::string by_stroke(std::string_view title, std::string_view y_label, const std::vector<double>& values,
                      const std::vector<Level>& levels, const std::function<Verdict(std::size_t)>& judged,
                      double guard_band) {
  if (values.empty()) return nothing(title, "No stroke was measured.");
  constexpr double kEnd = 318;
  Range range;
  range.add_all(values);
  for (const Level& level : levels) range.add(level.value);
  if (range.empty()) return nothing(title, "No stroke has a value.");
  const Ticks tx = enclosing_ticks(0, static_cast<double>(values.size()), 4),
              ty = enclosing_ticks(range.low, range.high, 6);
  const Scale x{0, tx.at.back(), kPanelLeft + 2, kEnd}, y{ty.at.front(), ty.at.back(), kPanelBottom - 8, kPanelTop + 8};
  Svg svg(kPanelWidth, kPanelHeight, title);
  x_axis(svg, x, tx, kPanelBottom, "stroke");
  y_axis(svg, y, ty, kPanelLeft - 4, y_label, 10, true);
  double above = -INFINITY;  // labels from the lowest level up, kept apart
  std::vector<const Level*> sorted;
  sorted.reserve(levels.size());
  for (const Level& level : levels) sorted.push_back(&level);
  std::sort(sorted.begin(), sorted.end(), [](const Level* a, const Level* b) { return a->value > b->value; });
  for (const Level* level : sorted) {
    if (level->label == "limit" && guard_band > 0) {
      const double band = std::max(std::fabs(y(guard_band) - y(0)), 1.0);
      svg.rect(kPanelLeft + 2, level->value > 0 ? y(level->value) : y(level->value) - band, kEnd - kPanelLeft - 2, band,
               "url(#hx)");
    }
    svg.line(kPanelLeft + 2, y(level->value), kEnd, y(level->value), level->width > 1 ? "#000" : "#555", level->width,
             level->dash);
    const double at = std::max(y(level->value) + 4, above + 12);
    svg.text(kEnd + 4, at, level->label, {Anchor::start, "#222"});
    above = at;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double px = x(static_cast<double>(i) + 0.5), py = y(values[i]);
    if (judged(i) == Verdict::fail) {
      svg.mark(px, py, Verdict::fail, 3.2);
    } else {
      svg.circle(px, py, values.size() > 400 ? 0.9 : 1.5, kBlue);
    }
  }
  return figure(title, "", svg.take());
}

struct DepthDecision {
  const Decision* decision = nullptr;
  const Measurement* measurement = nullptr;
};
DepthDecision depth_decision(const RunView& view, const SettingView& s) {
  for (const std::size_t i : s.decisions) {
    const Decision& d = view.run.outcome.decisions[i];
    const Measurement* m = view.measured(d);
    if (m != nullptr && m->measurand == "penetration_ti") return {&d, m};
  }
  return {nullptr, s.find("penetration_ti")};
}

std::string penetration_by_stroke(const SettingView& s, const DepthDecision& depth) {
  const auto& strokes = s.phase->strokes;
  std::vector<double> um;
  um.reserve(strokes.size());
  for (const StrokeRow& row : strokes) um.push_back((row.penetration_mm - s.depth_mm) * 1000);
  std::vector<Level> levels;
  const Decision* d = depth.decision;
  if (d != nullptr && d->upper) levels.push_back({(*d->upper - s.depth_mm) * 1000, "limit", "", 1.3});
  if (d != nullptr && d->lower) levels.push_back({(*d->lower - s.depth_mm) * 1000, "limit", "", 1.3});
  if (depth.measurement != nullptr && depth.measurement->interval) {
    const ToleranceInterval& ti = *depth.measurement->interval;
    levels.push_back({(ti.high - s.depth_mm) * 1000, "tolerance", "4 3", 0.9});
    levels.push_back({(ti.low - s.depth_mm) * 1000, "interval", "4 3", 0.9});
    levels.push_back(
        {(ti.mean - s.depth_mm) * 1000, "mean " + format_number((ti.mean - s.depth_mm) * 1000, 1), "", 0.9});
  }
  const auto judged = [&](std::size_t i) {
    const double u = 2 * strokes[i].u_penetration_mm;
    const bool beyond = d != nullptr && ((d->upper && strokes[i].penetration_mm - u > *d->upper) ||
                                         (d->lower && strokes[i].penetration_mm + u < *d->lower));
    return beyond ? Verdict::fail : Verdict::pass;
  };
  return by_stroke("Penetration by stroke", "penetration − setting, µm", um, levels, judged,
                   d == nullptr ? 0 : d->guard_band * 1000);
}

std::string period_by_stroke(const SettingView& s) {
  std::vector<double> periods;
  double sum = 0;
  for (const StrokeRow& row : s.phase->strokes) {
    if (!(row.period_us > 0)) continue;
    periods.push_back(row.period_us);
    sum += row.period_us;
  }
  if (periods.empty()) return nothing("Period by stroke", "No period was measured.");
  const double mean = sum / static_cast<double>(periods.size());
  for (double& p : periods) p -= mean;
  std::vector<Level> levels{{0, format_number(mean, 1) + " µs", "", 0.9}};
  if (const Measurement* j = s.find("period_jitter"); j != nullptr && j->value) {
    levels.push_back({*j->value, "jitter " + format_number(*j->value, 1), "4 3", 0.9});
    levels.push_back({-*j->value, "", "4 3", 0.9});
  }
  return by_stroke(
      "Period by stroke", "period − mean, µs", periods, levels, [](std::size_t) { return Verdict::pass; }, 0);
}

std::string stroke_table(const SettingView& s) {
  if (s.phase->strokes.empty()) return "";
  std::string out = fmt::format(
      "<details><summary>all {} strokes as a "
      "table</summary><div class=\"scroll\"><table "
      "class=\"tight\"><tr><th>stroke</th><th>top<br>s</th><th>period<br>µs</th><th>extension<br>mm</th>"
      "<th>penetration<br>mm</th><th>± U<br>mm</th><th>peak force<br>N</th></tr>",
      s.phase->strokes.size());
  for (std::size_t i = 0; i < s.phase->strokes.size(); ++i) {
    const StrokeRow& r = s.phase->strokes[i];
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", i + 1,
                       format_number(r.top_s, 5), r.period_us > 0 ? format_number(r.period_us, 1) : "–",
                       format_number(r.extension_mm, 4), format_number(r.penetration_mm, 4),
                       format_number(2 * r.u_penetration_mm, 4), format_number(r.peak_force_n, 3));
  }
  return out + "</table></div></details>";
}

std::string numbers(const SettingView& s) {
  std::string out = "<div><p class=\"cap\">Numbers</p><table style=\"width:318px\">";
  const auto row = [&](std::string_view name, const std::string& value) {
    out += fmt::format("<tr><td class=\"l\">{}</td><td>{}</td></tr>", name, value);
  };
  const auto plus_minus = [&](std::string_view name, std::string_view measurand) {
    const Measurement* m = s.find(measurand);
    if (m != nullptr) row(name, m->value ? format_plus_minus(*m->value, m->expanded_u) : "no value");
  };
  const Measurement* mean = s.find("penetration");
  if (mean != nullptr)
    row("strokes n, effective n<sub>eff</sub>", fmt::format("{}, {}", mean->n, format_number(mean->n_eff, 0)));
  plus_minus("mean ± U, mm", "penetration");
  if (const Measurement* ti = s.find("penetration_ti"); ti != nullptr && ti->interval) {
    row("s, mm; k<sub>T</sub>",
        fmt::format("{}; {}", format_number(ti->interval->s, 4), format_number(ti->interval->k_factor, 2)));
  }
  Range range;
  for (const StrokeRow& r : s.phase->strokes) range.add(r.penetration_mm);
  if (!range.empty())
    row("min … max, mm", fmt::format("{} … {}", format_number(range.low, 4), format_number(range.high, 4)));
  plus_minus("stroke rate ± U, 1/min", "stroke_rate");
  if (const Measurement* j = s.find("period_jitter"); j != nullptr && j->value && j->low && j->high)
    row("jitter (95 %), µs", format_interval(*j->value, *j->low, *j->high));
  plus_minus("extension ± U, mm", "extension");
  plus_minus("peak force ± U, N", "peak_force");
  const Measurement *missed = s.find("missed_strokes"), *twice = s.find("double_strokes");
  if (missed != nullptr && missed->value && twice != nullptr && twice->value)
    row("missed, double", fmt::format("{}, {}", format_number(*missed->value, 0), format_number(*twice->value, 0)));
  return out + "</table>" + stroke_table(s) + "</div>";
}

}  // namespace

std::string setting_panel(const RunView& view, std::size_t i) {
  const SettingView& s = view.settings[i];
  const bool of_a_run = !view.run.header.run_id.empty();  // a capture from elsewhere has no verdict
  std::string out = fmt::format(
      "<h3>{}{}{}{}{}</h3>", escape(s.name), of_a_run ? ": " + verdict_markup(s.verdict) : "",
      s.phase->spot ? ", spot " + escape(s.phase->spot->name) : "",
      of_a_run && view.deciding && view.setting_of[*view.deciding] == i
          ? (view.verdict == Verdict::pass ? ", nearest to its limit of all" : ", decided the run")
          : "",
      of_a_run && !view.void_word.empty() ? fmt::format(" <span class=\"light\">({})</span>", view.void_word) : "");
  if (!s.phase->error.empty()) out += fmt::format("<p class=\"wide\">▲ {}</p>", escape(s.phase->error));
  if (s.phase->strokes.empty() && s.phase->traces.phase_deg.empty())
    return out + "<p>No stroke was measured at this setting.</p>";
  const DepthDecision depth = depth_decision(view, s);
  out += "<div class=\"grid3\">\n" + position_over_phase(s) + force_over_penetration(s);
  std::string distribution;
  if (depth.decision != nullptr) {
    if (const auto picture = limit_picture_of(*depth.decision, *depth.measurement)) {
      std::vector<StrokeValue> strokes;
      for (const StrokeRow& row : s.phase->strokes) strokes.push_back({row.penetration_mm, 2 * row.u_penetration_mm});
      distribution = distribution_plot(*picture, strokes, s.depth_mm);
    }
  }
  out += distribution.empty() ? nothing("Penetration of strokes", "No limit holds for the strokes of this setting.")
                              : figure("Penetration of strokes", "", distribution);
  return out + penetration_by_stroke(s, depth) + period_by_stroke(s) + numbers(s) + "</div>";
}

}  // namespace penrig::html
