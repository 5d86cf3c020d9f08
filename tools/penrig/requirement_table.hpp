#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rig/record/run_record.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// Which words stand for a decision: those of a run with a record (PASS), or those for a capture (inside;
/// word_for_capture).
enum class VerdictWords : std::uint8_t { of_record, of_capture };

/// One requirement with all its decisions, of which one stands for it: the worst, among equals the one nearest its
/// limit.
struct RequirementSummary {
  std::string id;
  std::vector<std::size_t> decisions;  ///< indices into RunOutcome::decisions, in their order
  std::size_t nearest = 0;             ///< one of them
};

/// Requirements in the order of their first decision.
std::vector<RequirementSummary> summarise(std::span<const Decision> decisions);

/// Requirements with their nearest setting: all that did not pass and, up to `rows_min` rows, those nearest their
/// limits; then how many more there are. Fits style.columns: `used` goes first, then `limit`, then all but the
/// worst verdict of a row; then titles are cut, and go.
/// Empty without decisions.
std::vector<Line> requirement_table(const TerminalStyle& style, const RunOutcome& outcome, std::size_t rows_min = 6,
                                    VerdictWords words = VerdictWords::of_record);

/// "2.5 mm, 9000/min", or "whole run".
std::string where(const Measurement& measurement, std::string_view between = ", ");

/// "✗ 1 FAIL  ◇ 1 INDET.  ✓ 13 PASS"; a single decision without its number.
Line verdict_counts(std::span<const Decision> all, std::span<const std::size_t> chosen,
                    VerdictWords words = VerdictWords::of_record);

}  // namespace penrig::cli
