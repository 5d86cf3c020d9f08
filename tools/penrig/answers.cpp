#include "tools/penrig/answers.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

constexpr const char* kOption = "--answer";

/// What to write instead of a name that is none.
std::string advice(const std::string& name, const std::vector<const PromptPhase*>& prompts) {
  std::vector<std::string_view> known;
  for (const PromptPhase* prompt : prompts) known.push_back(prompt->name);
  if (known.empty()) return "it asks nothing";
  if (const auto near = did_you_mean(name, known)) return fmt::format("did you mean '{}'?", penrig::shown(*near));
  std::string all;
  for (const std::string_view one : known) all += (all.empty() ? "it asks " : ", ") + penrig::shown(one);
  return all;
}

}  // namespace

GivenAnswers read_answers(const std::vector<std::string>& written, const Plan& plan, std::vector<Mistake>& mistakes) {
  GivenAnswers given;
  const std::vector<const PromptPhase*> prompts = plan.prompts();
  const auto refuse = [&](std::string message) { mistakes.push_back(option_mistake(kOption, std::move(message))); };
  for (const std::string& text : written) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      refuse(fmt::format("'{}' is no NAME=VALUE (write: {} 'tip inspection=yes')", penrig::shown(text), kOption));
      continue;
    }
    const std::string name = text.substr(0, equals);
    const auto prompt = std::ranges::find(prompts, name, [](const PromptPhase* p) { return p->name; });
    if (prompt == prompts.end()) {
      refuse(fmt::format("plan '{}' has no prompt '{}' ({})", penrig::shown(plan.name), penrig::shown(name),
                         advice(name, prompts)));
      continue;
    }
    Result<AnswerValue> value = read_answer(**prompt, std::string_view(text).substr(equals + 1));
    if (!value) {
      refuse(value.error().message);
    } else if (!given.emplace(name, std::move(*value)).second) {
      refuse(fmt::format("'{}' is answered twice", penrig::shown(name)));
    }
  }
  return given;
}

void check_somebody_answers(const Plan& plan, const GivenAnswers& given, bool somebody,
                            std::vector<Mistake>& mistakes) {
  if (somebody) return;
  std::string write, names;
  for (const PromptPhase* prompt : plan.prompts()) {
    if (given.contains(prompt->name)) continue;
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", penrig::shown(prompt->name));
    write += fmt::format(" {} {}", kOption, shell_word(prompt->name + "=VALUE"));
  }
  if (names.empty()) return;
  mistakes.push_back(option_mistake(
      kOption, fmt::format("plan '{}' asks a person ({}), and nobody can be asked here (penrig run in a terminal, with "
                           "one slot; the station; or write:{})",
                           penrig::shown(plan.name), names, write)));
}

}  // namespace penrig::cli
