#include "rig/run/judge.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/decide.hpp"
#include "rig/record/attempts.hpp"
#include "rig/run/decide_missing.hpp"
#include "rig/run/judge_answer.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {
namespace {

bool judged_here(std::string_view id, const Plan& plan) {
  return std::find(plan.judge.begin(), plan.judge.end(), id) != plan.judge.end();
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

/// Free runs and link losses belong to no setting, but what came out too far there is a fault as well, also in an
/// attempt that was repeated.
void hold_phases_in_air(const Requirement& requirement, const std::vector<PhaseRecord>& phases, std::size_t first,
                        RunOutcome& outcome) {
  if (!requirement.measurand->per_stroke || first >= outcome.decisions.size()) return;
  for (const PhaseRecord& phase : phases) {
    if ((phase.kind != "free-run" && phase.kind != "link-loss") || !phase.depth_mm) continue;
    hold_strokes_in_air(requirement, {phase.name, *phase.depth_mm, phase.strokes},
                        outcome.decisions[decision_at(outcome, first, *phase.depth_mm)]);
  }
}

/// The links over which a step of the plan asks the pen.
std::set<PenLink> links_of(const PlanStep& step, PenLink first) {
  std::set<PenLink> links{step.via.value_or(first)};
  if (step.watched) links.insert(other_than(*links.begin()));
  return links;
}

/// How many decisions a requirement needs in this plan: one a setting, one a phase of its kind, or one a run; of what
/// each link has of its own one a link that is meant. One that is judged needs one at least: what is never measured is
/// no PASS.
/// @param steps  of the plan.
std::uint64_t decisions_due(const Requirement& requirement, const Plan& plan, std::span<const PlanStep> steps,
                            PenLink first) {
  if (!judged_here(requirement.id, plan)) return 0;
  using Kind = PlanStep::Kind;
  const MeasurandInfo& info = *requirement.measurand;
  std::uint64_t settings = 0, link_losses = 0, reconnects = 0, of_settings = 0;
  const auto meant = [&](PenLink link) { return !requirement.link || link == *requirement.link; };
  std::set<PenLink> driven;
  if (meant(first)) driven.insert(first);  // by the references
  for (const PlanStep& step : steps) {
    if (step.kind == Kind::set_up || step.kind == Kind::reference || step.kind == Kind::prompt ||
        step.kind == Kind::teardown)
      continue;
    const std::set<PenLink> links = links_of(step, first);
    const auto of_links = static_cast<std::uint64_t>(std::ranges::count_if(links, meant));
    if (meant(step.via.value_or(first))) driven.insert(step.via.value_or(first));
    if (step.kind == Kind::link_loss) ++link_losses;
    if (step.kind == Kind::reconnect && meant(step.via.value_or(first))) ++reconnects;
    if (step.kind != Kind::setting) continue;
    ++settings;
    of_settings += of_links;
  }
  std::uint64_t due = 1;
  if (info.scope == MeasurandScope::setting) {
    due = info.per_link ? of_settings : settings;
  } else if ((info.yields & kFromLinkLoss) != 0) {
    due = link_losses;
  } else if ((info.yields & kFromReconnect) != 0) {
    due = reconnects;
  } else if (info.per_link && (info.yields & kFromSetup) != 0) {
    due = driven.size();
  }
  return std::max<std::uint64_t>(due, 1);
}

/// Whether a requirement limits this measurement. Older records do not say of which link one is: of a serial one.
bool limits(const Requirement& requirement, const Measurement& m) {
  return m.measurand == requirement.measurand->id &&
         (!requirement.link || m.link.value_or(PenLink::serial) == *requirement.link);
}

}  // namespace

PenLink first_link(const std::vector<PhaseRecord>& phases) {
  PenLink first = PenLink::serial;
  for (const PhaseRecord& phase : phases) {
    if (phase.kind == "set-up") first = phase.via;  // one that reached no bench says nothing; it was not the last
  }
  return first;
}

PlanCounts count_plan(const Plan& plan, const Product& product, PenLink first) {
  PlanCounts counts;
  const auto steps = lay_out(plan, {});
  counts.settings = static_cast<std::uint64_t>(std::ranges::count(steps, PlanStep::Kind::setting, &PlanStep::kind));
  for (const auto& requirement : product.requirements) {
    counts.decisions += decisions_due(requirement, plan, steps, first);
  }
  const auto prompts = plan.prompts();
  counts.decisions += static_cast<std::uint64_t>(std::ranges::count_if(prompts, &PromptPhase::is_judged));
  return counts;
}

void judge(RunOutcome& outcome, std::vector<PhaseRecord>& phases, const std::vector<Measurement>& run_level,
           const Plan& plan, const Product& product) {
  outcome.measurements.clear();
  outcome.decisions.clear();
  std::vector<const PhaseRecord*> origin;
  std::size_t most = run_level.size();
  for (const auto& phase : phases) most += phase.measurements.size();
  outcome.measurements.reserve(most);
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

  const auto steps = lay_out(plan, {});
  const PenLink first_of_slot = first_link(phases);
  Verdict verdict = Verdict::not_judged;
  for (const auto& requirement : product.requirements) {
    const std::uint64_t due = decisions_due(requirement, plan, steps, first_of_slot);
    const std::size_t first = outcome.decisions.size();
    std::uint64_t made = 0;
    for (std::size_t i = 0; i < origin.size() && due > 0; ++i) {
      Measurement& m = outcome.measurements[i];
      if (!limits(requirement, m)) continue;
      // A free run carries no setting of the sweep: its numbers serve droop alone.
      if (origin[i] != nullptr && origin[i]->kind == "free-run") continue;
      std::span<const StrokeRow> strokes;
      if (origin[i] != nullptr) strokes = origin[i]->strokes;
      Decision d = decide(requirement, m, strokes);
      d.measurement = i;
      if (!requirement.link && m.link == PenLink::ble) d.title += " over BLE";
      outcome.decisions.push_back(std::move(d));
      ++made;
    }
    for (; made < due; ++made) {
      Measurement missing;
      missing.measurand = requirement.measurand->id;
      missing.unit = requirement.measurand->unit;
      missing.link = requirement.link;
      missing.note = "not measured";
      origin.push_back(nullptr);
      Decision d = decide_missing(std::move(missing), outcome);
      d.requirement_id = requirement.id;
      d.title = requirement.title;
      outcome.decisions.push_back(std::move(d));
    }
    hold_phases_in_air(requirement, phases, first, outcome);
  }
  for (const PromptPhase* prompt : plan.prompts()) {
    if (prompt->is_judged()) judge_answer(*prompt, outcome);
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

bool speaks_against(const PhaseRecord& phase, const Plan& plan, const Product& product) {
  for (const Requirement& requirement : product.requirements) {
    if (!judged_here(requirement.id, plan)) continue;
    for (Measurement m : phase.measurements) {
      if (!limits(requirement, m)) continue;
      const Verdict said = decide(requirement, m, phase.strokes).verdict;
      if (said == Verdict::fail || (said == Verdict::indeterminate && !m.censored_high)) return true;
    }
  }
  return false;
}

}  // namespace penrig
