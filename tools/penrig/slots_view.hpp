#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "tools/penrig/commands.hpp"
#include "tools/penrig/run_view.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// Runs in several slots as text for a person: what is about to happen once, a line a slot that is rewritten in place
/// (none where that is impossible), and all verdicts at the end, in the order of the slots.
class SlotsView {
 public:
  /// @param out  outlives the view.
  SlotsView(std::ostream& out, TerminalStyle style, const std::vector<RunOptions>& each);
  ~SlotsView();

  /// Of the slot that is i-th among `each`.
  RunView& of(std::size_t i);
  /// The slot's run was not begun.
  void refused(const std::string& slot, const std::string& serial_number, const std::string& why);
  /// The verdicts.
  void finish(const std::string& records);

 private:
  class Slot;
  friend class Slot;
  void introduce(const RunIntroduction& introduction);
  void redraw();
  void erase();
  void say(const std::string& slot, const RunEvent& event);
  void write(const Line& line);

  std::ostream& out_;
  TerminalStyle style_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::string introduced_;       ///< plan and product that were told last
  std::size_t lines_shown_ = 0;  ///< of the block that is rewritten
};

}  // namespace penrig::cli
