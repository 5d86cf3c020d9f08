#pragma once

#include <chrono>
#include <string>

namespace penrig::cli {

/// Whether somebody can be asked: the standard input and stderr are terminals.
bool somebody_at_terminal();

/// Lines of the standard input, whatever it is: a terminal, a pipe, a file.
class TypedLines {
 public:
  enum class State { nothing, line, ended };

  /// Takes what is there, waiting for `at_most` of real time or a signal; into `line`, without blanks around it, if a
  /// whole one is there.
  State take(std::string& line, std::chrono::milliseconds at_most);

 private:
  bool next_line(std::string& line);
  std::string text_;
};

}  // namespace penrig::cli
