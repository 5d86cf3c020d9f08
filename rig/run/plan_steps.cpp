#include "rig/run/plan_steps.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rig/run/prove_cables.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {
namespace {

constexpr double kJogSeconds = 0.55;  // half a turn at 60 strokes/min
constexpr double kSetUpSeconds = 0.15;
constexpr double kTeardownSeconds = 0.3;
constexpr double kReconnectSeconds = 4;  // over BLE: disconnect, scan, connect, resolve
constexpr double kAnswerSeconds = 10;    // nobody knows
constexpr double kStopSeconds = 0.25;    // brake, park, confirm

/// One touch-off over this way, with the wait for its samples.
double touch_seconds(const RigDescription& rig, double travel_mm) {
  return travel_mm / rig.stage.touch_speed_mm_per_s + 0.03;
}

/// before: where tips and plate meet is not known yet, so they are approached from farther off.
double reference_seconds(const Plan& plan, const RigDescription& rig, bool before) {
  const double first = before ? touch_seconds(rig, 0.2) + touch_seconds(rig, 0.7) : 2 * touch_seconds(rig, 0.1);
  return first + 2 * (plan.reference_repeats - 1) * touch_seconds(rig, 0.03) + kJogSeconds + 0.2;
}

double strokes_seconds(const SettingTask& task) {
  return (8 + task.settle_strokes + task.strokes + 1) * 60.0 / task.rate_per_min + kStopSeconds;
}

}  // namespace

std::vector<PlanStep> lay_out(const Plan& plan, const RigDescription& rig) {
  using Kind = PlanStep::Kind;
  std::vector<PlanStep> steps;
  std::optional<PenLink> via;
  bool watched = false;
  auto add = [&](Kind kind, std::string name, double seconds) -> PlanStep& {
    PlanStep step{kind, std::move(name), seconds, via, watched, {}, nullptr, nullptr, nullptr, nullptr};
    steps.push_back(std::move(step));
    return steps.back();
  };
  auto add_setting = [&](SettingTask task) {
    const double seconds = strokes_seconds(task) + kJogSeconds + touch_seconds(rig, 0.25) + 0.1;
    const char* const over = watched ? " over both links" : via == PenLink::ble ? " over BLE" : "";
    PlanStep& step = add(Kind::setting,
                         setting_name(task.depth_mm, task.rate_per_min) + over + (task.busy ? ", busy" : ""), seconds);
    step.setting = task;
    step.setting.watched = watched;
    step.setting.planned_s = seconds;
  };
  add(Kind::set_up, "set-up", kSetUpSeconds + start_pattern_seconds(rig.slots.size()));
  add(Kind::reference, "reference before", reference_seconds(plan, rig, true));
  for (const PhaseSpec& phase : plan.phases) {
    via = via_of(phase);
    watched = is_watched(phase);
    if (const auto* sweep = std::get_if<SweepPhase>(&phase)) {
      for (double rate : sweep->rates_per_min) {
        for (double depth : sweep->depths_mm) {
          SettingTask task;
          task.depth_mm = depth;
          task.rate_per_min = rate;
          task.strokes = sweep->strokes;
          task.settle_strokes = sweep->settle_strokes;
          task.min_strokes = sweep->min_strokes;
          task.busy = sweep->busy;
          add_setting(task);
        }
      }
    } else if (const auto* free_run = std::get_if<FreeRunPhase>(&phase)) {
      SettingTask task;
      task.depth_mm = free_run->depth_mm;
      task.rate_per_min = free_run->rate_per_min;
      task.strokes = free_run->strokes;
      task.settle_strokes = free_run->settle_strokes;
      task.free_running = true;
      const double seconds = strokes_seconds(task) + 0.2;
      PlanStep& step = add(Kind::free_run, free_run->name, seconds);
      step.setting = task;
      step.setting.watched = watched;
      step.setting.planned_s = seconds;
    } else if (const auto* link_loss = std::get_if<LinkLossPhase>(&phase)) {
      add(Kind::link_loss, link_loss->name, 0.3 + 0.35 + kStopSeconds + 0.2).link_loss = link_loss;
    } else if (const auto* reconnect = std::get_if<ReconnectPhase>(&phase)) {
      add(Kind::reconnect, reconnect->name, reconnect->times * kReconnectSeconds).reconnect = reconnect;
    } else if (const auto* prompt = std::get_if<PromptPhase>(&phase)) {
      add(Kind::prompt, prompt->name, kAnswerSeconds).prompt = prompt;
    } else if (const auto* soak = std::get_if<SoakPhase>(&phase)) {
      SettingTask task;
      task.depth_mm = soak->depth_mm;
      task.rate_per_min = soak->rate_per_min;
      task.strokes = soak->strokes;
      task.settle_strokes = 15;
      for (double at_s = 0; at_s < soak->duration_s; at_s += soak->capture_every_s) {
        add_setting(task);
        const double until = std::min(soak->capture_every_s, soak->duration_s - at_s) - steps.back().planned_s;
        if (until > 1) add(Kind::between_captures, soak->name, until).soak = soak;
      }
    }
  }
  via.reset();
  watched = false;
  add(Kind::reference, "reference after", reference_seconds(plan, rig, false));
  add(Kind::teardown, "teardown", kTeardownSeconds);
  return steps;
}

double planned_seconds(const Plan& plan, const RigDescription& rig) {
  double sum = 0;
  for (const PlanStep& step : lay_out(plan, rig)) sum += step.planned_s;
  return sum;
}

}  // namespace penrig
