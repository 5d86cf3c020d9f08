#include "rig/run/judge.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/decide.hpp"
#include "rig/record/attempts.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {
namespace {

bool judged_here(std::string_view id, const Plan& plan) {
  return std::find(plan.judge.begin(), plan.judge.end(), id) != plan.judge.end();
}

std::uint64_t settings_of(const Plan& plan) {
  const RigDescription any;
  const auto steps = lay_out(plan, any);
  return static_cast<std::uint64_t>(
      std::count_if(steps.begin(), steps.end(), [](const PlanStep& s) { return s.kind == PlanStep::Kind::setting; }));
}

std::string sentence(const RunOutcome& outcome, std::size_t index) {
  const Decision& d = outcome.decisions[index];
  const Measurement& m = outcome.measurements[d.measurement];
  std::string where;
  if (m.depth_mm && m.rate_per_min) where = " at " + setting_name(*m.depth_mm, *m.rate_per_min);
  return fmt::format("{} {}{}: {}", d.requirement_id, d.title, where, d.reason);
}

/// Which of the decisions from `first` on speaks for a depth: the one at that depth, else the first.
std::size_t decision_at(const RunOutcome& outcome, std::size_t first, double depth_mm) {
  for (std::size_t i = first; i < outcome.decisions.size(); ++i) {
    if (outcome.measurements[outcome.decisions[i].measurement].depth_mm == depth_mm) return i;
  }
  return first;
}

/// Free runs and link losses belong to no setting, but what came out too far there is a fault as well.
void hold_phases_in_air(const Requirement& requirement, const std::vector<PhaseRecord>& phases, std::size_t first,
                        RunOutcome& outcome) {
  if (!requirement.measurand->per_stroke || first >= outcome.decisions.size()) return;
  for (const PhaseRecord& phase : phases) {
    if ((phase.kind != "free-run" && phase.kind != "link-loss") || !phase.depth_mm) continue;
    hold_strokes_in_air(requirement, {phase.name, *phase.depth_mm, phase.strokes},
                        outcome.decisions[decision_at(outcome, first, *phase.depth_mm)]);
  }
}

/// How many decisions a requirement needs in this plan: one a setting, or one a run.
std::uint64_t decisions_due(const Requirement& requirement, const Plan& plan, std::uint64_t settings) {
  if (!judged_here(requirement.id, plan)) return 0;
  if (requirement.measurand->scope == MeasurandScope::setting) return settings;
  std::uint64_t link_losses = 0;
  for (const auto& phase : plan.phases) link_losses += std::holds_alternative<LinkLossPhase>(phase) ? 1U : 0U;
  return (requirement.measurand->yields & kFromLinkLoss) != 0 ? link_losses : 1;
}

}  // namespace

PlanCounts count_plan(const Plan& plan, const Product& product) {
  PlanCounts counts;
  counts.settings = settings_of(plan);
  for (const auto& requirement : product.requirements)
    counts.decisions += decisions_due(requirement, plan, counts.settings);
  return counts;
}

void judge(RunOutcome& outcome, std::vector<PhaseRecord>& phases, const std::vector<Measurement>& run_level,
           const Plan& plan, const Product& product) {
  outcome.measurements.clear();
  outcome.decisions.clear();
  std::vector<const PhaseRecord*> origin;
  for (auto& phase : phases) {
    if (superseded(phase, phases)) continue;  // it stays in the record, unjudged
    for (const auto& m : phase.measurements) {
      outcome.measurements.push_back(m);
      origin.push_back(&phase);
    }
  }
  for (const auto& m : run_level) {
    outcome.measurements.push_back(m);
    origin.push_back(nullptr);
  }

  const std::uint64_t settings = settings_of(plan);
  Verdict verdict = Verdict::not_judged;
  for (const auto& requirement : product.requirements) {
    const std::uint64_t due = decisions_due(requirement, plan, settings);
    const std::size_t first = outcome.decisions.size();
    std::uint64_t made = 0;
    for (std::size_t i = 0; i < origin.size() && due > 0; ++i) {
      Measurement& m = outcome.measurements[i];
      if (m.measurand != requirement.measurand->id) continue;
      // A free run carries no setting of the sweep: its numbers serve droop alone.
      if (origin[i] != nullptr && origin[i]->kind == "free-run") continue;
      std::span<const StrokeRow> strokes;
      if (origin[i] != nullptr) strokes = origin[i]->strokes;
      Decision d = decide(requirement, m, strokes);
      d.measurement = i;
      outcome.decisions.push_back(std::move(d));
      ++made;
    }
    for (; made < due; ++made) {
      Measurement missing;
      missing.measurand = requirement.measurand->id;
      missing.unit = requirement.measurand->unit;
      missing.note = "not measured";
      outcome.measurements.push_back(missing);
      origin.push_back(nullptr);
      Decision d;
      d.requirement_id = requirement.id;
      d.title = requirement.title;
      d.measurement = outcome.measurements.size() - 1;
      d.verdict = Verdict::error;
      d.reason = "not measured";
      outcome.decisions.push_back(std::move(d));
    }
    hold_phases_in_air(requirement, phases, first, outcome);
  }
  for (const Decision& d : outcome.decisions) verdict = worst(verdict, d.verdict);
  if (outcome.decisions.empty()) verdict = Verdict::error;
  outcome.deciding = deciding(outcome.decisions);
  outcome.verdict = verdict;
  if (outcome.decisions.empty()) {
    outcome.reason = "the plan judged nothing";
  } else if (verdict != Verdict::pass && outcome.deciding) {
    outcome.reason = sentence(outcome, *outcome.deciding);
  }
}

}  // namespace penrig
