#include "tests/system/program.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace penrig::test {

Program::Program(const std::vector<std::string>& arguments, const std::string& folder, const std::string& input) {
  int in[2], out[2], err[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  std::vector<std::string> words{PENRIG_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& w : words) argv.push_back(w.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::dup2(in[0], STDIN_FILENO);
    ::setenv("NO_COLOR", "1", 1);
    ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  // A pipe holds 64 kB: nobody has to read yet.
  const bool written = ::write(in[1], input.data(), input.size()) == static_cast<ssize_t>(input.size());
  ::close(in[1]);
  if (!written) throw std::runtime_error("the program's input was not written");
  out_fd_ = out[0];
  err_fd_ = err[0];
}

Program::~Program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) ::close(out_fd_);
  if (err_fd_ >= 0) ::close(err_fd_);
}

bool Program::read_more(int at_most_ms) {
  pollfd fds[2] = {{out_fd_, POLLIN, 0}, {err_fd_, POLLIN, 0}};
  if (out_fd_ < 0 && err_fd_ < 0) return false;
  if (::poll(fds, 2, at_most_ms) <= 0) return false;
  for (int i = 0; i < 2; ++i) {
    if ((fds[i].revents & (POLLIN | POLLHUP)) == 0) continue;
    char buffer[65536];
    int& fd = i == 0 ? out_fd_ : err_fd_;
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n > 0) {
      (i == 0 ? out_ : err_).append(buffer, static_cast<std::size_t>(n));
    } else {
      ::close(fd);
      fd = -1;
    }
  }
  return true;
}

bool Program::wait_for_output(const std::string& text, int at_most_ms) {
  while (out_.find(text) == std::string::npos) {
    if (!read_more(at_most_ms)) return false;
  }
  return true;
}

bool Program::wait_for_error(const std::string& text, int at_most_ms) {
  while (err_.find(text) == std::string::npos) {
    pollfd err{err_fd_, POLLIN, 0};
    if (err_fd_ < 0 || ::poll(&err, 1, at_most_ms) <= 0) return false;
    char buffer[4096];
    const ssize_t n = ::read(err_fd_, buffer, sizeof buffer);
    if (n <= 0) return false;
    err_.append(buffer, static_cast<std::size_t>(n));
  }
  return true;
}

void Program::leave_output() {
  ::close(out_fd_);
  out_fd_ = -1;
}

void Program::leave_error() {
  ::close(err_fd_);
  err_fd_ = -1;
}

void Program::clog_output() const {
  ::fcntl(out_fd_, F_SETPIPE_SZ, 4096);
  const std::string its_end = "/proc/" + std::to_string(pid_) + "/fd/1";
  const int fd = ::open(its_end.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("its output cannot be clogged");
  while (::write(fd, ".", 1) == 1) {
  }
  ::close(fd);
}

int Program::wait_for_exit(int at_most_ms) {
  while (read_more(at_most_ms)) {
  }
  if (out_fd_ >= 0 || err_fd_ >= 0) return -1;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Program::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

Finished run_program(const std::vector<std::string>& arguments, const std::string& folder, const std::string& input) {
  Program program(arguments, folder, input);
  const int exit_code = program.wait_for_exit(120'000);
  return {exit_code, program.out(), program.err()};
}

}  // namespace penrig::test
