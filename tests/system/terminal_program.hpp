#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace penrig::test {

/// The built `penrig` in a terminal of its own, whose keys the test presses and which it may close.
class TerminalProgram {
 public:
  TerminalProgram(const std::vector<std::string>& arguments, const std::string& folder);
  ~TerminalProgram();
  TerminalProgram(const TerminalProgram&) = delete;
  TerminalProgram& operator=(const TerminalProgram&) = delete;

  /// What stands on the screen so far; waits until `text` is in it.
  bool wait_for(const std::string& text, int at_most_ms);
  void press(const std::string& keys) const;
  /// The window is closed: a hang-up for everything in it.
  void close_window();
  /// Reads on until it ends. The exit code, -1 when the time was up, 128 + signal; 1000 when it was stopped.
  int wait_for_exit(int at_most_ms);
  const std::string& screen() const { return screen_; }

 private:
  bool read_more(int at_most_ms);

  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string screen_;
};

}  // namespace penrig::test
