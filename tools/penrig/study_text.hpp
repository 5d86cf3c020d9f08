#pragma once

#include <vector>

#include "reports/study/study_table.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// A study for a terminal: lead, tables, verdict. Details that do not fit fall away, what a row comes to never.
std::vector<Line> study_text(const TerminalStyle& style, const StudySummary& summary);

}  // namespace penrig::cli
