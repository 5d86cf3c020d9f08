#include "rig/ports/prompter.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "rig/spec/key_unit.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

constexpr double kLargestNumber = 1e9;
constexpr std::size_t kLongestAnswer = 200;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Error no_answer(const PromptPhase& prompt, const std::string& given) {
  return fail(Errc::usage, fmt::format("'{}' is no answer to '{}' (it takes {})", shown(given), shown(prompt.name),
                                       how_to_answer(prompt)));
}

std::optional<double> number_of(const PromptPhase& prompt, std::string_view typed) {
  if (prompt.unit != "1" && typed.ends_with(prompt.unit)) typed.remove_suffix(prompt.unit.size());
  while (typed.ends_with(' ')) typed.remove_suffix(1);
  return parse_number(std::string(typed));
}

std::optional<std::size_t> number_of_choice(const PromptPhase& prompt, std::string_view typed) {
  std::size_t number = 0;
  const char* const end = typed.data() + typed.size();
  const auto [stopped, error] = std::from_chars(typed.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 1 || number > prompt.choices.size()) return std::nullopt;
  return number - 1;
}

}  // namespace

std::string how_to_answer(const PromptPhase& prompt) {
  switch (prompt.kind) {
    case PromptKind::text:
      return fmt::format("y = {}", shown(prompt.yes));
    case PromptKind::confirm:
      return fmt::format("y = {}, n = {}", shown(prompt.yes), shown(prompt.no));
    case PromptKind::choice: {
      std::string text;
      for (std::size_t i = 0; i < prompt.choices.size(); ++i)
        text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", i + 1, shown(prompt.choices[i]));
      return text;
    }
    case PromptKind::number:
      break;
  }
  return prompt.unit == "1" ? "a number" : "a number in " + shown(prompt.unit);
}

Result<void> check_answer(const PromptPhase& prompt, const AnswerValue& value) {
  switch (prompt.kind) {
    case PromptKind::text:
      if (const bool* yes = std::get_if<bool>(&value); yes != nullptr && *yes) return {};
      break;
    case PromptKind::confirm:
      if (std::holds_alternative<bool>(value)) return {};
      break;
    case PromptKind::choice:
      if (const auto* text = std::get_if<std::string>(&value);
          text != nullptr && std::ranges::find(prompt.choices, *text) != prompt.choices.end())
        return {};
      break;
    case PromptKind::number:
      // Written so that what is no number is refused.
      if (const double* number = std::get_if<double>(&value); number != nullptr && std::abs(*number) <= kLargestNumber)
        return {};
      break;
  }
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<double>(&value);
  return no_answer(prompt, text != nullptr     ? *text
                           : number != nullptr ? fmt::format("{:g}", *number)
                                               : (std::get<bool>(value) ? "true" : "false"));
}

Result<AnswerValue> read_answer(const PromptPhase& prompt, std::string_view typed) {
  const std::string given(typed.substr(0, kLongestAnswer));
  const auto taken = [&](AnswerValue value) -> Result<AnswerValue> {
    if (Result<void> good = check_answer(prompt, value); !good) return good.error();
    return value;
  };
  if (typed.empty() || typed.size() > kLongestAnswer) return no_answer(prompt, given);
  switch (prompt.kind) {
    case PromptKind::text:
    case PromptKind::confirm: {
      // A label counts before a letter: it is what a person reads.
      if (typed == prompt.yes) return taken(true);
      if (typed == prompt.no && prompt.kind == PromptKind::confirm) return taken(false);
      const std::string word = lower_case(typed);
      if (word == "y" || word == "yes") return taken(true);
      if ((word == "n" || word == "no") && prompt.kind == PromptKind::confirm) return taken(false);
      break;
    }
    case PromptKind::choice:
      if (std::ranges::find(prompt.choices, given) != prompt.choices.end()) return taken(given);
      if (const auto index = number_of_choice(prompt, typed)) return taken(prompt.choices[*index]);
      break;
    case PromptKind::number:
      // What was written is shown, not what it was read as: 1e400 is read as infinite.
      if (const auto number = number_of(prompt, typed); number && check_answer(prompt, *number)) return *number;
      break;
  }
  return no_answer(prompt, given);
}

std::string text_of_answer(const PromptPhase& prompt, const AnswerValue& value) {
  if (const bool* yes = std::get_if<bool>(&value)) return *yes ? prompt.yes : prompt.no;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const std::string number = number_text(std::get<double>(value));
  return prompt.unit == "1" ? number : number + " " + prompt.unit;
}

Result<void> OpenPrompt::answer(AnswerValue value, std::string who) {
  if (over() || timeline_.now() >= until_)
    return fail(Errc::refused, fmt::format("'{}' is over: nobody waits for its answer any more", shown(what_.name)));
  if (Result<void> good = check_answer(what_, value); !good) return good;
  answer_ = PromptAnswer{std::move(value), std::move(who), timeline_.now()};
  changed_.notify_all();
  return {};
}

void OpenPrompt::give_up(std::string why) {
  if (over()) return;
  nobody_ = why.empty() ? "nobody can answer" : std::move(why);
  changed_.notify_all();
}

void OpenPrompt::close() {
  over_ = true;
  changed_.notify_all();
}

}  // namespace penrig
