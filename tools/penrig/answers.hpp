#pragma once

#include <map>
#include <string>
#include <vector>

#include "rig/ports/prompter.hpp"
#include "rig/spec/load.hpp"

namespace penrig::cli {

/// What was answered before anybody asked, by the names of prompts.
using GivenAnswers = std::map<std::string, AnswerValue>;

/// `--answer NAME=VALUE`, each held against the plan: a prompt of that name, which takes that answer, once.
GivenAnswers read_answers(const std::vector<std::string>& written, const Plan& plan, std::vector<Mistake>& mistakes);

/// A plan that asks a person where nobody can be asked, unless all was answered beforehand.
void check_somebody_answers(const Plan& plan, const GivenAnswers& given, bool somebody, std::vector<Mistake>& mistakes);

}  // namespace penrig::cli
