#include "rig/run/conclude.hpp"

#include <cmath>

#include <fmt/format.h>

#include "rig/measure/setting.hpp"
#include "rig/run/judge.hpp"

namespace penrig {
namespace {

constexpr double kMaxThermalGrowthMm = 0.010;

}  // namespace

void conclude(RunOutcome& outcome, std::vector<PhaseRecord>& phases, const RunFacts& facts, const Plan& plan,
              const Product& product) {
  std::vector<Measurement> whole_run = run_level(phases, facts.growth_mm);
  // A line through some of the settings is not what the product limits.
  if (facts.stopped) whole_run.clear();
  whole_run.insert(whole_run.end(), facts.told.begin(), facts.told.end());
  judge(outcome, phases, whole_run, plan, product);
  withhold_passes(outcome, facts.without);
  if (facts.stopped) {
    const bool aborted = facts.stopped->code == Errc::aborted;
    outcome.verdict = aborted ? Verdict::aborted : Verdict::error;
    outcome.reason = facts.stopped->message;
    outcome.deciding.reset();  // no measurement decided this
  } else if (facts.growth_mm && std::abs(*facts.growth_mm) > kMaxThermalGrowthMm) {
    outcome.verdict = Verdict::error;
    outcome.reason = fmt::format(
        "the needle zero moved by {:.1f} µm during the run, more than {:.0f} µm (let pen and bench warm up, check "
        "the clamp)",
        *facts.growth_mm * 1e3, kMaxThermalGrowthMm * 1e3);
  } else if (outcome.decisions.size() != facts.decisions_planned) {
    outcome.verdict = worst(outcome.verdict, Verdict::error);
    outcome.reason =
        fmt::format("{} decisions were due, {} were made", facts.decisions_planned, outcome.decisions.size());
  }
}

bool conclude_teardown(RunOutcome& outcome, bool safe_state_confirmed, const PhaseRecord& teardown) {
  if (safe_state_confirmed && teardown.error.empty()) return false;
  if (outcome.verdict < Verdict::error) outcome.reason = teardown.error;
  outcome.verdict = Verdict::error;
  return true;
}

std::vector<Correction> corrections_of_run(const Calibrations& calibrations, std::optional<double> temperature_c,
                                           const WithoutCorrections& without,
                                           const std::optional<ReferenceZero>& zero) {
  std::vector<Correction> corrections = list_corrections(calibrations, temperature_c, without);
  if (!zero) return corrections;
  Correction& of_zero = corrections[static_cast<std::size_t>(CorrectionKind::zero)];
  of_zero.value = zero->needle_zero_mm;
  of_zero.u = zero->u_mm;
  of_zero.unit = "mm";
  return corrections;
}

}  // namespace penrig
