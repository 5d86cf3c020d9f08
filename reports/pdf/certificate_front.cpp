#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "reports/html/coverage_note.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/stroke_values.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate_parts.hpp"
#include "reports/pdf/picture.hpp"
#include "reports/verdict_word.hpp"

namespace penrig::pdf {

namespace {

using html::escape, html::formula, html::RunView;
using NamedFacts = std::vector<std::pair<std::string, std::string>>;

std::string document(const RunHeader& h, std::string_view kind, const std::string& name, std::uint32_t revision) {
  const auto d = std::find_if(h.documents.begin(), h.documents.end(),
                              [&](const SourceDocument& known) { return known.kind == kind; });
  std::string text = fmt::format("{} rev {}", escape(name), revision);
  if (d != h.documents.end()) text += " " + mono(d->sha256.substr(0, 12) + "…");
  return text;
}

void add_fact(NamedFacts& facts, const char* name, const std::string& value) {
  if (!value.empty()) facts.emplace_back(name, value);
}

std::string lead_text(const RunView& view) {
  const RunHeader& h = view.run.header;
  const std::size_t n = view.run.outcome.decisions.size(), passed = view.count(Verdict::pass);
  const std::string specification =
      fmt::format("specification {} revision {}", escape(h.product_name), h.product_revision);
  if (view.verdict == Verdict::pass) {
    return fmt::format("The pen conforms to {} in all {} decisions of this plan.", specification, n);
  }
  if (view.verdict == Verdict::fail) {
    return fmt::format("The pen does not conform to {}: {} of {} decisions FAIL, {} INDETERMINATE, {} PASS.",
                       specification, view.count(Verdict::fail), n, view.count(Verdict::indeterminate), passed);
  }
  if (view.verdict == Verdict::indeterminate) {
    return fmt::format("It is not shown that the pen conforms to {}: {} of {} decisions are INDETERMINATE, {} PASS.",
                       specification, view.count(Verdict::indeterminate), n, passed);
  }
  const std::string& reason = view.run.outcome.reason;
  return "Nothing is said about the pen: " + formula(reason.empty() ? "no reason was recorded" : reason) + ".";
}

void verdict_block(Flow& flow, const RunView& view) {
  Sheet& sheet = flow.sheet();
  const Font large{.size = 27, .weight = 700};
  const std::string word = coloured_verdict(view.verdict, view.word);
  const Sheet::Size size = sheet.measure(word, large);
  const double wrap = flow.width() - size.width - 6 * kMm;
  const std::string said =
      (view.run.standing.voided ? "Declared void: nothing of this counts any more. What was recorded: " : "") +
      lead_text(view);
  const Font beside{.size = 8.8};
  const double text = sheet.measure(said, beside, wrap).height, high = std::max(size.height, text) + 4 * kMm;
  sheet.line(flow.left(), flow.y(), flow.right(), flow.y(), 1.6);
  sheet.text(flow.left(), flow.y() + (high - size.height) / 2, word, large);
  sheet.text(flow.left() + size.width + 6 * kMm, flow.y() + (high - text) / 2, said, beside, wrap);
  sheet.line(flow.left(), flow.y() + high, flow.right(), flow.y() + high, 1.6);
  flow.skip(high + 4.5 * kMm);
}

NamedFacts item(const RunView& view, const CertificateOptions& options) {
  const RunHeader& h = view.run.header;
  const RunOutcome& o = view.run.outcome;
  NamedFacts facts;
  add_fact(facts, "Product", escape(h.product_name));
  std::string serial = "<b>" + escape(h.serial_number) + "</b>";
  if (o.pen) {
    serial += o.pen->serial_number == h.serial_number ? " (scanned = reported)"
                                                      : " scanned, reported " + escape(o.pen->serial_number);
  } else {
    serial += " (scanned; the pen reported none)";
  }
  add_fact(facts, "Serial number", serial);
  if (o.pen) {
    add_fact(facts, "Firmware",
             escape(o.pen->firmware) + (o.pen->firmware_hash.empty() ? "" : " (" + escape(o.pen->firmware_hash) + ")"));
    add_fact(facts, "Hardware", escape(o.pen->hardware));
  }
  if (h.cartridge_needles > 0)
    add_fact(facts, "Cartridge", fmt::format("{} needles, lot {}", h.cartridge_needles, escape(h.cartridge_lot)));
  std::string condition = escape(options.condition);
  if (o.battery_before_percent)
    condition += (condition.empty() ? "battery " : ", battery ") + format_percent(*o.battery_before_percent / 100);
  add_fact(facts, "Condition", condition);
  add_fact(facts, "Received", escape(options.received));
  return facts;
}

NamedFacts test(const RunView& view) {
  const RunHeader& h = view.run.header;
  const RunOutcome& o = view.run.outcome;
  NamedFacts facts;
  add_fact(facts, "Method", "plan " + document(h, "plan", h.plan_name, h.plan_revision));
  add_fact(facts, "Specification", document(h, "product", h.product_name, h.product_revision));
  add_fact(facts, "Rig", document(h, "rig", h.rig_name, h.rig_revision));
  add_fact(facts, "Tested",
           view.run.closed ? fmt::format("{} to {} UTC", format_utc(h.started_utc_ns).substr(0, 19),
                                         format_utc_time(o.ended_utc_ns))
                           : fmt::format("{}, never closed", format_utc(h.started_utc_ns)));
  add_fact(facts, "Operator", escape(h.operator_name));
  if (o.temperature_c) {
    add_fact(facts, "Environment",
             format_number(*o.temperature_c, 1) + " °C" +
                 (o.humidity_percent ? ", " + format_percent(*o.humidity_percent / 100) + " RH" : ""));
  }
  add_fact(facts, "Software", fmt::format("penrig {} ({})", escape(h.software_version), escape(h.software_commit)));
  return facts;
}

void identity_block(Flow& flow, const RunView& view, const CertificateOptions& options) {
  constexpr double kBetween = 8 * kMm;
  const double width = (flow.width() - kBetween) / 2, right = flow.left() + width + kBetween;
  const double y = flow.y();
  const double below_item = flow.facts(flow.left(), y, width, "Item tested", item(view, options));
  const double below_test = flow.facts(right, y, width, "Test", test(view));
  NamedFacts customer, issued;
  add_fact(customer, "Name", escape(options.customer));
  add_fact(customer, "Address", escape(options.customer_address));
  add_fact(issued, "Date",
           format_utc(view.run.closed ? view.run.outcome.ended_utc_ns : view.run.header.started_utc_ns).substr(0, 10));
  add_fact(issued, "Laboratory", escape(options.laboratory_address));
  const double next = std::max(below_item, below_test) + 2 * kMm;
  double end = flow.facts(right, next, width, "Issued", issued);
  if (!customer.empty()) end = std::max(end, flow.facts(flow.left(), next, width, "Customer", customer));
  flow.move_to(end);
}

void decided_block(Flow& flow, const RunView& view) {
  const bool judged = view.verdict != Verdict::error && view.verdict != Verdict::aborted;
  flow.heading(judged ? "What decided it" : "What happened");
  if (!judged)
    flow.paragraph(formula(view.run.outcome.reason.empty() ? "no reason was recorded" : view.run.outcome.reason));
  if (!view.deciding) return;
  const Decision& d = view.run.outcome.decisions[*view.deciding];
  const Measurement* m = view.measured(d);
  const std::string place = view.place(*view.deciding, " and ");
  std::string text = d.verdict == Verdict::pass
                         ? fmt::format("Nearest to its limit of all {} decisions: requirement {}, {}",
                                       view.run.outcome.decisions.size(), escape(d.requirement_id), escape(d.title))
                         : fmt::format("{} in requirement {}, {}", coloured_verdict(d.verdict),
                                       escape(d.requirement_id), escape(d.title));
  if (!place.empty()) text += ", at " + escape(place);
  text += ". ";
  text += formula(d.rule.empty() ? "limit " + d.limit_text : d.rule);
  text += ".";
  if (!d.reason.empty()) text += " " + formula(d.reason) + ".";
  flow.paragraph(text);
  const auto picture = m != nullptr ? html::limit_picture_of(d, *m) : std::nullopt;
  if (!picture) return;
  const double scale = flow.width() / html::kLargeWidth;
  flow.need(html::kLargeHeight * scale + 24);
  Picture canvas(flow.sheet(), flow.left(), flow.y(), scale);
  if (!html::draw_large(canvas, *picture, html::stroke_values(view, *view.deciding, *m), m->unit,
                        html::mean_label(view, *view.deciding, *m))) {
    return;
  }
  flow.skip(html::kLargeHeight * scale);
  flow.paragraph(m->interval ? "Bars: the strokes at this setting. Bracket: tolerance interval, 99 % of strokes with "
                               "95 % confidence. Thick bar and mark: mean and its U. Hatched: guard band. Grey: "
                               "outside the limits."
                             : "Mark and thick bar: value and its U. Hatched: guard band. Grey: outside the limits.",
                 kNote);
}

/// How the decisions of one requirement, or of several, came out.
struct Counts {
  std::size_t all = 0, pass = 0, indeterminate = 0, fail = 0, error = 0;
  void add(const RunView& view, const html::RequirementView& r) {
    for (const std::size_t i : r.decisions) {
      const Verdict v = view.run.outcome.decisions[i].verdict;
      ++all;
      pass += v == Verdict::pass ? 1 : 0;
      indeterminate += v == Verdict::indeterminate ? 1 : 0;
      fail += v == Verdict::fail ? 1 : 0;
      error += v == Verdict::error || v == Verdict::aborted ? 1 : 0;
    }
  }
};

/// Share of the tolerance that a requirement's nearest decision uses; nothing for a text, which has none, and where
/// nothing was measured.
std::optional<double> share_of(const RunView& view, const html::RequirementView& r) {
  const Decision& nearest = view.run.outcome.decisions[r.nearest];
  const Measurement* measured = view.measured(nearest);
  const bool has =
      std::isfinite(nearest.used) && (measured == nullptr || (measured->text_value.empty() && measured->value));
  return has ? std::optional(nearest.used) : std::nullopt;
}

Row summary_row(const RunView& view, const std::string& id, const std::string& title, const Counts& n,
                const html::RequirementView& most_used, std::string_view before = {}) {
  const std::optional<double> share = share_of(view, most_used);
  const std::string place = escape(view.place(most_used.nearest));
  std::string used(before);
  if (!place.empty()) used += (used.empty() ? "" : ", ") + place;
  if (!used.empty()) used += ": ";
  used += share ? format_percent(*share) + " of the tolerance" : "–";
  Row row;
  row.strong = n.pass != n.all;
  row.cells = {id,
               title,
               std::to_string(n.all),
               std::to_string(n.pass),
               std::to_string(n.indeterminate),
               std::to_string(n.fail),
               std::to_string(n.error),
               used};
  return row;
}

/// A row a requirement. Where they are many, those that passed share the last, but for the first ones and the one that
/// decided: the first page is to hold all that a reader needs who stops there.
void summary_block(Flow& flow, const RunView& view) {
  if (view.requirements.empty()) return;
  flow.heading("Summary", fmt::format("{} decisions by {} requirements", view.run.outcome.decisions.size(),
                                      view.requirements.size()));
  constexpr std::size_t kMany = 10, kFirst = 3;
  std::vector<Row> rows;
  std::vector<const html::RequirementView*> others;
  Counts of_others;
  for (std::size_t i = 0; i < view.requirements.size(); ++i) {
    const html::RequirementView& r = view.requirements[i];
    Counts n;
    n.add(view, r);
    const bool decided = view.deciding && std::ranges::find(r.decisions, *view.deciding) != r.decisions.end();
    if (view.requirements.size() > kMany && i >= kFirst && !decided && n.pass == n.all) {
      others.push_back(&r);
      of_others.add(view, r);
    } else {
      rows.push_back(summary_row(view, escape(r.id), escape(r.title), n, r));
    }
  }
  if (!others.empty()) {
    const auto share = [&](const html::RequirementView* r) { return share_of(view, *r).value_or(-1); };
    const html::RequirementView& most = **std::ranges::max_element(others, {}, share);
    std::string ids;
    for (const html::RequirementView* r : others) ids += (ids.empty() ? "" : ", ") + escape(r->id);
    rows.push_back(
        summary_row(view, "", fmt::format("{} others: {}", others.size(), ids), of_others, most, escape(most.id)));
  }
  flow.table({{"Req.", Align::left},
              {"Requirement", Align::left, 0, true},
              {"decisions"},
              {"PASS"},
              {"INDET."},
              {"FAIL"},
              {"ERROR"},
              {"most used", Align::left}},
             rows);
}

/// Of the guard band w = r·U, back from what was recorded; none where the rule needs no U.
std::optional<double> guard_factor(const Decision& d, const Measurement* m) {
  if (m == nullptr || !m->value || !std::isfinite(d.guard_band)) return std::nullopt;
  const double value = *m->value;
  const double u = m->interval
                       ? m->interval->u_sys
                       : std::max(m->high ? *m->high - value : m->expanded_u, m->low ? value - *m->low : m->expanded_u);
  return u > 0 && std::isfinite(u) ? std::optional(d.guard_band / u) : std::nullopt;
}

/// The rule by which this run was judged, with its numbers.
std::string rule_text(const RunView& view) {
  std::vector<std::pair<std::string, std::string>> factors;
  double risk = 0;
  bool strokes = false;
  for (const Decision& d : view.run.outcome.decisions) {
    const Measurement* m = view.measured(d);
    strokes = strokes || (m != nullptr && m->interval);
    if (d.false_acceptance_max) risk = std::max(risk, *d.false_acceptance_max);
    const std::optional<double> r = guard_factor(d, m);
    const std::pair<std::string, std::string> named{d.requirement_id, r ? format_short(*r, 3) : ""};
    if (r && std::ranges::find(factors, named) == factors.end()) factors.push_back(named);
  }
  const std::string r = html::said_once(factors);
  std::string text = "Guarded acceptance by JCGM 106 and ILAC-G8:09, ";
  text += r.empty() ? "w = r·U" : r == "1" ? "w = U (r = 1)" : fmt::format("w = r·U (r = {})", escape(r));
  text +=
      ". PASS: the value lies inside its limits by at least w; FAIL: outside by more than w; between: INDETERMINATE, "
      "which is not a pass.";
  if (risk > 0)
    text += fmt::format(" Probability of false acceptance: at most {} a decision.", format_probability(risk));
  if (strokes) {
    text +=
        " A depth tolerance holds for strokes, not for their mean; for a PASS also: no observed stroke beyond it by "
        "more than its U.";
  }
  return text + " The worst decision is the verdict.";
}

void rule_and_scope(Flow& flow, const RunView& view, const CertificateOptions& options) {
  constexpr double kBetween = 8 * kMm;
  const double width = (flow.width() - kBetween) / 2, right = flow.left() + width + kBetween;
  const std::string rule = rule_text(view);
  const std::string scope =
      "The results relate only to the item tested, as received. This document may be reproduced only in full, except "
      "with the laboratory’s written approval.";
  std::string earlier;
  for (const std::string& run : options.earlier_runs) earlier += (earlier.empty() ? "" : ", ") + escape(run);
  const std::string& reason = view.run.header.reason;
  if (!earlier.empty() && !reason.empty()) earlier += ". Reason of this retest: " + escape(reason);
  Sheet& sheet = flow.sheet();
  const double high =
      std::max(sheet.measure(rule, kBody, width).height,
               sheet.measure(scope, kBody, width).height + 30 + sheet.measure(earlier, kBody, width).height);
  flow.skip(4 * kMm);
  flow.need(high + 18);
  const Font title{.size = 9.6, .weight = 600};
  const double y = flow.y();
  sheet.text(flow.left(), y, "Decision rule", title);
  sheet.text(right, y, "Scope", title);
  const double text = y + 16;
  sheet.text(flow.left(), text, rule, kBody, width);
  double at = text + sheet.text(right, text, scope, kBody, width) + 3 * kMm;
  at += sheet.text(right, at, "Earlier certifying runs of this serial number", title) + 3;
  sheet.text(right, at, earlier.empty() ? "none" : earlier, kBody, width);
  flow.move_to(text + high);
}

}  // namespace

void front_page(Flow& flow, const RunView& view, const CertificateOptions& options) {
  Sheet& sheet = flow.sheet();
  if (!view.void_word.empty()) {
    const std::string why = fmt::format("<span weight=\"600\">{}: not a certificate.</span> {}", view.void_word,
                                        escape(void_reason(view.run)));
    const double high = sheet.measure(why, {.size = 8.4}, flow.width() - 12).height + 6;
    sheet.frame(flow.left(), flow.y(), flow.width(), high, 0.9);
    sheet.text(flow.left() + 6, flow.y() + 3, why, {.size = 8.4}, flow.width() - 12);
    flow.skip(high + 4 * kMm);
  }
  flow.skip(sheet.text(flow.left(), flow.y(), certifies(view) ? "Test certificate" : "Test record",
                       {.size = 20, .weight = 600}));
  flow.skip(sheet.text(flow.left(), flow.y(),
                       "Needle penetration depth and stroke timing of a motorised microneedling pen",
                       {.size = 9.4, .colour = "#333333"}) +
            4 * kMm);
  verdict_block(flow, view);
  identity_block(flow, view, options);
  decided_block(flow, view);
  summary_block(flow, view);
  rule_and_scope(flow, view, options);
}

}  // namespace penrig::pdf
