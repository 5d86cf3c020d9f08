#pragma once

#include <string>
#include <vector>

#include "tools/penrig/terminal.hpp"
#include "tools/swarm/summary.hpp"

namespace penrig::cli {

/// What a person reads at the end: whether an invariant broke, the risks, and defects against verdicts.
/// @param repeat  the command that runs one seed again, without its `--seeds`.
std::vector<Line> swarm_text(const TerminalStyle& style, const swarm::Summary& summary, double took_s,
                             const std::string& repeat);

/// "1,240 of 100,000 seeds, 96 a second, 0 broken"
std::string swarm_progress(const TerminalStyle& style, const swarm::Summary& summary, std::uint64_t planned,
                           double took_s);

}  // namespace penrig::cli
