#pragma once

#include "rig/record/run_record.hpp"
#include "rig/spec/prompt.hpp"

namespace penrig {

/// Makes the decision on an answer among the outcome's measurements: a text by what passes, a number by its limits with
/// the U that the plan states, guard-banded as every other. One that was not given, or twice, is an ERROR.
void judge_answer(const PromptPhase& prompt, RunOutcome& outcome);

}  // namespace penrig
