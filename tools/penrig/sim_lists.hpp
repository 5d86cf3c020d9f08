#pragma once

#include "tools/penrig/exit_code.hpp"

namespace penrig::cli {

/// What `penrig sim --list-defects` and `--list-faults` print.
ExitCode list_defects(bool json);
ExitCode list_faults(bool json);

}  // namespace penrig::cli
