#include "tools/penrig/typed_lines.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <poll.h>
#include <unistd.h>

#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kLongestText = 20'000;  ///< nobody types that

}  // namespace

TypedLines::State TypedLines::take(std::string& line, std::chrono::milliseconds at_most) {
  if (next_line(line)) return State::line;
  pollfd in{STDIN_FILENO, POLLIN, 0};
  const int ready = ::poll(&in, 1, static_cast<int>(at_most.count()));
  if (ready <= 0) return State::nothing;
  std::array<char, 512> part;
  const ssize_t got = ::read(STDIN_FILENO, part.data(), part.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN ? State::nothing : State::ended;
  if (got == 0) return State::ended;
  text_.append(part.data(), static_cast<std::size_t>(got));
  if (text_.size() > kLongestText) return State::ended;
  return next_line(line) ? State::line : State::nothing;
}

bool TypedLines::next_line(std::string& line) {
  const std::size_t end = text_.find('\n');
  if (end == std::string::npos) return false;
  line = text_.substr(0, end);
  text_.erase(0, end + 1);
  const std::size_t last = line.find_last_not_of(" \t\r");
  line.erase(last == std::string::npos ? 0 : last + 1);
  line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
  return true;
}

void say_at_terminal(const std::string& text) {
  std::fputs(shown(detect_style(STDERR_FILENO), text).c_str(), stderr);
  std::fflush(stderr);
}

bool somebody_at_terminal() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

}  // namespace penrig::cli
