#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "rig/record/run_record.hpp"

namespace penrig {

/// A run as JSON, for `records show --json` and for whoever reads records with a program. The order of keys is fixed,
/// keys carry their units, the same record gives the same bytes. A number that is not finite is the string "NaN",
/// "Infinity" or "-Infinity": never null, which means "not there", and never 0. Documents come with hash and size, not
/// with their bytes and not with the path that the user wrote. What a record of an older version does not say is null:
/// a line's input, the probabilities of a decision, the list of corrections.
///
/// In format 2 nothing large stands twice. A measurement of the whole run that stands in a phase as well is
/// {"phase":2,"measurement":7}, what it is in `phases`; a budget is the list of its lines' numbers in `budget_lines`;
/// and what a waveform's analysis was given of calibrations has its number in `calibration_inputs`. In format 1, which
/// older records keep for good, all of that stands where it belongs.
nlohmann::ordered_json record_json(const RunRecord& run);

/// One measurement, decision, event alone, as they stand within a run: for `--json` output while it goes on.
nlohmann::ordered_json measurement_json(const Measurement& measurement);
nlohmann::ordered_json decision_json(const Decision& decision);
nlohmann::ordered_json event_json(const RunEvent& event);

/// The bytes that `penrig records show RUN --json` prints: one line and a line feed. Their SHA-256 stands in the
/// report.
std::string record_json_text(const RunRecord& run);

/// What is large in a phase, as it stands in that text.
struct PhaseText {
  std::string strokes, traces_sha256;
};
PhaseText phase_text(const PhaseRecord& phase);
/// The same bytes, where that was written before.
/// @param large  of all phases, whose own strokes and traces are not looked at.
std::string record_json_text(const RunRecord& run, std::span<const PhaseText> large);

}  // namespace penrig
