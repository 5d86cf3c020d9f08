#include <fmt/format.h>

#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/sections.hpp"
#include "reports/number_format.hpp"
#include "reports/record_json.hpp"
#include "reports/verdict_word.hpp"

namespace penrig::html {
namespace {

std::string two_lines(const std::string& digest) {
  return escape(digest.substr(0, 32)) + "<br>" + escape(digest.substr(std::min<std::size_t>(32, digest.size())));
}

std::string commands(const RunHeader& h) {
  return fmt::format(
      "<h3>With penrig</h3><pre>penrig records show {0}\npenrig records show {0} --json | sha256sum\npenrig report {0} "
      "--html {0}.html</pre>"
      "<p class=\"note\">The second gives the SHA-256 of the record above; the third writes this report again, byte "
      "for byte.</p>",
      escape(h.run_id));
}

/// Those of the record store; the description's own stand in the rig's document.
std::string calibrations(const RunHeader& h) {
  std::string rows;
  for (const Calibration& c : calibrations_of(h)) {
    rows += fmt::format(
        "<tr><td class=\"l\">{}</td><td class=\"l\">{}</td><td class=\"l\">{}</td><td>{} {}</td><td class=\"l\">{} to "
        "{}</td></tr>",
        escape(c.id), escape(c.target), escape(c.fixture_id),
        format_plus_minus(c.evaluation.value, c.evaluation.k * c.evaluation.u.value_or(0)), escape(c.unit),
        escape(c.date.text), escape(c.due.text));
  }
  if (rows.empty()) return "";
  return "<p class=\"cap\">Filed calibrations that the run measured with</p><table class=\"full\"><tr><th "
         "class=\"l\">id</th><th class=\"l\">kind</th><th class=\"l\">fixture</th><th>value ± U</th><th "
         "class=\"l\">valid</th></tr>" +
         rows + "</table>";
}

}  // namespace

std::string evidence(const RunView& view) {
  const RunHeader& h = view.run.header;
  std::string facts = "<div><table class=\"full\">";
  const auto row = [&](std::string_view name, const std::string& value) {
    facts += fmt::format("<tr><td class=\"l\">{}</td><td class=\"l wrap\">{}</td></tr>", name, value);
  };
  row("run", escape(h.run_id));
  row("record, SHA-256",
      fmt::format("<span class=\"mono\">{}</span>", two_lines(sha256_hex(record_json_text(view.run)))));
  row("closed", view.run.closed ? "yes: the outcome stands in the record store, which takes no changes"
                                : "<b>no</b>: nobody closed it, it counts as ERROR");
  const RunStanding& s = view.run.standing;
  std::string hands;
  for (const RunSignature& hand : s.signatures) {
    hands += fmt::format("{}<b>{}</b>, <span class=\"mono\">{}</span>, {}: record closed and filed",
                         hands.empty() ? "" : "<br>", escape(hand.name), escape(hand.fingerprint),
                         format_utc(hand.signed_utc_ns));
  }
  if (hands.empty()) {
    hands = s.signature_fault.empty() ? "nobody: this is not a certificate"
                                      : "<b>does not count</b>: " + escape(s.signature_fault);
  }
  row("signed by", hands);
  if (s.log_leaf)
    row("log", fmt::format("leaf {} of the store’s log: <span class=\"mono\">penrig verify {}</span>", *s.log_leaf,
                           escape(h.run_id)));
  if (s.voided) row("void", escape(void_reason(view.run)));
  for (const RunRemark& c : s.comments)
    row("comment", fmt::format("{} ({}, {})", escape(c.text), escape(c.who), format_utc(c.at_utc_ns)));
  if (view.run.link_trace) {
    row("link trace",
        fmt::format(
            "SHA-256 <span class=\"mono\">{}…</span>, {} bytes: <span class=\"mono\">penrig records trace {}</span>",
            view.run.link_trace->sha256.substr(0, 32),
            format_number(static_cast<double>(view.run.link_trace->bytes), 0), escape(h.run_id)));
  }
  if (!h.simulation.empty())
    row("simulation",
        fmt::format("<span class=\"mono\">{}</span>: the same again gives the same record", escape(h.simulation)));
  if (view.run.outcome.daq) {
    const DaqIdentity& daq = *view.run.outcome.daq;
    row("bench", fmt::format("{}, DAQ {} with firmware {}{}", escape(daq.fixture_id), escape(daq.serial_number),
                             escape(daq.firmware), daq.simulated ? ", simulated" : ""));
  }
  facts += "</table>" + commands(h) + "</div>";
  std::string documents = calibrations(h);
  if (!h.documents.empty()) {
    documents +=
        "<p class=\"cap\">Documents that the verdict hangs on, kept in the record</p><table class=\"full\"><tr><th "
        "class=\"l\">kind</th><th class=\"l\">name</th><th class=\"l\">SHA-256</th><th>bytes</th></tr>";
    for (const SourceDocument& d : h.documents) {
      documents += fmt::format(
          "<tr><td class=\"l\">{}</td><td class=\"l wrap\">{}</td><td class=\"l mono\">{}…</td><td>{}</td></tr>",
          escape(d.kind), escape(d.name), escape(d.sha256.substr(0, 32)),
          format_number(static_cast<double>(d.bytes.size()), 0));
    }
    documents += "</table>";
    for (const SourceDocument& d : h.documents) {
      documents += fmt::format("<details><summary>{} {}, as it was</summary><pre>{}</pre></details>", escape(d.kind),
                               escape(d.name), escape(d.bytes));
    }
  }
  return "<h2 id=\"evid\">Evidence and how to verify</h2><div class=\"grid2\" style=\"align-items:start\">" + facts +
         "<div>" + documents +
         "<p class=\"note\" style=\"margin-top:10px\">This report is a view of the record; the record is the "
         "original.</p></div></div>";
}

}  // namespace penrig::html
