#pragma once

#include "rig/ports/prompter.hpp"
#include "rig/run/run_state.hpp"

namespace penrig {

/// A person is asked, while the pen stands and the stage is withdrawn; the interlocks go on, and end the question. What
/// was answered, by whom and when, is the phase's measurement. Errc::not_determined: nobody answered in time, or nobody
/// can; never repeated.
Awaitable<PhaseOutcome> run_prompt(RunState& run, const PromptPhase& spec, double planned_s, PhaseRecord& record);

/// What a record holds of an answer: a text, or a value with the U that the plan states.
/// @param after_s  since it was asked.
Measurement measured_answer(const PromptPhase& prompt, const PromptAnswer& answer, double after_s);

}  // namespace penrig
