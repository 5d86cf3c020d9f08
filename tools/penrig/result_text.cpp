#include "tools/penrig/result_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "reports/interval_sum.hpp"
#include "reports/number_format.hpp"
#include "reports/value_text.hpp"
#include "rig/measure/judge_capture.hpp"
#include "rig/spec/measurand.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/requirement_table.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kAlsoMax = 3;

class Text {
 public:
  explicit Text(const TerminalStyle& style) : style_(style) {}

  void blank() { lines_.emplace_back(); }
  void line(Line line) { lines_.push_back(std::move(line)); }
  void paragraph(std::string_view text, std::size_t indent) {
    for (const std::string& part : wrap(style_, text, style_.columns - indent)) {
      lines_.push_back({{std::string(indent, ' ') + part}});
    }
  }
  /// "record   R-000391 …": wrapped under itself.
  void labelled(const std::string& label, std::string_view text) {
    std::string shown_label = label;
    shown_label.resize(kLabelWidth, ' ');
    for (const std::string& part : wrap(style_, text, style_.columns - kLabelWidth)) {
      lines_.push_back({{shown_label, Ink::label}, {part}});
      shown_label.assign(kLabelWidth, ' ');
    }
  }
  void add(std::vector<Line> more) {
    lines_.insert(lines_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  std::vector<Line> take() { return std::move(lines_); }

 private:
  const TerminalStyle& style_;
  std::vector<Line> lines_;
};

bool same_setting(const Measurement& m, const DeepestStroke& s) {
  return m.depth_mm == s.depth_mm && m.rate_per_min == s.rate_per_min;
}

/// "0.0924 of 0.1500 mm used, margin 0.0576 mm"; empty where the limit is not a tolerance around a middle.
std::string share_of_tolerance(const Decision& decision, const Measurement& m, int decimals) {
  if (!decision.lower || !decision.upper || !std::isfinite(decision.used)) return "";
  const double tolerance = (*decision.upper - *decision.lower) / 2;
  const double used = interval_sum(decision, m).value_or(decision.used * tolerance);
  std::string head =
      fmt::format("{} of {} {} used", format_number(used, decimals), format_number(tolerance, decimals), m.unit);
  if (used > tolerance) return head;
  return fmt::format("{}, margin {} {}", head, format_number(tolerance - used, decimals), m.unit);
}

/// "; 93.0 % likely to conform": after the reason for what did not pass, where a reader must weigh it.
std::string likelihood(const Decision& decision) {
  return decision.conformity ? fmt::format("; {} likely to conform", format_probability(*decision.conformity)) : "";
}

/// What a reader can check against the picture, for a limit that holds for every stroke.
void strokes_in_words(Text& text, const Decision& decision, const Measurement& m,
                      const std::vector<DeepestStroke>& deepest) {
  const int decimals = decimals_of_u(m.interval->u_sys > 0 ? m.interval->u_sys : m.expanded_u);
  if (m.strokes_beyond > 0) {
    std::string line = decision.reason;
    const auto named = [&](const DeepestStroke& s) {
      return same_setting(m, s) &&
             line.ends_with(fmt::format("{} {}", format_number(s.penetration_mm, decimals), m.unit));
    };
    if (const auto worst = std::ranges::find_if(deepest, named); worst != deepest.end()) {
      line += fmt::format(", U {} {}", format_number(worst->expanded_u_mm, decimals), m.unit);
    }
    text.paragraph(line + likelihood(decision), 4);
    return;
  }
  const std::string share = share_of_tolerance(decision, m, decimals);
  text.paragraph(
      fmt::format("strokes {} … {} {}{}", format_number(m.interval->low, decimals),
                  format_number(m.interval->high, decimals), m.unit, share.empty() ? "" : "; with U " + share),
      4);
}

void value_in_words(Text& text, const Decision& decision, const Measurement& m) {
  const int decimals = m.expanded_u > 0 ? decimals_of_u(m.expanded_u) : 0;
  std::string line = fmt::format("{} {}", value_text(m), m.unit == "1" ? "" : m.unit);
  while (line.ends_with(' ')) line.pop_back();
  line += ", limit " + decision.limit_text;
  const bool has_unit = m.unit == "1" || m.unit.empty() || decision.limit_text.ends_with('%');
  if (!has_unit) line += " " + m.unit;
  const std::string share = share_of_tolerance(decision, m, decimals);
  if (!share.empty()) line += "; " + share;
  text.paragraph(line, 4);
}

/// The other decisions of the same requirement that did not pass.
void also(Text& text, const RunOutcome& outcome, std::size_t deciding, VerdictWords words) {
  const Decision& first = outcome.decisions[deciding];
  std::size_t shown_count = 0, hidden = 0;
  for (std::size_t i = 0; i < outcome.decisions.size(); ++i) {
    const Decision& d = outcome.decisions[i];
    if (i == deciding || d.verdict == Verdict::pass || d.requirement_id != first.requirement_id) continue;
    if (shown_count++ >= kAlsoMax) {
      ++hidden;
      continue;
    }
    const std::string reason = d.reason.empty() ? d.rule : d.reason;
    text.paragraph(fmt::format("also {} at {}: {}{}",
                               words == VerdictWords::of_record ? name_of(d.verdict) : word_for_capture(d.verdict),
                               where(outcome.measurements.at(d.measurement), ", "), reason, likelihood(d)),
                   4);
  }
  if (hidden > 0) text.paragraph(fmt::format("and {} more settings of {}", hidden, first.requirement_id), 4);
}

std::string count_line(const RunOutcome& outcome) {
  std::string line;
  const auto count = [&](Verdict v) { return std::ranges::count(outcome.decisions, v, &Decision::verdict); };
  if (count(Verdict::pass) == static_cast<std::ptrdiff_t>(outcome.decisions.size())) {
    return fmt::format("{} of {}", outcome.decisions.size(), counted(outcome.decisions.size(), "decision"));
  }
  for (const Verdict v : {Verdict::error, Verdict::aborted, Verdict::fail, Verdict::indeterminate, Verdict::pass}) {
    if (count(v) > 0) line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count(v), name_of(v));
  }
  return fmt::format("{} of {}", line, counted(outcome.decisions.size(), "decision"));
}

bool has_value(const RunOutcome& outcome, const Decision& decision) {
  const Measurement& m = outcome.measurements.at(decision.measurement);
  return m.value || !m.text_value.empty();
}

void verdict_line(Text& text, const RunEnd& end) {
  const RunOutcome& outcome = end.result.outcome;
  // The rule of the house: the word PASS appears only once its record is on disk.
  const bool lost = !end.result.record_durable;
  const Verdict verdict = lost ? worst(outcome.verdict, Verdict::error) : outcome.verdict;
  std::string rest = "   " + end.serial_number;
  const bool judged = verdict == Verdict::pass || verdict == Verdict::fail || verdict == Verdict::indeterminate;
  if (judged && !outcome.decisions.empty()) rest += "   " + count_line(outcome);
  text.line({{fmt::format("{} {}", sign_of(verdict), name_of(verdict)), ink_of(verdict)}, {rest}});
  if (!judged) text.paragraph(outcome.reason, 2);
  if (!judged && !lost && !outcome.decisions.empty() && !worth_a_table(outcome)) {
    const auto measured =
        std::ranges::count_if(outcome.decisions, [&](const Decision& d) { return has_value(outcome, d); });
    const bool in_report = measured > 0 && !end.report_path.empty() && end.report_error.empty();
    text.paragraph(fmt::format("{} of {} had been measured by then{}", measured,
                               counted(outcome.decisions.size(), "decision"), in_report ? "; the report has them" : ""),
                   2);
  }
  // Everything but the withdrawal and stop of a good ending is worth a look before a hand goes in.
  const bool began = !end.result.run_id.empty();
  if (began && !outcome.safe_state_confirmed) {
    text.paragraph("safe state NOT confirmed by the sensors: look at the rig before you reach into it", 2);
  } else if (began && !judged) {
    text.paragraph("safe state confirmed: pen stopped, stage withdrawn", 2);
  }
}

void record_lines(Text& text, const RunEnd& end) {
  const RunResult& result = end.result;
  std::string directory = end.records_directory;
  if (!directory.ends_with('/')) directory += '/';
  if (result.record_durable) {
    const std::string iso = format_iso8601(end.on_disk_utc_ns);  // 2026-11-20T09:42:00.417Z
    text.labelled("record", fmt::format("{} in {}, on disk at {} UTC", result.run_id, directory, iso.substr(11, 12)));
  } else {
    text.labelled("record", fmt::format("NOT on disk, so nothing that was measured counts: {}",
                                        result.record_error.empty() ? "no record was opened" : result.record_error));
  }
  if (!end.report_error.empty()) {
    text.labelled("report", "not written: " + end.report_error);
  } else if (!end.report_path.empty()) {
    text.labelled("report", end.report_path);
  }
}

std::string records_option(const std::string& directory) {
  return directory == "records" ? "" : " --records " + shell_word(directory);
}

void next_lines(Text& text, const RunEnd& end) {
  const RunResult& result = end.result;
  if (result.run_id.empty()) return;
  if (!end.report_path.empty() && end.report_error.empty()) {
    text.labelled("next",
                  fmt::format("penrig records show {}{}", result.run_id, records_option(end.records_directory)));
  } else if (result.record_durable) {
    text.labelled("next", report_command_line(result.run_id, end.records_directory));
  } else {
    text.labelled("next", "make room or mend the directory, then run again");
  }
}

}  // namespace

std::string report_command_line(const std::string& run_id, const std::string& records_directory) {
  return fmt::format("penrig report {} --html {}.html{}", run_id, run_id, records_option(records_directory));
}

bool worth_a_table(const RunOutcome& outcome) {
  const auto measured =
      std::ranges::count_if(outcome.decisions, [&](const Decision& d) { return has_value(outcome, d); });
  return measured > 0 && 2 * static_cast<std::size_t>(measured) >= outcome.decisions.size();
}

std::vector<DeepestStroke> deepest_strokes(std::span<const PhaseRecord> phases) {
  std::vector<DeepestStroke> all;
  for (const PhaseRecord& phase : phases) {
    const auto worst = std::ranges::max_element(phase.strokes, {}, &StrokeRow::penetration_mm);
    if (worst == phase.strokes.end() || !phase.depth_mm) continue;
    all.push_back({phase.depth_mm, phase.rate_per_min, worst->penetration_mm, 2 * worst->u_penetration_mm});
  }
  return all;
}

std::vector<Line> decided_by(const TerminalStyle& style, const RunOutcome& outcome,
                             const std::vector<DeepestStroke>& deepest, VerdictWords words) {
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return {};
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const Measurement& m = outcome.measurements.at(decision.measurement);
  const MeasurandInfo* info = find_measurand(m.measurand);

  Text text(style);
  std::string head = fmt::format("decided by {}, {}, {}", decision.requirement_id,
                                 info == nullptr ? decision.title : std::string(info->title), where(m, " at "));
  if (m.interval) head += " (99\u00a0% of strokes, 95\u00a0% confidence)";
  text.paragraph(head, 2);
  std::vector<Line> picture = limit_picture(decision, m);
  // One that wraps shows nothing.
  const auto fits = [&](const Line& line) {
    std::size_t taken = 0;
    for (const Span& span : line) taken += width(shown(style, span.text));
    return taken <= style.columns;
  };
  if (!std::ranges::all_of(picture, fits)) picture.clear();
  if (!picture.empty()) text.blank();
  text.add(std::move(picture));
  if (m.interval && m.value) {
    strokes_in_words(text, decision, m, deepest);
  } else if (m.value && !decision.limit_text.empty()) {
    value_in_words(text, decision, m);
  }
  const bool said = m.interval && m.strokes_beyond > 0;
  if (decision.verdict != Verdict::pass && !said) text.paragraph(decision.reason + likelihood(decision), 4);
  also(text, outcome, *outcome.deciding, words);
  return text.take();
}

std::vector<Line> result_text(const TerminalStyle& style, const RunEnd& end,
                              const std::vector<DeepestStroke>& deepest) {
  Text text(style);
  const RunOutcome& outcome = end.result.outcome;
  if (worth_a_table(outcome) && end.result.record_durable) {
    text.add(requirement_table(style, outcome));
    text.blank();
    std::vector<Line> deciding = decided_by(style, outcome, deepest);
    if (!deciding.empty()) {
      text.add(std::move(deciding));
      text.blank();
    }
  }
  verdict_line(text, end);
  text.blank();
  record_lines(text, end);
  next_lines(text, end);
  return text.take();
}

}  // namespace penrig::cli
