#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "reports/decision_risk.hpp"
#include "reports/html/limit_picture.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/html/stroke_values.hpp"
#include "reports/number_format.hpp"
#include "reports/value_text.hpp"

namespace penrig::html {
namespace {

std::string what_to_do(const RunView& view) {
  if (!view.run.closed) {
    return "If the program is still running, wait for its end. Otherwise it or the machine stopped before the record "
           "was closed: see that "
           "the rig is in its safe state, then run the test again. This record stays as it is and counts as ERROR.";
  }
  if (view.verdict == Verdict::aborted)
    return "Nothing is said about the pen. Run the test again from its start; this record stays.";
  return "Nothing is said about the pen: the rig, a device, a link or the machine failed, or what was measured cannot "
         "carry a verdict. "
         "Mend the cause that is named above, then run the test again; this record stays.";
}

/// For runs that ended without a judgement.
std::string what_happened(const RunView& view) {
  const RunOutcome& o = view.run.outcome;
  std::string out = "<h2 id=\"decided\">What happened</h2>";
  out += fmt::format("<p class=\"wide\"><b>{}</b></p>", escape(o.reason.empty() ? "no reason was recorded" : o.reason));
  const auto& phases = view.run.phases;
  // The last that went wrong (earlier ones were repeated), but the teardown only if nothing before it did.
  auto bad = std::find_if(phases.rbegin(), phases.rend(),
                          [](const PhaseRecord& p) { return !p.error.empty() && p.kind != "teardown"; });
  if (bad == phases.rend())
    bad = std::find_if(phases.rbegin(), phases.rend(), [](const PhaseRecord& p) { return !p.error.empty(); });
  out += "<table><tr><th class=\"l\">question</th><th class=\"l\">answer</th></tr>";
  const auto row = [&](std::string_view question, const std::string& answer) {
    out += fmt::format("<tr><td class=\"l\">{}</td><td class=\"l wrap\">{}</td></tr>", question, answer);
  };
  if (bad != phases.rend()) {
    row("In which phase", fmt::format("{}, attempt {}, from {} to {} s", escape(bad->name), bad->attempt,
                                      format_number(bad->started_s, 3), format_number(bad->ended_s, 3)));
    if (o.reason.find(bad->error) == std::string::npos) row("What it said", escape(bad->error));
  } else if (!phases.empty()) {
    row("After which phase",
        fmt::format("{}, which ended at {} s", escape(phases.back().name), format_number(phases.back().ended_s, 3)));
  } else {
    row("In which phase", "before the first one");
  }
  row("Safe state", !view.run.closed         ? "not known: <b>look at the rig before touching it</b>"
                    : o.safe_state_confirmed ? "confirmed by the sensors: pen stopped, stage withdrawn"
                                             : "<b>not confirmed</b>: look at the rig before touching it");
  row("What had been measured",
      view.settings.empty()
          ? "nothing that could be judged"
          : fmt::format("{} of {} settings, {} strokes; shown below, for diagnosis only",
                        std::count_if(view.settings.begin(), view.settings.end(),
                                      [](const auto& s) { return !s.phase->strokes.empty(); }),
                        std::max<std::uint64_t>(view.run.header.settings_planned, view.settings.size()),
                        format_number(static_cast<double>(view.strokes), 0)));
  row("What to do", what_to_do(view));
  return out + "</table>";
}

std::string share_bars(const RunView& view) {
  const auto& decisions = view.run.outcome.decisions;
  std::vector<std::size_t> order(decisions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return decisions[a].verdict != decisions[b].verdict ? decisions[a].verdict > decisions[b].verdict
                                                        : decisions[a].used > decisions[b].used;
  });
  std::string out = "<div><p class=\"cap\">Nearest to their limits, share of tolerance used</p><table class=\"full\">";
  for (std::size_t i = 0; i < std::min<std::size_t>(order.size(), 5); ++i) {
    const Decision& d = decisions[order[i]];
    const std::string place = view.place(order[i]);
    const bool bad = d.verdict != Verdict::pass;
    const double used = std::isfinite(d.used) ? std::clamp(d.used, 0.0, 1.27) : 0;
    out += fmt::format(
        "<tr{}><td class=\"l wrap\">{} {} &nbsp;{}</td><td class=\"pic\"><svg width=\"130\" height=\"11\" "
        "aria-hidden=\"true\"><rect width=\"102\" "
        "height=\"11\" fill=\"#ececec\"/><rect width=\"{:.1f}\" height=\"11\" fill=\"{}\"/><path d=\"M102 0v11\" "
        "stroke=\"#000\" "
        "stroke-width=\"1.6\"/></svg></td><td>{}</td></tr>",
        bad ? " class=\"strong\"" : "", bad ? mark(d.verdict) : "", escape(d.requirement_id),
        escape(place.empty() ? d.title : place), 102 * used,
        d.verdict == Verdict::fail ? kVermillion : std::string_view{"#777"},
        std::isfinite(d.used) ? format_percent(d.used) : "–");
  }
  return out + "</table></div>";
}

}  // namespace

std::string decided(const RunView& view) {
  std::string out;
  const bool judged = view.verdict != Verdict::error && view.verdict != Verdict::aborted;
  if (!judged) out = what_happened(view);
  if (!view.deciding) {
    if (judged) out += "<h2 id=\"decided\">What decided it</h2><p>The record names no deciding decision.</p>";
    return out;
  }
  const RunOutcome& o = view.run.outcome;
  const Decision& d = o.decisions[*view.deciding];
  const Measurement* m = view.measured(d);
  const std::string place = view.place(*view.deciding, " and ");
  out += judged ? "<h2 id=\"decided\">What decided it</h2>" : "<h3>The worst decision</h3>";
  out += fmt::format(
      "<p class=\"wide\">{} <b>{}, {}{}</b>: {}",
      d.verdict == Verdict::pass ? "The decision nearest to its limit is" : verdict_markup(d.verdict) + " in",
      escape(d.requirement_id), escape(d.title), place.empty() ? "" : ", at " + escape(place),
      d.rule.empty() ? "limit " + escape(d.limit_text) : formula(d.rule));
  if (!out.ends_with('.')) out += '.';
  if (!d.reason.empty() && d.verdict != Verdict::pass)
    out += fmt::format(" {}{}", formula(d.reason), d.reason.ends_with('.') ? "" : ".");
  if (const std::string risk = risk_text(d); !risk.empty()) out += fmt::format(" Probability of {}.", escape(risk));
  const std::size_t n = o.decisions.size();
  if (view.count(Verdict::pass) == n) out += n > 1 ? fmt::format(" All {} decisions are PASS.", n) : "";
  out += "</p>\n<div class=\"decided\">";
  const auto picture = m != nullptr ? limit_picture_of(d, *m) : std::nullopt;
  std::string drawn;
  if (picture)
    drawn =
        large_picture(*picture, stroke_values(view, *view.deciding, *m), m->unit, mean_label(view, *view.deciding, *m));
  if (drawn.empty()) {
    const std::string value = m == nullptr             ? "nothing was measured"
                              : !m->text_value.empty() ? escape(m->text_value)
                              : m->value               ? value_text(*m) + " " + escape(m->unit)
                                                       : "no value: " + formula(m->note);
    drawn = fmt::format(
        "<table style=\"align-self:start\"><tr><th class=\"l\">measured</th><th class=\"l\">limit</th><th "
        "class=\"l\">verdict</th></tr><tr><td class=\"l wrap\">{}</td>"
        "<td class=\"l wrap\">{}</td><td class=\"l\">{}</td></tr></table>",
        value, escape(d.limit_text), verdict_markup(d.verdict));
  }
  out += "<div>" + drawn + "</div>" + share_bars(view) + "</div>";
  if (picture) {
    out += m->interval ? "<p class=\"note\">Bars: strokes. Bracket: tolerance interval, 99 % of strokes with 95 % "
                         "confidence. Thick bar and mark: "
                         "mean and its U. Hatched: guard band. Grey: outside the limits.</p>"
                       : "<p class=\"note\">Mark and thick bar: value and its U. Hatched: guard band. Grey: outside "
                         "the limits.</p>";
  }
  return out;
}

}  // namespace penrig::html
