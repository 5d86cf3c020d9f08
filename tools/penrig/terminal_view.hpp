#pragma once

#include <iosfwd>

#include "tools/penrig/result_text.hpp"
#include "tools/penrig/run_view.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// A run as text for a person: what is about to happen, one progress line that is rewritten in place (none where that
/// is impossible), then the result in its place.
class TerminalView final : public RunView {
 public:
  /// @param out  outlives the view.
  TerminalView(std::ostream& out, TerminalStyle style) : out_(out), style_(style) {}

  void begin(const RunIntroduction& introduction) override;
  void connected(const PenIdentity& pen, const DaqIdentity& daq) override;
  void progress(const Progress& progress) override;
  void phase_done(const PhaseRecord& phase) override;
  void event(const RunEvent& event) override;
  void end(const RunEnd& end) override;

 private:
  void write(const std::vector<Line>& lines);
  void write(const Line& line);
  void erase_progress();
  void say_mode();

  std::ostream& out_;
  TerminalStyle style_;
  std::string scanned_, mode_;
  std::string progress_shown_;  ///< what stands in the progress line now
  bool pen_said_ = false, mode_said_ = false, gap_said_ = false;
  std::vector<DeepestStroke> deepest_;
};

/// "━━━━╌╌  78 %   2.0 mm at 9000/min, stroke 96 of 150   11 s left", cut to the terminal's width.
std::string progress_text(const TerminalStyle& style, const Progress& progress);

}  // namespace penrig::cli
