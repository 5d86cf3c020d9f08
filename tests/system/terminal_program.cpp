#include "tests/system/terminal_program.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

namespace penrig::test {

TerminalProgram::TerminalProgram(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> words{PENRIG_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  winsize size{40, 160, 0, 0};
  pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("no terminal");
  if (pid_ > 0) return;
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::setenv("NO_COLOR", "1", 1);
  ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

TerminalProgram::~TerminalProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (terminal_ >= 0) ::close(terminal_);
}

bool TerminalProgram::read_more(int at_most_ms) {
  pollfd screen{terminal_, POLLIN, 0};
  if (terminal_ < 0 || ::poll(&screen, 1, at_most_ms) <= 0) return false;
  char buffer[4096];
  const ssize_t n = ::read(terminal_, buffer, sizeof buffer);
  if (n <= 0) {  // EIO: nobody has it open any more, and poll() would say so at once each time
    close_window();
    return false;
  }
  screen_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

bool TerminalProgram::wait_for(const std::string& text, int at_most_ms) {
  while (screen_.find(text) == std::string::npos) {
    if (!read_more(at_most_ms)) return false;
  }
  return true;
}

void TerminalProgram::press(const std::string& keys) const {
  if (::write(terminal_, keys.data(), keys.size()) < 0) throw std::runtime_error("the terminal takes no keys");
}

void TerminalProgram::close_window() {
  ::close(terminal_);
  terminal_ = -1;
}

int TerminalProgram::wait_for_exit(int at_most_ms) {
  constexpr int kLookMs = 20;
  for (int waited_ms = 0; waited_ms <= at_most_ms;) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG | WUNTRACED) == pid_) {
      if (WIFSTOPPED(status)) return 1000;
      while (read_more(0)) {
      }
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (read_more(kLookMs)) continue;
    if (terminal_ < 0) ::poll(nullptr, 0, kLookMs);
    waited_ms += kLookMs;
  }
  return -1;
}

}  // namespace penrig::test
