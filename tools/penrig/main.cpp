#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "tools/penrig/commands.hpp"

int main(int argc, char** argv) {
  // A reader that goes away (`penrig ... | head`) must not end a run before its safe state.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    // stdout belongs to results: what is said about the work itself goes to stderr.
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("penrig", std::move(sink)));
    spdlog::set_pattern("%n: %l: %v");
    return penrig::cli::command_line(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "penrig: something unexpected: %s\n", e.what());
  } catch (...) {
    std::fputs("penrig: something unexpected that does not say what it is\n", stderr);
  }
  return penrig::cli::to_int(penrig::cli::ExitCode::error);
}
