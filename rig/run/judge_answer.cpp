#include "rig/run/judge_answer.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rig/measure/decide.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

constexpr int kMostDecimals = 6;

/// As many as a limit is written with.
int decimals_of(const std::optional<double>& limit) {
  if (!limit) return 0;
  const std::string text = number_text(*limit);
  const std::size_t point = text.find('.');
  if (point == std::string::npos || text.find('e') != std::string::npos) return 0;
  return std::min(kMostDecimals, static_cast<int>(text.size() - point - 1));
}

Decision missing(const PromptPhase& prompt, RunOutcome& outcome, const char* why) {
  Measurement m;
  m.measurand = answer_id(prompt);
  m.unit = prompt.kind == PromptKind::number ? prompt.unit : "";
  m.note = why;
  outcome.measurements.push_back(std::move(m));
  Decision d;
  d.measurement = outcome.measurements.size() - 1;
  d.verdict = Verdict::error;
  d.reason = why;
  return d;
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
                             .decimals = std::max(decimals_of(prompt.lower), decimals_of(prompt.upper))};
    Requirement requirement;
    requirement.measurand = &info;
    requirement.limit.min = prompt.lower;
    requirement.limit.max = prompt.upper;
    requirement.limit.allowed = prompt.pass;
    const auto answer = std::ranges::find_if(outcome.measurements, of_it);
    d = decide(requirement, *answer, {});
    d.measurement = static_cast<std::size_t>(answer - outcome.measurements.begin());
  } else {
    d = missing(prompt, outcome, answers == 0 ? "not answered" : "answered more than once");
  }
  d.requirement_id = prompt.name;
  d.title = prompt.title;
  outcome.decisions.push_back(std::move(d));
}

}  // namespace penrig
