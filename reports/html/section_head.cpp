#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/html/markup.hpp"
#include "reports/html/section_answers.hpp"
#include "reports/html/sections.hpp"
#include "reports/number_format.hpp"
#include "reports/verdict_word.hpp"

namespace penrig::html {
namespace {

std::string plural(std::uint64_t n, std::string_view one) {
  return fmt::format("{} {}{}", format_number(static_cast<double>(n), 0), one, n == 1 ? "" : "s");
}

/// "1 FAIL, 1 INDETERMINATE, 53 PASS", worst first.
std::string counts(const RunView& view) {
  std::string text;
  for (const Verdict v :
       {Verdict::error, Verdict::aborted, Verdict::fail, Verdict::indeterminate, Verdict::pass, Verdict::not_judged}) {
    if (view.count(v) > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", view.count(v), name_of(v));
  }
  return text;
}

std::string lead(const RunView& view) {
  const auto& o = view.run.outcome;
  const std::size_t n = o.decisions.size();
  std::string text;
  if (n > 0 && view.count(Verdict::pass) == n) {
    text = n == 1 ? "The one decision is PASS." : fmt::format("All {} decisions PASS.", n);
  } else if (n > 0) {
    text = fmt::format("Of {} {}: {}.", n, n == 1 ? "decision" : "decisions", counts(view));
  } else {
    text = fmt::format("Nothing was decided, of {} planned.", plural(view.run.header.decisions_planned, "decision"));
  }
  if (!view.settings.empty()) {
    const std::uint64_t planned = view.run.header.settings_planned;
    const auto done = static_cast<std::uint64_t>(std::count_if(
        view.settings.begin(), view.settings.end(), [](const SettingView& s) { return !s.phase->strokes.empty(); }));
    text += fmt::format(" {}{}, {}", done,
                        done < planned ? fmt::format(" of {} settings", planned)
                        : done == 1    ? " setting"
                                       : " settings",
                        plural(view.strokes, "stroke"));
    if (view.run.closed) text += fmt::format(", {} s on the rig", format_number(o.duration_s, 0));
    text += '.';
  }
  if (view.deciding && view.verdict != Verdict::error && view.verdict != Verdict::aborted) {
    const Decision& d = o.decisions[*view.deciding];
    const std::string place = view.place(*view.deciding, " and ");
    text += fmt::format(" {} {}{}, {} of the tolerance used.",
                        view.verdict == Verdict::pass ? "Nearest limit:" : "Decided by", escape(d.requirement_id),
                        place.empty() ? " " + escape(d.title) : " at " + escape(place), format_percent(d.used));
  }
  return text;
}

/// A string of a style sheet; whatever is no letter, digit or part of a longer sign is written by its number.
std::string css_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : well_formed(text)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || std::isalnum(byte) != 0 || c == ' ' || c == '-' || c == ':' || c == '.';
    out += plain ? std::string(1, c) : fmt::format("\\{:x} ", byte);
  }
  return out + '"';
}

class Facts {
 public:
  explicit Facts(std::string_view title) : out_(fmt::format("<dl><h3>{}</h3>", title)) {}
  /// value is markup.
  void add(std::string_view name, const std::string& value) {
    if (!value.empty()) out_ += fmt::format("<dt>{}</dt><dd>{}</dd>", name, value);
  }
  std::string take() { return std::move(out_) + "</dl>\n"; }

 private:
  std::string out_;
};

std::string document_line(const RunHeader& h, std::string_view kind, const std::string& name, std::uint32_t revision) {
  const auto d = std::find_if(h.documents.begin(), h.documents.end(),
                              [&](const SourceDocument& known) { return known.kind == kind; });
  std::string text = escape(name);
  if (revision > 0) text += fmt::format(" rev {}", revision);
  if (d != h.documents.end()) text += fmt::format(" <span class=\"mono\">{}</span>", escape(d->sha256.substr(0, 8)));
  return text;
}

std::string spots(const RunView& view) {
  std::string first, last;
  std::size_t n = 0, fresh = 0;
  for (const SettingView& s : view.settings) {
    if (!s.phase->spot) continue;
    if (first.empty()) first = s.phase->spot->name;
    last = s.phase->spot->name;
    ++n;
    if (s.phase->spot->strokes_before == 0) ++fresh;
  }
  if (n == 0) return "";
  std::string all = fresh == n ? fmt::format("{} fresh", n) : fmt::format("{}, {} of them fresh", n, fresh);
  // Recorded before sheets had names: nobody knew what earlier runs had done to the simulant.
  if (view.run.header.simulant_sheet.empty()) all = fmt::format("{}, use before not known", n);
  return escape(n == 1 ? fmt::format("{}, {}", all, first) : fmt::format("{}, {} to {}", all, first, last));
}

std::string simulant(const RunHeader& h) {
  if (h.simulant_lot.empty()) return "";
  return "lot " + escape(h.simulant_lot) + (h.simulant_sheet.empty() ? "" : ", sheet " + escape(h.simulant_sheet));
}

std::string identity(const RunView& view) {
  const RunHeader& h = view.run.header;
  const RunOutcome& o = view.run.outcome;
  Facts pen("Pen"), cartridge("Cartridge and simulant"), method("Method"), when("Circumstances");
  pen.add("Serial", fmt::format("<b>{}</b>", escape(h.serial_number)));
  if (o.pen) {
    const bool same = o.pen->serial_number == h.serial_number;
    pen.add("Reported", escape(o.pen->serial_number) + (same ? ", as scanned" : ", <b>not as scanned</b>"));
    pen.add("Product", escape(o.pen->product));
    pen.add("Firmware", escape(o.pen->firmware) +
                            (o.pen->firmware_hash.empty() ? "" : fmt::format(" ({})", escape(o.pen->firmware_hash))));
    pen.add("Hardware", escape(o.pen->hardware));
  } else {
    pen.add("Reported", view.run.closed ? "nothing: no pen answered" : "not in the record");
  }
  if (o.battery_before_percent) {
    pen.add("Battery", format_percent(*o.battery_before_percent / 100) +
                           (o.battery_after_percent ? ", then " + format_percent(*o.battery_after_percent / 100) : ""));
  }
  if (h.cartridge_needles > 0) cartridge.add("Cartridge", plural(h.cartridge_needles, "needle"));
  cartridge.add("Lot", escape(h.cartridge_lot));
  cartridge.add("Simulant", simulant(h));
  cartridge.add("Spots", spots(view));
  if (o.daq) cartridge.add("Bench", escape(o.daq->fixture_id) + (h.slot.empty() ? "" : ", slot " + escape(h.slot)));
  method.add("Plan", document_line(h, "plan", h.plan_name, h.plan_revision));
  method.add("Product", document_line(h, "product", h.product_name, h.product_revision));
  method.add("Rig", document_line(h, "rig", h.rig_name, h.rig_revision));
  method.add("Run as",
             h.engineering ? "engineering, not certifying"
             : h.earlier_certifying.empty()
                 ? "certifying run"
                 : fmt::format("certifying run, retest after {}: {}",
                               escape(fmt::format("{}", fmt::join(h.earlier_certifying, ", "))), escape(h.reason)));
  method.add("Software", fmt::format("{} ({})", escape(h.software_version), escape(h.software_commit)));
  when.add("Run", escape(h.run_id));
  when.add("Date", format_utc(h.started_utc_ns).substr(0, 10));
  when.add("Time", view.run.closed
                       ? fmt::format("{} to {} UTC", format_utc_time(h.started_utc_ns), format_utc_time(o.ended_utc_ns))
                       : fmt::format("from {} UTC", format_utc_time(h.started_utc_ns)));
  when.add("Operator", escape(h.operator_name));
  if (o.temperature_c) {
    when.add("Air", format_number(*o.temperature_c, 1) + "\u00A0°C" +
                        (o.humidity_percent ? ", " + format_percent(*o.humidity_percent / 100) + " RH" : ""));
  }
  return "<div class=\"id\">" + pen.take() + cartridge.take() + method.take() + when.take() + "</div>";
}

std::string void_band(const RunView& view) {
  if (view.void_word.empty()) return "";
  const RunHeader& h = view.run.header;
  std::string why = escape(void_reason(view.run));
  if (h.simulated && !h.simulation.empty())
    why += fmt::format(" (<span class=\"mono\">{}</span>)", escape(h.simulation));
  return fmt::format(
      "<div class=\"void-band\"><b>{0}: not a certificate</b><span>{1}</span></div>"
      "<svg class=\"void-word\" viewBox=\"0 0 1230 330\" preserveAspectRatio=\"xMidYMid meet\" aria-hidden=\"true\">"
      "<text x=\"615\" y=\"215\" text-anchor=\"middle\" transform=\"rotate(-9 615 165)\">{0}</text></svg>",
      view.void_word, why);
}

}  // namespace

std::string page_title(const RunView& view) {
  return fmt::format("{}{} {}, run {}", view.void_word.empty() ? "" : view.void_word + " ",
                     escape(view.run.header.serial_number), view.word, escape(view.run.header.run_id));
}

std::string page_marks(const RunView& view) {
  const RunHeader& h = view.run.header;
  const std::string mark = view.void_word.empty() ? "" : fmt::format("{}: not a certificate", view.void_word);
  const std::string of = fmt::format("{} {} · run {}", h.product_name, h.serial_number, h.run_id);
  const auto box = [](std::string_view name, const std::string& content) {
    return fmt::format("@{}{{content:{};font:9px sans-serif}}", name, content);
  };
  return "@media print{@page{" + box("top-left", css_text(mark)) + box("top-right", css_text(view.word)) +
         box("bottom-left", css_text(of)) + box("bottom-right", "\"page \" counter(page) \" of \" counter(pages)") +
         "}}";
}

std::string navigation(const RunView& view) {
  const RunHeader& h = view.run.header;
  std::string out = fmt::format("<nav><div class=\"w {}{}\">{} {}</div>", colour_class(view.verdict),
                                view.word.size() > 8 ? " long" : "", mark(view.verdict), view.word);
  if (!view.void_word.empty()) out += fmt::format("<div class=\"void\">{}</div>", view.void_word);
  out += fmt::format("<div style=\"margin-top:6px\"><b>{}</b><br>{} rev {} · {} rev {}<br>run {}<br>{}</div><hr>",
                     escape(h.serial_number), escape(h.product_name), h.product_revision, escape(h.plan_name),
                     h.plan_revision, escape(h.run_id), format_utc(h.started_utc_ns));
  const bool judged = view.verdict != Verdict::error && view.verdict != Verdict::aborted;
  out += fmt::format("<a href=\"#decided\">{}</a>", judged ? "What decided it" : "What happened");
  const std::pair<std::string_view, std::string_view> links[] = {{"meas", "Measurements"},
                                                                 {"asked", "What a person answered"},
                                                                 {"dist", "Distributions"},
                                                                 {"strokes", "Strokes, force, timing"},
                                                                 {"lin", "Depth over settings"},
                                                                 {"unc", "Uncertainty"},
                                                                 {"corr", "Corrections"},
                                                                 {"time", "Timeline and events"},
                                                                 {"evid", "Evidence, how to verify"}};
  const bool there[] = {!measurements(view).empty(),
                        !answers(view).empty(),
                        !distributions(view).empty(),
                        !view.settings.empty(),
                        !depth_over_settings(view).empty(),
                        !uncertainty(view).empty(),
                        !corrections(view).empty(),
                        true,
                        true};
  for (std::size_t i = 0; i < std::size(links); ++i) {
    if (there[i]) out += fmt::format("<a href=\"#{}\">{}</a>", links[i].first, links[i].second);
  }
  return out + "</nav>\n";
}

std::string head(const RunView& view) {
  const RunHeader& h = view.run.header;
  return fmt::format("<header>{}<h1>{}{} {}</h1><p class=\"lead\">{}</p></header>\n{}", void_band(view),
                     verdict_markup(view.verdict, view.word), escape(h.product_name), escape(h.serial_number),
                     lead(view), identity(view));
}

}  // namespace penrig::html
