#include "rig/run/ask.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "rig/run/bench_steps.hpp"
#include "rig/spec/key_unit.hpp"

namespace penrig {
namespace {

constexpr Nanoseconds kLookForHalt = std::chrono::milliseconds{50};  ///< whether the run was halted

/// Waits for the first answer. The prompt is over afterwards, whatever happened.
Awaitable<Result<PromptAnswer>> answer_to(RunState& run, OpenPrompt& prompt, const std::string& label,
                                          double planned_s) {
  while (!prompt.over()) {
    if (run.safety.halted()) co_return *run.safety.halted();
    const TimePoint now = run.timeline.now();
    if (now >= prompt.until()) {
      co_return fail(Errc::not_determined,
                     fmt::format("nobody answered '{}' within {} s (run it again, with somebody there)", label,
                                 number_text(prompt.what().within_s)));
    }
    run.show(label, planned_s, 0);
    co_await prompt.changed().wait_until(std::min(prompt.until(), now + kLookForHalt));
  }
  if (run.safety.halted()) co_return *run.safety.halted();
  if (!prompt.given()) {
    co_return fail(Errc::not_determined, fmt::format("'{}' was not answered: {}", label, prompt.nobody()));
  }
  co_return *prompt.given();
}

}  // namespace

Measurement measured_answer(const PromptPhase& prompt, const PromptAnswer& answer, double after_s) {
  Measurement m;
  m.measurand = answer_id(prompt);
  m.n = 1;
  m.note = fmt::format("answered by {} after {:.1f} s", answer.who, after_s);
  if (const double* number = std::get_if<double>(&answer.value)) {
    m.unit = prompt.unit;
    m.value = *number;
    m.expanded_u = prompt.uncertainty.value_or(0);
    if (prompt.uncertainty) m.note += "; U as the plan states it";
  } else {
    m.text_value = text_of_answer(prompt, answer.value);
  }
  return m;
}

Awaitable<PhaseOutcome> run_prompt(RunState& run, const PromptPhase& spec, double planned_s, PhaseRecord& record) {
  if (run.job.prompter == nullptr) {
    co_return fail(Errc::not_determined, fmt::format("'{}' asks a person, and nobody can be asked here", spec.name));
  }
  record.via = run.driven_over();  // as before: nothing is driven now
  run.show(record.name, planned_s, 0);
  auto safe = co_await confirm_safe_state(run);
  if (!safe) co_return safe;
  if (run.safety.halted()) co_return *run.safety.halted();
  run.needles.let_go();  // a hand may be at the pen

  const double asked_s = run.seconds_since_began();
  const std::string id = fmt::format("{}-{}-{}", run.job.header.run_id, run.step, record.attempt);
  const auto prompt =
      std::make_shared<OpenPrompt>(run.timeline, id, spec, run.timeline.now() + seconds_to_ns(spec.within_s));
  run.note(RunEvent{0, "prompt", fmt::format("{}: {}", spec.name, spec.title), std::nullopt});
  run.job.prompter->ask(prompt);
  const Result<PromptAnswer> answer = co_await answer_to(run, *prompt, record.name, planned_s);
  prompt->close();
  run.job.prompter->asked(*prompt);
  if (!answer) co_return answer.error();

  const double answered_s = static_cast<double>((answer->at - run.began).count()) * 1e-9;
  run.note(RunEvent{0, "answer",
                    fmt::format("{}: {}, by {}", spec.name, text_of_answer(spec, answer->value), answer->who),
                    std::nullopt});
  record.values["asked_s"] = asked_s;
  record.values["answered_s"] = answered_s;
  record.measurements.push_back(measured_answer(spec, *answer, answered_s - asked_s));
  co_return PhaseOutcome{};
}

}  // namespace penrig
