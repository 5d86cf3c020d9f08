#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rig/measure/corrections.hpp"
#include "rig/measure/touch.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"

namespace penrig {

/// What a verdict hangs on beside what the phases hold.
struct RunFacts {
  std::optional<double> growth_mm;  ///< needle zero after the run minus before
  std::vector<Measurement> told;    ///< of the link, and what the pen says of itself: not from samples
  std::optional<Error> stopped;     ///< why it ended early
  std::uint64_t decisions_planned = 0;
  WithoutCorrections without;
};

/// Run level, decisions and verdict from the phases. Thermal growth enters the phases' own U, in place. Fills
/// measurements, decisions, deciding, verdict and reason of the outcome.
void conclude(RunOutcome& outcome, std::vector<PhaseRecord>& phases, const RunFacts& facts, const Plan& plan,
              const Product& product);

/// What the teardown makes of the verdict, where a bench was reached. A device that did not do what it asked for is not
/// one to believe, whatever it said before: an ERROR, with that reason unless there is one as bad already.
/// @param teardown  the last phase.
/// @return whether it stood in the way.
bool conclude_teardown(RunOutcome& outcome, bool safe_state_confirmed, const PhaseRecord& teardown);

/// What was corrected, by how much. zero: of the needles, before the run, by all that is known.
std::vector<Correction> corrections_of_run(const Calibrations& calibrations, std::optional<double> temperature_c,
                                           const WithoutCorrections& without, const std::optional<ReferenceZero>& zero);

}  // namespace penrig
