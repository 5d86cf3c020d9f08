#include "tools/penrig/terminal_view.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

#include <fmt/format.h>

#include "tools/penrig/introduction_text.hpp"

namespace penrig::cli {

std::string progress_text(const TerminalStyle& style, const Progress& progress) {
  const double share = std::isfinite(progress.fraction) ? std::clamp(progress.fraction, 0.0, 1.0) : 0;
  const std::size_t signs = style.columns >= 100 ? 40 : 16;
  const auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(signs)));
  std::string bar, strokes, left;
  for (std::size_t i = 0; i < signs; ++i) bar += i < full ? "━" : "╌";
  if (progress.strokes > 0) strokes = fmt::format(", stroke {} of {}", progress.stroke, progress.strokes);
  if (std::isfinite(progress.seconds_left))
    left = fmt::format("   {:.0f} s left", std::max(0.0, progress.seconds_left));
  const auto put_together = [&] {
    return shown(style,
                 fmt::format("{} {:3.0f} %   {}{}{}", bar, std::floor(share * 100), progress.label, strokes, left));
  };
  std::string text = put_together();
  // A line that reaches the last column wraps on some terminals, and then cannot be rewritten. What does not fit goes
  // whole: a number that was cut is another number.
  for (std::string* part : {&left, &bar, &strokes}) {
    if (width(text) < style.columns) break;
    part->clear();
    text = put_together();
  }
  std::size_t columns = 0, end = 0;
  while (end < text.size()) {
    const bool first = (static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80U;
    if (first && ++columns >= style.columns) break;
    ++end;
  }
  return text.substr(0, end);
}

void TerminalView::begin(const RunIntroduction& introduction) {
  scanned_ = introduction.serial_number;
  mode_ = introduction.mode;
  write(folded(style_, introduction_text(introduction), kLabelWidth));
}

void TerminalView::connected(const PenIdentity& pen, const DaqIdentity&) {
  if (pen_said_) return;  // a phase is repeated on a new connection
  pen_said_ = true;
  write(folded(style_, {pen_line(scanned_, pen)}, kLabelWidth));
  say_mode();
}

void TerminalView::say_mode() {
  if (mode_said_) return;
  mode_said_ = true;
  write(folded(style_, {labelled("mode", mode_)}, kLabelWidth));
}

void TerminalView::progress(const Progress& progress) {
  if (!style_.rewrites) return;
  const std::string text = progress_text(style_, progress);
  if (text == progress_shown_) return;
  if (!gap_said_) out_ << '\n';
  gap_said_ = true;
  out_ << '\r' << text << "\x1b[K" << std::flush;
  progress_shown_ = text;
}

void TerminalView::phase_done(const PhaseRecord& phase) {
  const std::vector<DeepestStroke> deepest = deepest_strokes({&phase, 1});
  deepest_.insert(deepest_.end(), deepest.begin(), deepest.end());
}

void TerminalView::event(const RunEvent& event) {
  if (event.kind == "safe-state") return;  // said once, beside the verdict
  if (event.kind == "prompt") {            // whoever asks shows the question
    erase_progress();
    gap_said_ = false;
    return;
  }
  std::string text = fmt::format("{:.1f} s, {}: {}", event.at_s, event.kind, event.text);
  if (event.latency_ms) text += fmt::format(" (safe state commanded after {:.1f} ms)", *event.latency_ms);
  erase_progress();
  std::string label = "event";
  for (std::string& part : wrap(style_, text, style_.columns - width(labelled("", "").front().text))) {
    write(labelled(label, std::move(part)));
    label.clear();
  }
  gap_said_ = false;
}

void TerminalView::end(const RunEnd& end) {
  erase_progress();
  say_mode();
  if (!gap_said_) out_ << '\n';
  write(result_text(style_, end, deepest_));
}

void TerminalView::erase_progress() {
  if (progress_shown_.empty()) return;
  out_ << "\r\x1b[K";
  progress_shown_.clear();
}

void TerminalView::write(const std::vector<Line>& lines) {
  for (const Line& line : lines) out_ << render(style_, line);
  out_ << std::flush;
}

void TerminalView::write(const Line& line) { write(std::vector<Line>{line}); }

}  // namespace penrig::cli
