#pragma once

#include <string>

namespace CLI {
class App;
}

namespace penrig::cli {

/// What of a command line that was refused no command takes: "unknown command 'rnu' (did you mean 'run'?)", "unknown
/// option '--jnuit' (did you mean '--junit'?)", "not expected: x.csv". Empty: all of it is known, and something else is
/// wrong.
std::string unknown_words(const CLI::App& app);

}  // namespace penrig::cli
