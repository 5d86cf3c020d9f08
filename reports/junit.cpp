#include "reports/junit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "reports/atomic_file.hpp"
#include "reports/decision_risk.hpp"
#include "reports/html/markup.hpp"
#include "reports/number_format.hpp"
#include "reports/verdict_word.hpp"

namespace penrig {
namespace {

constexpr const char* kNotEnded = "the run has not ended: no verdict";

/// XML 1.0 has no control characters and pugixml escapes no bytes that are not UTF-8; both come out as U+FFFD.
std::string clean(const std::string& text) {
  std::string escaped = html::escape(text);
  // html::escape has made the bytes safe; pugixml does the entities by itself.
  for (const auto& [entity, plain] : {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&quot;", "\""},
                                      std::pair{"&#39;", "'"}, std::pair{"&amp;", "&"}}) {
    for (std::size_t at = escaped.find(entity); at != std::string::npos; at = escaped.find(entity, at + 1))
      escaped.replace(at, std::string_view(entity).size(), plain);
  }
  return escaped;
}

/// Dots part the levels of a classname, so names must not bring their own.
std::string level(const std::string& name) {
  std::string text = name.empty() ? "none" : clean(name);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

std::string class_name(const RunHeader& h) {
  return fmt::format("{}.{}.{}.{}", level(h.product_name), level(h.plan_name), level(h.serial_number), level(h.slot));
}

/// GitLab drops the second of two testcases of one name in one class, wherever in the file they stand.
std::string numbered(const std::string& name, std::size_t same) {
  return same == 0 ? name : fmt::format("{} #{}", name, same + 1);
}

std::string suite_name(const RunHeader& h, const std::string& mark) {
  std::string name;  // before the files are read nobody knows the product
  for (const std::string& part : {mark, clean(h.product_name), clean(h.plan_name), clean(h.serial_number)}) {
    if (!part.empty()) name += (name.empty() ? "" : " ") + part;
  }
  return name;
}

std::string ascii_number(double value) { return format_short(value, 9, NumberStyle::ascii); }

/// "1.92 not in [2, 3.5] N", "812 > 800 ms"; empty if the value is within or not there.
std::string outside(const Decision& d, const Measurement& m) {
  if (!m.value || !std::isfinite(*m.value)) return "";
  const std::string unit = m.unit.empty() || m.unit == "1" ? "" : " " + clean(m.unit);
  const bool low = d.lower && *m.value < *d.lower, high = d.upper && *m.value > *d.upper;
  if (!low && !high) return "";
  if (d.lower && d.upper)
    return fmt::format("{} not in [{}, {}]{}", ascii_number(*m.value), ascii_number(*d.lower), ascii_number(*d.upper),
                       unit);
  return high ? fmt::format("{} > {}{}", ascii_number(*m.value), ascii_number(*d.upper), unit)
              : fmt::format("{} < {}{}", ascii_number(*m.value), ascii_number(*d.lower), unit);
}

std::string message_of(const Decision& d, const Measurement* m) {
  std::string text = m == nullptr ? "" : outside(d, *m);
  if (text.empty() && m != nullptr && m->value)
    text = fmt::format("{} {}, limit {}", ascii_number(*m->value), clean(m->unit), clean(d.limit_text));
  if (text.empty() && m != nullptr && !m->text_value.empty())
    text = fmt::format("{}, limit {}", clean(m->text_value), clean(d.limit_text));
  if (!d.reason.empty()) text += (text.empty() ? "" : "; ") + clean(d.reason);
  return text.empty() ? name_of(d.verdict) : text;
}

/// The rule with its numbers, and below it what the verdict risks.
std::string decision_text(const Decision& d) {
  std::string text = clean(d.rule);
  if (const std::string risk = risk_text(d); !risk.empty())
    text += (text.empty() ? "" : "\n") + ("probability of " + risk);
  return text;
}

std::string case_name(const Decision& d, const Measurement* m) {
  std::string name = fmt::format("{} {}", clean(d.requirement_id), clean(d.title));
  if (m == nullptr) return name;
  if (!m->unit.empty() && m->unit != "1") name += fmt::format(", {}", clean(m->unit));
  if (m->depth_mm || m->rate_per_min) {
    // Narrow spaces are for people; names are compared by programs.
    if (m->depth_mm) name += fmt::format(", {} mm", format_depth(*m->depth_mm));
    if (m->rate_per_min)
      name +=
          fmt::format("{}{}/min", m->depth_mm ? " at " : ", ", format_short(*m->rate_per_min, 6, NumberStyle::ascii));
  }
  return name;
}

/// The root that suites are added to.
pugi::xml_node begin(pugi::xml_document& document) {
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  return document.append_child("testsuites");
}

std::string document_text(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "  ", pugi::format_indent, pugi::encoding_utf8);
  return out.str();
}

class Suite {
 public:
  /// @param same  runs of that pen by that plan in that slot which stand in the file already
  Suite(pugi::xml_node root, const RunHeader& h, const std::string& mark, double duration_s, std::size_t same)
      : class_(numbered(class_name(h), same)) {
    suite_ = root.append_child("testsuite");
    suite_.append_attribute("name") = suite_name(h, mark).c_str();
    for (const char* count : {"tests", "failures", "errors"}) suite_.append_attribute(count) = 0;
    suite_.append_attribute("time") =
        fmt::format("{:.3f}", std::isfinite(duration_s) ? std::max(duration_s, 0.0) : 0.0).c_str();
    if (h.started_utc_ns != 0) {  // an empty one is no time to a reader that checks
      suite_.append_attribute("timestamp") = format_iso8601(h.started_utc_ns).substr(0, 19).c_str();
    }
    auto properties = suite_.append_child("properties");
    const auto property = [&](const char* name, const std::string& value) {
      if (value.empty()) return;
      auto p = properties.append_child("property");
      p.append_attribute("name") = name;
      p.append_attribute("value") = clean(value).c_str();
    };
    property("run", h.run_id);
    property("serial_number", h.serial_number);
    property("software", fmt::format("{} ({})", h.software_version, h.software_commit));
    property("void_as_certificate", mark);
    property("simulation", h.simulation);
    for (const SourceDocument& d : h.documents) property((d.kind + "_sha256").c_str(), d.sha256);
  }

  /// A suite of suites: no run, and no pen.
  Suite(pugi::xml_node root, const JUnitSuite& of) : class_("suite." + level(of.name)) {
    suite_ = root.append_child("testsuite");
    suite_.append_attribute("name") = clean("suite " + of.name).c_str();
    for (const char* count : {"tests", "failures", "errors"}) suite_.append_attribute(count) = 0;
    suite_.append_attribute("time") = "0.000";
    auto properties = suite_.append_child("properties");
    for (const auto& [name, value] : of.properties) {
      if (value.empty()) continue;
      auto p = properties.append_child("property");
      p.append_attribute("name") = name.c_str();
      p.append_attribute("value") = clean(value).c_str();
    }
  }

  /// kind: "", "failure", "error" or "skipped".
  void add(const std::string& name, const char* kind, const std::string& message, const std::string& type,
           const std::string& text) {
    const std::size_t same = static_cast<std::size_t>(std::count(names_.begin(), names_.end(), name));
    names_.push_back(name);
    auto test = suite_.append_child("testcase");
    test.append_attribute("name") = numbered(name, same).c_str();
    test.append_attribute("classname") = class_.c_str();
    test.append_attribute("time") = "0";
    ++tests_;
    if (*kind == '\0') return;
    (std::string_view(kind) == "failure" ? failures_ : std::string_view(kind) == "error" ? errors_ : skipped_) += 1;
    auto child = test.append_child(kind);
    child.append_attribute("message") = message.c_str();
    child.append_attribute("type") = type.c_str();
    if (!text.empty()) child.text() = text.c_str();
  }

  bool green() const { return failures_ == 0 && errors_ == 0 && tests_ > 0; }

  /// Writes the counts.
  void end() {
    suite_.attribute("tests") = tests_;
    suite_.attribute("failures") = failures_;
    suite_.attribute("errors") = errors_;
    if (skipped_ > 0) suite_.append_attribute("skipped") = skipped_;
  }

 private:
  pugi::xml_node suite_;
  std::string class_;
  std::vector<std::string> names_;
  int tests_ = 0, failures_ = 0, errors_ = 0, skipped_ = 0;
};

void add_decisions(Suite& suite, const RunOutcome& outcome) {
  for (const Decision& d : outcome.decisions) {
    const Measurement* m = d.measurement < outcome.measurements.size() ? &outcome.measurements[d.measurement] : nullptr;
    const bool limit = d.verdict == Verdict::fail || d.verdict == Verdict::indeterminate;
    if (d.verdict == Verdict::pass) {
      suite.add(case_name(d, m), "", "", "", "");
    } else {
      suite.add(case_name(d, m), limit ? "failure" : "error", message_of(d, m), name_of(d.verdict), decision_text(d));
    }
  }
}

/// Worst wins also here: no run without PASS may look green, and none that decided nothing.
void add_verdict(Suite& suite, Verdict verdict, const RunOutcome& outcome) {
  if (verdict == Verdict::error || verdict == Verdict::aborted || (suite.green() && verdict != Verdict::pass)) {
    const bool limit = verdict == Verdict::fail || verdict == Verdict::indeterminate;
    const std::string why = outcome.reason.empty() ? name_of(verdict) : clean(outcome.reason);
    const std::string first_line = why.substr(0, why.find('\n'));
    suite.add("run", limit ? "failure" : "error", first_line, name_of(verdict), why == first_line ? "" : why);
  } else if (outcome.decisions.empty()) {
    suite.add("run", "error", "nothing was decided", "nothing", "");
  }
}

}  // namespace

struct JUnitFile::Impl {
  pugi::xml_document document;
  pugi::xml_node root = begin(document);
  std::map<std::string, std::size_t> classes;  ///< how many suites of each there are
  Suite suite(const RunHeader& h, const std::string& mark, double duration_s) {
    return {root, h, mark, duration_s, classes[class_name(h)]++};
  }
};

JUnitFile::JUnitFile() : impl_(std::make_unique<Impl>()) {}
JUnitFile::~JUnitFile() = default;

void JUnitFile::add(const RunRecord& run) {
  Suite suite = impl_->suite(run.header, void_mark(run), run.outcome.duration_s);
  add_decisions(suite, run.outcome);
  if (run.standing.voided) {
    suite.add("record", "error", "declared void: " + clean(run.standing.voided->text), "void", "");
  }
  add_verdict(suite, counted_verdict(run), run.outcome);
  suite.end();
}

void JUnitFile::add(const RunHeader& header, const RunOutcome& outcome, const RecordState& record) {
  Suite suite = impl_->suite(header, void_mark(header), outcome.duration_s);
  add_decisions(suite, outcome);
  if (!record.durable) {
    suite.add("record", "error", "the record is not on disk, so there is no verdict: " + clean(record.error), "record",
              "");
  }
  add_verdict(suite, outcome.verdict, outcome);
  suite.end();
}

void JUnitFile::add_running(const RunHeader& header) {
  Suite suite = impl_->suite(header, void_mark(header), 0);
  suite.add("run", "error", kNotEnded, "running", "");
  suite.end();
}

void JUnitFile::add(const JUnitSuite& of) {
  Suite suite(impl_->root, of);
  for (const JUnitItem& item : of.items) {
    const char* kind = "error";
    if (item.kind == JUnitItem::Kind::passed) kind = "";
    if (item.kind == JUnitItem::Kind::expected) kind = "skipped";
    if (item.kind == JUnitItem::Kind::failed) kind = "failure";
    const std::string why = clean(item.message), first = why.substr(0, why.find('\n'));
    suite.add(clean(item.name), kind, first.empty() ? item.type : first, item.type, why == first ? "" : why);
  }
  suite.end();
}

std::string JUnitFile::text() const { return document_text(impl_->document); }

std::string junit_running_text(const RunHeader& header) {
  JUnitFile file;
  file.add_running(header);
  return file.text();
}

std::string junit_text(const RunHeader& header, const RunOutcome& outcome, const RecordState& record) {
  JUnitFile file;
  file.add(header, outcome, record);
  return file.text();
}

Result<void> write_junit_running(const std::filesystem::path& file, const RunHeader& header) {
  return replace_file(file, junit_running_text(header));
}

Result<void> write_junit(const std::filesystem::path& file, const RunHeader& header, const RunOutcome& outcome,
                         const RecordState& record) {
  return replace_file(file, junit_text(header, outcome, record));
}

}  // namespace penrig
