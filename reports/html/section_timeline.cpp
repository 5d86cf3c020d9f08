#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/svg.hpp"
#include "reports/number_format.hpp"

namespace penrig::html {
namespace {

constexpr double kTimelineWidth = 1230, kTimelineLeft = 92, kTimelineRight = 1210;
constexpr double kBarTop = 34, kBarHeight = 20, kRateBase = 128, kRateHeight = 30, kForceBase = 178, kForceHeight = 26,
                 kEventY = 196, kAxis = 216;

double last_second(const RunView& view) {
  double end = view.run.outcome.duration_s;
  for (const PhaseRecord& p : view.run.phases) end = std::max(end, p.ended_s);
  for (const RunEvent& e : view.run.outcome.events) end = std::max(end, e.at_s);
  return std::isfinite(end) && end > 0 ? end : 1;
}

double peak_force(const PhaseRecord& p) {
  for (const Measurement& m : p.measurements) {
    if (m.measurand == "peak_force" && m.value && std::isfinite(*m.value)) return *m.value;
  }
  return 0;
}

std::string_view fill_of(const PhaseRecord& p) {
  if (!p.error.empty()) return "#111";
  if (is_setting(p)) return "#7FB8D9";
  return p.kind == "reference" || p.kind == "set-up" || p.kind == "teardown" ? "#cfcfcf" : "#a8a8a8";
}

/// Names over the bars, left out where they would run into each other.
class Labels {
 public:
  Labels(Svg& svg, double y) : svg_(svg), y_(y) {}
  void put(double middle, const std::string& markup, double width) {
    if (middle - width / 2 < free_from_) return;
    svg_.text(middle, y_, markup, {Anchor::middle, "#222"});
    free_from_ = middle + width / 2 + 4;
  }

 private:
  Svg& svg_;
  double y_, free_from_ = 0;
};

void draw_phases(Svg& svg, const RunView& view, const Scale& x) {
  const auto& phases = view.run.phases;
  svg.text(0, kBarTop + 14, "phase");
  svg.text(0, kBarTop + 34, "setting, mm");
  svg.rect(x(0), kBarTop, x(x.to) - x(0), kBarHeight, "#fff", "#999", 0.7);
  Labels names(svg, kBarTop - 8), depths(svg, kBarTop + 34);
  for (const PhaseRecord& p : phases) {
    svg.rect(x(p.started_s), kBarTop, std::max(x(p.ended_s) - x(p.started_s), 1.5), kBarHeight, fill_of(p), "#888",
             0.5);
  }
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const PhaseRecord& p = phases[i];
    const double middle = x((p.started_s + p.ended_s) / 2);
    if (!is_setting(p)) {
      const std::string& name = p.kind == "reference" ? p.kind : p.name;
      const double width = 6.2 * static_cast<double>(name.size());
      if (x(p.ended_s) - x(p.started_s) > 0.6 * width) names.put(middle, escape(name), width);
      continue;
    }
    if (p.depth_mm) depths.put(middle, format_depth(*p.depth_mm), 26);
    if (i > 0 && is_setting(phases[i - 1]) && phases[i - 1].rate_per_min == p.rate_per_min) continue;
    std::size_t last = i;
    while (last + 1 < phases.size() && is_setting(phases[last + 1]) && phases[last + 1].rate_per_min == p.rate_per_min)
      ++last;
    const double a = x(p.started_s), b = x(phases[last].ended_s);
    svg.line(a, kBarTop - 3, b, kBarTop - 3, "#444", 1);
    if (p.rate_per_min) {
      const std::string name = b - a > 170 ? fmt::format("settings at {}/min", format_short(*p.rate_per_min))
                                           : format_short(*p.rate_per_min) + "/min";
      names.put((a + b) / 2, name, 6.2 * static_cast<double>(name.size()));
    }
  }
}

void draw_rate_and_force(Svg& svg, const RunView& view, const Scale& x) {
  double fastest = 0, strongest = 0;
  for (const PhaseRecord& p : view.run.phases) {
    fastest = std::max(fastest, p.rate_per_min.value_or(0));
    strongest = std::max(strongest, peak_force(p));
  }
  svg.text(0, kRateBase - 8, "rate, 1/min");
  svg.line(kTimelineLeft, kRateBase, kTimelineRight, kRateBase, "#ccc", 0.8);
  svg.text(0, kForceBase - 6, "force, N");
  svg.line(kTimelineLeft, kForceBase, kTimelineRight, kForceBase, "#ccc", 0.8);
  Labels rates(svg, kRateBase - kRateHeight - 5), forces(svg, kForceBase - kForceHeight - 4);
  double before = 0;
  for (const PhaseRecord& p : view.run.phases) {
    if (p.rate_per_min && fastest > 0 && p.kind != "reference" && p.kind != "set-up" && p.kind != "teardown") {
      const double h = kRateHeight * *p.rate_per_min / fastest, a = x(p.started_s), b = std::max(x(p.ended_s), a + 2);
      svg.polyline({a, a + std::min(2.0, (b - a) / 3), b, b}, {kRateBase, kRateBase - h, kRateBase - h, kRateBase},
                   "#111", 1);
      if (*p.rate_per_min != before) rates.put((a + b) / 2, format_short(*p.rate_per_min), 30);
      before = *p.rate_per_min;
    }
    if (const double f = peak_force(p); f > 0) {
      const double h = kForceHeight * f / strongest, a = x(p.started_s), w = std::max(x(p.ended_s) - a, 1.5);
      svg.rect(a, kForceBase - h, w, h, "#cfcfcf", "#777", 0.6);
      if (f > 0.97 * strongest) forces.put(a + w / 2, format_number(f, 2), 30);
    }
  }
}

void draw_events(Svg& svg, const RunView& view, const Scale& x) {
  svg.text(0, kEventY + 4, "event");
  double free_from = 0;
  const auto& events = view.run.outcome.events;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const double at = x(events[i].at_s);
    svg.polygon({at, at + 3.4, at - 3.4}, {kEventY - 5, kEventY + 1.5, kEventY + 1.5}, "#111", "none", 0);
    if (at + 5 < free_from) continue;
    const std::string number = fmt::format("{}", i + 1);
    svg.text(at + 6, kEventY + 4, number, {Anchor::start, "#111", true});
    free_from = at + 12 + 7 * static_cast<double>(number.size());
  }
}

std::string event_table(const RunView& view) {
  constexpr std::size_t kShown = 25;
  const auto& events = view.run.outcome.events;
  if (events.empty())
    return "<div><p class=\"cap\">Events</p><p>None: no interlock tripped, nothing was repeated, nothing was warned "
           "of.</p></div>";
  const std::string head =
      "<table class=\"full\"><tr><th>no.</th><th>time<br>s</th><th class=\"l\">event</th><th "
      "class=\"l\">detail</th><th>latency<br>ms</th></tr>";
  std::string rows, rest;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const RunEvent& e = events[i];
    (i < kShown ? rows : rest) += fmt::format(
        "<tr><td>{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l wrap\">{}</td><td>{}</td></tr>\n", i + 1,
        format_number(e.at_s, 3), escape(e.kind), escape(e.text), e.latency_ms ? format_number(*e.latency_ms, 1) : "");
  }
  std::string out = "<div>" + head + rows + "</table>";
  if (!rest.empty())
    out += fmt::format("<details><summary>{} more events</summary>{}{}</table></details>", events.size() - kShown, head,
                       rest);
  return out + "</div>";
}

std::string sums(const RunView& view) {
  std::uint64_t samples = 0, gaps = 0, repeated = 0;
  for (const PhaseRecord& p : view.run.phases) {
    samples += p.samples;
    gaps += p.gaps;
    repeated += p.attempt > 1 ? 1U : 0U;
  }
  const auto of_kind = [&](std::string_view kind) {
    return std::count_if(view.run.outcome.events.begin(), view.run.outcome.events.end(),
                         [&](const RunEvent& e) { return e.kind == kind; });
  };
  const auto interlocks = of_kind("interlock"), warnings = of_kind("warning");
  const bool quiet = interlocks == 0 && warnings == 0 && gaps == 0 && repeated == 0;
  return fmt::format(
      "<div><p class=\"cap\">{}</p><p>Interlock trips {} · gaps in samples {} of {} samples · repeated phases {} · "
      "warnings {} · safe state at the end: {}.</p>"
      "<p class=\"note\">Blue: a setting, with the way to its spot. Grey: other phases. "
      "Black: a phase that ended in an error.</p></div>",
      quiet ? "Nothing else happened" : "In sum", interlocks, gaps, format_number(static_cast<double>(samples), 0),
      repeated, warnings,
      !view.run.closed                        ? "not known"
      : view.run.outcome.safe_state_confirmed ? "confirmed by the sensors"
                                              : "<b>not confirmed</b>");
}

/// "0 … 174". Before sheets had names, what was on a spot before was not known.
std::string strokes_on(const Spot& spot, const RunHeader& header) {
  if (header.simulant_sheet.empty()) return "not known";
  return fmt::format("{} … {}", spot.strokes_before,
                     spot.strokes_after ? fmt::format("{}", *spot.strokes_after) : "not known");
}

std::string phase_table(const RunView& view) {
  if (view.run.phases.empty()) return "";
  std::string out = fmt::format(
      "<details><summary>all {} phases as a table</summary><div class=\"scroll\"><table><tr><th "
      "class=\"l\">phase</th><th "
      "class=\"l\">kind</th><th>attempt</th><th>from<br>s</th><th>to<br>s</th>"
      "<th class=\"l\">spot</th><th>strokes<br>before … after</th><th>samples</th><th>gaps</th><th "
      "class=\"l\">verdict</th><th class=\"l\">error</th></tr>",
      view.run.phases.size());
  for (const PhaseRecord& p : view.run.phases) {
    out += fmt::format(
        "<tr{}><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td "
        "class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"l\">{}</td><td class=\"l "
        "wrap\">{}</td></tr>\n",
        p.error.empty() ? "" : " class=\"strong\"", escape(p.name), escape(p.kind), p.attempt,
        format_number(p.started_s, 3), format_number(p.ended_s, 3), p.spot ? escape(p.spot->name) : "",
        p.spot ? strokes_on(*p.spot, view.run.header) : "", format_number(static_cast<double>(p.samples), 0), p.gaps,
        verdict_markup(p.verdict), escape(p.error));
  }
  return out + "</table></div></details>";
}

}  // namespace

std::string timeline(const RunView& view) {
  const double end = last_second(view);
  const Ticks ticks = nice_ticks(0, end, 10);
  const Scale x{0, end, kTimelineLeft, kTimelineRight};
  Svg svg(kTimelineWidth, 240, "timeline of the run");
  draw_phases(svg, view, x);
  draw_rate_and_force(svg, view, x);
  draw_events(svg, view, x);
  svg.text(0, kAxis + 14, "time, s");
  svg.line(x(0), kAxis, x(ticks.at.back()), kAxis, "#666", 0.8);
  for (const double t : ticks.at) {
    svg.line(x(t), kAxis, x(t), kAxis + 3, "#666", 0.8);
    svg.text(x(t), kAxis + 14, format_number(t, ticks.decimals), {Anchor::middle, "#444"});
  }
  return "<h2 id=\"time\">Timeline and events</h2>" + svg.take() +
         "<div class=\"other\" style=\"grid-template-columns:1fr 460px\">" + event_table(view) + sums(view) + "</div>" +
         phase_table(view);
}

}  // namespace penrig::html
