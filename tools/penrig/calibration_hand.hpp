#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "fixtures/sim/bench.hpp"
#include "rig/calibrate/live_series.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// Where the guidance of a series goes: a file, in a style. The worker that keeps points and the event loop both write:
/// it may be used from any thread.
class Guide {
 public:
  Guide(std::FILE* file, const TerminalStyle& style) : file_(file), style_(style) {}
  void line(const Line& line);
  /// Without an end of line: somebody answers behind it.
  void prompt(const std::string& text);
  /// The answer came; where nobody saw it being typed, it is shown.
  void answered(const std::string& text, bool typed);
  /// Ends the line of a prompt that was never answered.
  void end_prompt();

 private:
  void end_prompt_locked();

  std::mutex mutex_;
  std::FILE* file_;
  TerminalStyle style_;
  bool prompting_ = false;
};

/// What a hand works with. All references outlive it.
struct HandSetting {
  Timeline& timeline;
  StopRequest& stop;
  std::function<void()> look_for_signals;
  const CalibrationTarget& target;
  const RigDescription& rig;
  Guide& guide;
  sim::Bench* bench = nullptr;  ///< a simulated one in this process, on which the value is put as well
};

/// A person at the terminal, or lines of a script on the standard input: an empty line takes the planned value (on a
/// simulated bench, what its reference reads), a number is what is applied in fact or what the reference reads, s
/// leaves the point out, q ends the series, as does the end of the input. Waits half an hour at most.
std::unique_ptr<CalibrationHand> make_person(HandSetting setting);

/// The simulated bench's own hand: every planned value is applied as it stands, nobody is asked. A reading that does
/// not come to rest ends the series.
std::unique_ptr<CalibrationHand> make_simulated_hand(HandSetting setting);

}  // namespace penrig::cli
