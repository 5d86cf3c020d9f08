#pragma once

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace penrig::ble::fake {

/// A bus daemon of its own; for as long as it lives it is the system bus of this process and of those that it starts.
class PrivateBus {
 public:
  PrivateBus() {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) return;
    daemon_ = ::fork();
    if (daemon_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      ::dup2(pipe_ends[1], 3);
      ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);  // it may not set its own limits, and says so
      for (int fd = 4; fd < 64; ++fd) ::close(fd);
      const std::string config = "--config-file=" PENRIG_SOURCE_DIR "/tests/ble/private-bus.conf";
      ::execlp("dbus-daemon", "dbus-daemon", config.c_str(), "--nofork", "--print-address=3", nullptr);
      ::_exit(127);
    }
    ::close(pipe_ends[1]);
    std::array<char, 512> text{};
    const ssize_t count = ::read(pipe_ends[0], text.data(), text.size() - 1);
    ::close(pipe_ends[0]);
    if (count > 0) address_.assign(text.data(), static_cast<std::size_t>(count));
    while (!address_.empty() && address_.back() == '\n') address_.pop_back();
    ::setenv(kVariable, address_.c_str(), 1);
  }
  ~PrivateBus() {
    ::unsetenv(kVariable);
    stop();
  }
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;

  bool runs() const { return !address_.empty(); }
  const std::string& address() const { return address_; }
  /// The daemon takes connections, and answers nobody.
  void hang() const { ::kill(daemon_, SIGSTOP); }
  /// The daemon dies, as in a crash.
  void stop() {
    if (daemon_ <= 0) return;
    ::kill(daemon_, SIGKILL);
    ::waitpid(daemon_, nullptr, 0);
    daemon_ = -1;
  }

 private:
  static constexpr const char* kVariable = "DBUS_SYSTEM_BUS_ADDRESS";
  pid_t daemon_ = -1;
  std::string address_;
};

}  // namespace penrig::ble::fake
