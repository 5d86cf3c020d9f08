#pragma once

#include <string>
#include <variant>
#include <vector>

#include "rig/run/phases.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// A plan laid out flat: what is done one after another, each with its planned rig time. The progress, the check of a
/// plan and the run itself all walk this one list.
struct PlanStep {
  enum class Kind { set_up, reference, setting, free_run, link_loss, between_captures, reconnect, prompt, teardown };
  Kind kind;
  std::string name;
  double planned_s = 0;
  std::optional<PenLink> via;  ///< over which the pen is driven; none: the slot's first link
  bool watched = false;        ///< asked over the other link as well
  SettingTask setting;         ///< setting, free_run
  const LinkLossPhase* link_loss = nullptr;
  const SoakPhase* soak = nullptr;  ///< between_captures
  const ReconnectPhase* reconnect = nullptr;
  const PromptPhase* prompt = nullptr;
};
const char* name_of(PlanStep::Kind kind);  ///< as PhaseRecord::kind has it

std::vector<PlanStep> lay_out(const Plan& plan, const RigDescription& rig);

}  // namespace penrig
