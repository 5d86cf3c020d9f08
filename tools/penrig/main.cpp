#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "rig/base/freed_memory.hpp"
#include "rig/base/result.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"

namespace {

/// Whoever closed stdin, stdout or stderr must not find its number on a serial port or on the record store. A closed
/// stdout takes nothing, as a full disk: what is said on it is lost.
void hold_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0) open(descriptor == STDOUT_FILENO ? "/dev/full" : "/dev/null", O_RDWR);
  }
}

/// True if something that was said is not on stdout: it is closed, or its disk is full. A reader that has seen enough
/// is no such case.
bool stdout_is_lost() {
  if (std::cout.flush()) return false;
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) < 0 || (out.revents & POLLERR) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  penrig::keep_freed_memory();
  hold_standard_streams();
  // A reader that goes away (`penrig ... | head`) must not end a run before its safe state.
  std::signal(SIGPIPE, SIG_IGN);
  // A file that must not grow (ulimit -f) is an error of that write, which ends in the safe state, not the end of it
  // all.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    // stdout belongs to results: what is said about the work itself goes to stderr.
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("penrig", std::move(sink)));
    spdlog::set_pattern("%n: %l: %v");
    const int code = penrig::cli::command_line(argc, argv);
    if (code != 0 || !stdout_is_lost()) return code;
    std::fputs("penrig: error: the standard output could not be written to its end (is it closed, or its disk full?)\n",
               stderr);
  } catch (const penrig::ErrorException& e) {
    return penrig::cli::to_int(penrig::cli::complain(e.error));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "penrig: something unexpected: %s\n", e.what());
  } catch (...) {
    std::fputs("penrig: something unexpected that does not say what it is\n", stderr);
  }
  return penrig::cli::to_int(penrig::cli::ExitCode::error);
}
