#pragma once

#include <chrono>
#include <string>

namespace penrig::cli {

/// Whether somebody can be asked: the standard input and stderr are terminals.
bool somebody_at_terminal();

/// Shows the text on stderr at once and does not end its line: a question, and its answer behind it.
void say_at_terminal(const std::string& text);

/// Lines of the standard input, whatever it is: a terminal, a pipe, a file.
class TypedLines {
 public:
  enum class State { nothing, line, ended };
  /// What take() waits at most where something must be looked after meanwhile: a signal, a stop.
  static constexpr std::chrono::milliseconds kLook{100};

  /// Takes what is there, waiting for `at_most` of real time or a signal; into `line`, without blanks around it, if a
  /// whole one is there.
  State take(std::string& line, std::chrono::milliseconds at_most);

 private:
  bool next_line(std::string& line);
  std::string text_;
};

}  // namespace penrig::cli
