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

/// As PhaseRecord::kind has it.
constexpr const char* name_of(PlanStep::Kind kind) {
  switch (kind) {
    case PlanStep::Kind::set_up:
      return "set-up";
    case PlanStep::Kind::reference:
      return "reference";
    case PlanStep::Kind::setting:
      return "setting";
    case PlanStep::Kind::free_run:
      return "free-run";
    case PlanStep::Kind::link_loss:
      return "link-loss";
    case PlanStep::Kind::between_captures:
      return "running";
    case PlanStep::Kind::reconnect:
      return "reconnect";
    case PlanStep::Kind::prompt:
      return "prompt";
    case PlanStep::Kind::teardown:
      return "teardown";
  }
  return "unknown";
}

std::vector<PlanStep> lay_out(const Plan& plan, const RigDescription& rig);

}  // namespace penrig
