#include "tools/penrig/slots_view.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "reports/counted.hpp"
#include "rig/spec/measurand.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/limit_picture.hpp"
#include "tools/penrig/terminal_view.hpp"

namespace penrig::cli {
namespace {

/// "D1, penetration, 2.5 mm at 9000/min: ...": why it is what it is, on one line.
std::string why(const RunResult& result, Verdict verdict) {
  const RunOutcome& outcome = result.outcome;
  if (verdict == Verdict::pass) {
    return fmt::format("{} of {}", outcome.decisions.size(), counted(outcome.decisions.size(), "decision"));
  }
  if (!outcome.deciding || *outcome.deciding >= outcome.decisions.size() || !result.record_durable)
    return outcome.reason;
  const Decision& decision = outcome.decisions[*outcome.deciding];
  const Measurement& m = outcome.measurements.at(decision.measurement);
  const MeasurandInfo* info = find_measurand(m.measurand);
  return fmt::format("{}, {}, {}: {}", decision.requirement_id,
                     info == nullptr ? decision.title : std::string(info->title), where(m, " at "), decision.reason);
}

}  // namespace

class SlotsView::Slot final : public RunView {
 public:
  Slot(SlotsView& all, std::string name, std::string serial)
      : slot(std::move(name)), pen(std::move(serial)), all_(all) {}

  void begin(const RunIntroduction& introduction) override { all_.introduce(introduction); }
  void connected(const PenIdentity&, const DaqIdentity&) override {}
  void progress(const Progress& progress) override {
    latest = progress;
    all_.redraw();
  }
  void phase_done(const PhaseRecord&) override {}
  void event(const RunEvent& event) override {
    if (event.kind != "safe-state" && event.kind != "start-pattern") all_.say(slot, event);
  }
  void end(const RunEnd& end) override {
    over = true;
    const RunResult& result = end.result;
    // The word PASS appears only once its record is on disk.
    verdict = result.verdict();
    reason = why(result, verdict);
    record = result.record_durable ? result.run_id : "NOT on disk";
    if (!result.run_id.empty() && !result.outcome.safe_state_confirmed)
      reason += "; safe state NOT confirmed by the sensors: look at the rig before you reach into it";
    if (!end.report_error.empty()) reason += "; the report was not written: " + end.report_error;
    all_.redraw();
  }

  std::string slot, pen;
  Progress latest;
  bool over = false;
  Verdict verdict = Verdict::error;
  std::string reason = "it did not run", record;

 private:
  SlotsView& all_;
};

SlotsView::SlotsView(std::ostream& out, TerminalStyle style, const std::vector<RunOptions>& each)
    : out_(out), style_(style) {
  for (const RunOptions& options : each) {
    slots_.push_back(std::make_unique<Slot>(*this, options.slot, options.serial_number));
  }
}

SlotsView::~SlotsView() = default;

RunView& SlotsView::of(std::size_t i) { return *slots_.at(i); }

void SlotsView::refused(const std::string& slot, const std::string&, const std::string& why_not) {
  for (const auto& s : slots_) {
    if (s->slot != slot) continue;
    s->over = true;
    s->reason = why_not;
    s->record = "none";
  }
}

void SlotsView::introduce(const RunIntroduction& introduction) {
  const std::string told = introduction.plan.name + '\n' + introduction.product.name;
  if (told == introduced_) return;
  introduced_ = told;
  erase();
  RigDescription rig = introduction.rig;
  rig.slots.resize(1);  // which slot it is does not belong here
  RunIntroduction of_all = {introduction.plan,
                            introduction.product,
                            rig,
                            introduction.counts,
                            introduction.planned_s,
                            introduction.serial_number,
                            introduction.slot,
                            introduction.mode,
                            introduction.calibrations,
                            introduction.passed_over,
                            introduction.void_as_certificate};
  for (const Line& line : introduction_text(of_all)) write(line);
  write(labelled("mode", introduction.mode));
}

void SlotsView::redraw() {
  if (!style_.rewrites) return;
  erase();
  constexpr std::size_t kHead = 18;
  TerminalStyle rest = style_;
  rest.columns = style_.columns > kHead + 20 ? style_.columns - kHead : style_.columns;
  for (const auto& s : slots_) {
    const std::string head = fmt::format("{:<3}{:<14} ", s->slot.substr(0, 3), s->pen.substr(0, 14));
    const std::string text = s->over ? shown(style_, fmt::format("{} {}", sign_of(s->verdict), name_of(s->verdict)))
                                     : progress_text(rest, s->latest);
    out_ << shown(style_, head) << text << "\x1b[K\n";
    ++lines_shown_;
  }
  out_ << std::flush;
}

void SlotsView::erase() {
  for (; lines_shown_ > 0; --lines_shown_) out_ << "\x1b[A\r\x1b[K";
}

void SlotsView::say(const std::string& slot, const RunEvent& event) {
  erase();
  std::string text = fmt::format("slot {}, {:.1f} s, {}: {}", slot, event.at_s, event.kind, event.text);
  if (event.latency_ms) text += fmt::format(" (safe state commanded after {:.1f} ms)", *event.latency_ms);
  std::string label = "event";
  for (std::string& part : wrap(style_, text, style_.columns - 9)) {
    write(labelled(label, std::move(part)));
    label.clear();
  }
  redraw();
}

void SlotsView::finish(const std::string& records) {
  erase();
  std::size_t pen_width = 3, slot_width = 4;
  for (const auto& s : slots_) {
    pen_width = std::max(pen_width, s->pen.size());
    slot_width = std::max(slot_width, s->slot.size());
  }
  write({});
  write({{fmt::format("  {:<{}}  {:<{}}  {:<15}  {:<12}", "slot", slot_width, "pen", pen_width, "verdict", "record"),
          Ink::label}});
  std::size_t passed = 0;
  const Slot* to_show = nullptr;
  for (const auto& s : slots_) {
    const std::string verdict = fmt::format("{} {}", sign_of(s->verdict), name_of(s->verdict));
    const std::size_t signs = 15 + verdict.size() - width(verdict);
    write({{fmt::format("  {:<{}}  {:<{}}  ", s->slot, slot_width, s->pen, pen_width)},
           {fmt::format("{:<{}}", verdict, signs), ink_of(s->verdict)},
           {fmt::format("  {:<12}", s->record)}});
    const std::size_t indent = 6 + slot_width;
    for (std::string& part : wrap(style_, s->reason, style_.columns - indent)) {
      write({{std::string(indent, ' ') + std::move(part)}});
    }
    passed += s->verdict == Verdict::pass ? 1U : 0U;
    const bool has_record = s->record.starts_with("R-");
    if (has_record && (to_show == nullptr || worst(to_show->verdict, s->verdict) != to_show->verdict))
      to_show = s.get();
  }
  write({});
  write(labelled("slots", fmt::format("{} of {} PASS, records in {}", passed, slots_.size(), records)));
  if (to_show != nullptr) {
    write(labelled("next", fmt::format("penrig records show {}{}", to_show->record,
                                       records == "records" ? "" : " --records " + shell_word(records))));
  }
}

void SlotsView::write(const Line& line) {
  for (const Line& part : folded(style_, {line}, kLabelWidth)) out_ << render(style_, part);
  out_ << std::flush;
}

}  // namespace penrig::cli
