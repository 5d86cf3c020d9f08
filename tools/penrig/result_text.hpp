#pragma once

#include <optional>
#include <span>
#include <vector>

#include "tools/penrig/requirement_table.hpp"
#include "tools/penrig/run_view.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// The stroke that went deepest at one setting, kept for the sentence that names it.
struct DeepestStroke {
  std::optional<double> depth_mm, rate_per_min;
  double penetration_mm = 0;
  double expanded_u_mm = 0;  ///< k = 2
};

/// One a phase that has strokes and a depth setting.
std::vector<DeepestStroke> deepest_strokes(std::span<const PhaseRecord> phases);

/// Whether decisions say something: after an early end most of them only say that nothing was measured.
bool worth_a_table(const RunOutcome& outcome);

/// All that takes the progress line's place: requirements, what decided, verdict, record, report, what to do next.
std::vector<Line> result_text(const TerminalStyle& style, const RunEnd& end, const std::vector<DeepestStroke>& deepest);

/// What writes a run's report again: "penrig report R-000391 --html R-000391.html".
std::string report_command_line(const std::string& run_id, const std::string& records_directory);

/// The part that says what decided: the rule's name, the limit picture, the numbers in words, the reason with the
/// probability of conformity.
std::vector<Line> decided_by(const TerminalStyle& style, const RunOutcome& outcome,
                             const std::vector<DeepestStroke>& deepest, VerdictWords words = VerdictWords::of_record);

}  // namespace penrig::cli
