#pragma once

#include "rig/base/result.hpp"
#include "tools/penrig/exit_code.hpp"

namespace penrig::cli {

/// Says what went wrong on stderr. @return the exit code of a command that ends by it.
ExitCode complain(const Error& error);

}  // namespace penrig::cli
