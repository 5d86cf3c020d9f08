#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/penrig/run_view.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// What is about to happen: plan, product and rig, a line each.
std::vector<Line> introduction_text(const RunIntroduction& introduction);

/// A line for each filed calibration that is measured with, and for each that is not, with the reason.
std::vector<Line> filed_lines(const std::vector<Calibration>& used, const std::vector<std::string>& passed_over);

/// "eol-pro rev 4: 15 settings, 150 strokes each, about 48 s"
std::string plan_line(const Plan& plan, const PlanCounts& counts, double planned_s);
/// "pen-pro rev 3: 13 requirements, 55 decisions, guard band w = U"
std::string product_line(const Product& product, const Plan& plan, const PlanCounts& counts);

/// Who answered, beside what was scanned: the two may differ, and then the run ends in ERROR.
Line pen_line(const std::string& scanned, const PenIdentity& pen);

inline constexpr std::size_t kLabelWidth = 9;  ///< columns of a label and the blanks behind it

/// "plan     …": a grey label of fixed width, then the text.
Line labelled(const std::string& label, std::string text);

}  // namespace penrig::cli
