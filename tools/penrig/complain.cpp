#include "tools/penrig/complain.hpp"

#include <spdlog/spdlog.h>

namespace penrig::cli {

ExitCode complain(const Error& error) {
  spdlog::error("{}", error.message);
  return exit_code_of(error.code);
}

}  // namespace penrig::cli
