#include "rig/run/judge_answer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/decide.hpp"
#include "rig/run/decide_missing.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

constexpr int kMostDecimals = 6;

/// As many as its limits are written with.
int decimals_of_limits(const PromptPhase& prompt) {
  int decimals = 0;
  for (const auto& limit : {prompt.lower, prompt.upper})
    if (limit) decimals = std::max(decimals, decimals_of(*limit));
  return std::min(decimals, kMostDecimals);
}

}  // namespace

void judge_answer(const PromptPhase& prompt, RunOutcome& outcome) {
  const std::string id = answer_id(prompt);
  const auto of_it = [&](const Measurement& m) { return m.measurand == id; };
  const auto answers = std::ranges::count_if(outcome.measurements, of_it);
  Decision d;
  if (answers == 1) {
    const bool text = prompt.kind != PromptKind::number;
    const std::string unit = text ? "" : prompt.unit;
    const MeasurandInfo info{.id = id,
                             .title = prompt.title,
                             .unit = unit,
                             .suffix = "",
                             .scope = MeasurandScope::run,
                             .reference = SettingReference::none,
                             .yields = 0,
                             .text = text,
                             .decimals = decimals_of_limits(prompt)};
    Requirement requirement;
    requirement.measurand = &info;
    requirement.limit.min = prompt.lower;
    requirement.limit.max = prompt.upper;
    requirement.limit.allowed = prompt.pass;
    const auto answer = std::ranges::find_if(outcome.measurements, of_it);
    d = decide(requirement, *answer, {});
    d.measurement = static_cast<std::size_t>(answer - outcome.measurements.begin());
  } else {
    Measurement missing;
    missing.measurand = id;
    missing.unit = prompt.kind == PromptKind::number ? prompt.unit : "";
    missing.note = answers == 0 ? "not answered" : "answered more than once";
    d = decide_missing(std::move(missing), outcome);
  }
  d.requirement_id = prompt.name;
  d.title = prompt.title;
  outcome.decisions.push_back(std::move(d));
}

}  // namespace penrig
