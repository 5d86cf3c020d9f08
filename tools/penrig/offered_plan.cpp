#include "tools/penrig/offered_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "rig/measure/decide.hpp"
#include "rig/run/plan_steps.hpp"
#include "rig/run/sequencer.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig::cli {
namespace {

PlannedStep planned_step(const PlanStep& step) {
  PlannedStep planned;
  planned.name = step.name;
  planned.kind = step.kind == PlanStep::Kind::setting ? "sweep" : name_of(step.kind);
  planned.planned_s = step.planned_s;
  if (step.kind == PlanStep::Kind::setting || step.kind == PlanStep::Kind::free_run) {
    planned.depth_mm = step.setting.depth_mm;
    planned.rate_per_min = step.setting.rate_per_min;
    planned.strokes = step.setting.strokes;
  } else if (step.link_loss != nullptr) {
    planned.depth_mm = step.link_loss->depth_mm;
    planned.rate_per_min = step.link_loss->rate_per_min;
  }
  return planned;
}

PlannedLimit planned_limit(const Requirement& requirement) {
  PlannedLimit planned;
  planned.requirement = requirement.id;
  planned.measurand = requirement.measurand->id;
  planned.title = requirement.measurand->title;
  planned.unit = requirement.measurand->unit;
  return planned;
}

/// Of one requirement: one for all settings where its limit is the same at each, else one a depth or a rate.
void add_limits(const Requirement& requirement, const std::vector<PlannedStep>& steps,
                std::vector<PlannedLimit>& limits) {
  const SettingReference reference = requirement.measurand->reference;
  const bool about_setting = requirement.limit.tolerance || requirement.limit.tolerance_percent;
  if (!about_setting || reference == SettingReference::none) {
    const auto at = limits_at(requirement, std::nullopt, std::nullopt);
    if (!at) return;
    PlannedLimit planned = planned_limit(requirement);
    planned.lower = at->lower;
    planned.upper = at->upper;
    limits.push_back(std::move(planned));
    return;
  }
  std::set<double> done;
  for (const PlannedStep& step : steps) {
    const bool by_depth = reference == SettingReference::depth_mm;
    const std::optional<double> setting = by_depth ? step.depth_mm : step.rate_per_min;
    if (!setting || !done.insert(*setting).second) continue;
    PlannedLimit planned = planned_limit(requirement);
    (by_depth ? planned.depth_mm : planned.rate_per_min) = setting;
    const auto at = limits_at(requirement, planned.depth_mm, planned.rate_per_min);
    if (!at) continue;
    planned.lower = at->lower;
    planned.upper = at->upper;
    limits.push_back(std::move(planned));
  }
}

bool holds_at(const PlannedLimit& limit, const Measurement& m) {
  return limit.measurand == m.measurand && (!limit.depth_mm || limit.depth_mm == m.depth_mm) &&
         (!limit.rate_per_min || limit.rate_per_min == m.rate_per_min);
}

}  // namespace

OfferedPlan offered_plan(const Inputs& inputs) {
  OfferedPlan plan;
  plan.name = inputs.plan.name;
  plan.title = inputs.plan.title;
  plan.revision = inputs.plan.revision;
  plan.product = inputs.product.name;
  plan.serial_pattern = inputs.product.serial_pattern;
  plan.gtin = inputs.product.gtin;
  plan.planned_s = planned_seconds(inputs.plan, inputs.rig);
  for (const PlanStep& step : lay_out(inputs.plan, inputs.rig)) plan.steps.push_back(planned_step(step));
  for (const Requirement& requirement : inputs.product.requirements) {
    if (std::ranges::find(inputs.plan.judge, requirement.id) == inputs.plan.judge.end()) continue;
    add_limits(requirement, plan.steps, plan.limits);
  }
  if (inputs.plan.golden_check) {
    plan.golden_plan = inputs.plan.golden_check->plan;
    plan.golden_within_h = inputs.plan.golden_check->within_h;
  }
  return plan;
}

SlotReadings readings_of(const OfferedPlan& plan, const std::string& slot, std::size_t step, const PhaseRecord& phase) {
  SlotReadings readings;
  readings.slot = slot;
  readings.step = step;
  for (const Measurement& m : phase.measurements) {
    const MeasurandInfo* info = find_measurand(m.measurand);
    if (!m.value || info == nullptr || info->text) continue;
    SlotReadings::Value value{m.measurand, std::string(info->title), m.unit, *m.value, {}, {}};
    const auto limit = std::ranges::find_if(plan.limits, [&](const PlannedLimit& l) { return holds_at(l, m); });
    if (limit != plan.limits.end()) {
      value.lower = limit->lower;
      value.upper = limit->upper;
    }
    readings.values.push_back(std::move(value));
  }
  for (const StrokeRow& stroke : phase.strokes) readings.strokes_mm.push_back(stroke.penetration_mm);
  // Those that are limited first: a small screen shows no more.
  std::ranges::stable_partition(readings.values, [](const auto& v) { return v.lower || v.upper; });
  return readings;
}

}  // namespace penrig::cli
