#include "rig/spec/prompt.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/key_unit.hpp"
#include "rig/spec/measurand.hpp"
#include "rig/spec/utf8.hpp"
#include "rig/spec/yaml_reader.hpp"

namespace penrig {
namespace {

constexpr std::size_t kLongestName = 80, kLongestTitle = 200, kLongestText = 2000, kLongestLabel = 80,
                      kLongestUnit = 16;
constexpr std::size_t kMostChoices = 20, kMostPictures = 4;
constexpr Range kPatience{.low = 5, .high = 3600};

std::string bounded(YamlMapping& item, std::string_view key, std::string text, std::size_t longest) {
  if (text.size() > longest)
    item.mistake(key, fmt::format("'{}' has {} bytes, and {} is the most", key, text.size(), longest));
  return text;
}

/// What an answer may be. A trailing '*' stands for any ending where texts are held against limits.
void check_label(YamlMapping& item, const TextPlace& at, const std::string& label) {
  if (label.size() > kLongestLabel)
    item.mistake_at(at, fmt::format("an answer has {} bytes, and {} is the most", label.size(), kLongestLabel));
  if (label.ends_with('*')) item.mistake_at(at, "an answer does not end in '*' (write the answer without it)");
}

std::string label(YamlMapping& item, std::string_view key, std::string otherwise) {
  std::string text = item.text_or(key, std::move(otherwise));
  check_label(item, item.place(key), text);
  return text;
}

/// None: there is no such kind.
std::optional<PromptKind> read_kind(YamlMapping& item) {
  const std::string text = item.text("kind");
  const auto* const found = std::ranges::find(kPromptKinds, text, [](PromptKind kind) { return name_of(kind); });
  if (found != kPromptKinds.end()) return *found;
  if (!text.empty())
    item.mistake("kind",
                 fmt::format("'{}' is no kind of prompt (write: text, confirm, choice or number)", shown(text)));
  return std::nullopt;
}

/// Files of the plan's own folder, and of those below it.
bool stays_below(const std::string& file) {
  if (file.starts_with('/') || file.find('\\') != std::string::npos) return false;
  for (std::size_t at = 0; at <= file.size();) {
    const std::size_t end = std::min(file.find('/', at), file.size());
    const std::string_view part(file.data() + at, end - at);
    if (part.empty() || part == "..") return false;
    at = end + 1;
  }
  return true;
}

void read_pictures(YamlMapping& item, PromptPhase& prompt) {
  if (!item.has("pictures")) return;
  for (YamlMapping& one : item.mappings("pictures")) {
    PromptPicture picture;
    picture.file = one.text("file");
    picture.title = bounded(one, "title", one.text_or("title", ""), kLongestTitle);
    picture.text = bounded(one, "text", one.text_or("text", ""), kLongestTitle);
    one.done();
    if (!picture.file.empty() && !stays_below(picture.file)) {
      one.mistake("file", fmt::format("picture '{}' does not lie beside the plan (put it there, and write its name)",
                                      shown(picture.file)));
    }
    prompt.pictures.push_back(std::move(picture));
  }
  if (prompt.pictures.size() > kMostPictures) {
    item.mistake("pictures", fmt::format("{} pictures, and a person can look at {} at most", prompt.pictures.size(),
                                         kMostPictures));
  }
}

void read_choices(YamlMapping& item, PromptPhase& prompt) {
  prompt.choices = item.texts("choices");
  if (!item.sound({"choices"})) return;
  for (std::size_t i = 0; i < prompt.choices.size(); ++i) {
    check_label(item, item.place("choices", i), prompt.choices[i]);
    const auto end = prompt.choices.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(prompt.choices.begin(), end, prompt.choices[i]) != end)
      item.mistake_at(item.place("choices", i), fmt::format("choice '{}' is there already", shown(prompt.choices[i])));
  }
  const auto is_number = [](const std::string& choice) {
    return choice.find_first_not_of("0123456789") == std::string::npos;
  };
  for (std::size_t i = 0; i < prompt.choices.size(); ++i) {
    if (is_number(prompt.choices[i]))
      item.mistake_at(item.place("choices", i), fmt::format("choice '{}' would be taken for the number of a choice "
                                                            "(write a word with it, or kind: number)",
                                                            prompt.choices[i]));
  }
  if (prompt.choices.size() < 2 || prompt.choices.size() > kMostChoices) {
    item.mistake("choices", fmt::format("{} to choose from, and 2 to {} can be", prompt.choices.size(), kMostChoices));
  }
}

/// `pass: yes` of a confirm means its label; of a choice, one of its choices or several.
void read_pass(YamlMapping& item, PromptPhase& prompt) {
  if (!item.has("pass")) return;
  const std::vector<std::string> written = item.texts("pass");
  const bool confirm = prompt.kind == PromptKind::confirm;
  if (confirm && written.size() > 1) {
    item.mistake("pass", "one of the two answers passes (write: pass: yes, or pass: no)");
    return;
  }
  std::vector<std::string_view> known(prompt.choices.begin(), prompt.choices.end());
  if (confirm) known = {"yes", "no"};
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i].empty()) continue;
    const TextPlace at = item.place("pass", i);
    if (std::ranges::find(known, written[i]) == known.end()) {
      const auto near = did_you_mean(written[i], known);
      item.mistake_at(at, fmt::format("'{}' is none of its answers ({})", shown(written[i]),
                                      near ? fmt::format("did you mean '{}'?", *near)
                                           : fmt::format("it has {}", fmt::join(known, ", "))));
      continue;
    }
    std::string answer = !confirm ? written[i] : written[i] == "yes" ? prompt.yes : prompt.no;
    if (std::ranges::find(prompt.pass, answer) != prompt.pass.end())
      item.mistake_at(at, fmt::format("'{}' passes already", shown(written[i])));
    prompt.pass.push_back(std::move(answer));
  }
  if (!confirm && item.sound({"choices", "pass"}) && prompt.pass.size() == prompt.choices.size())
    item.mistake("pass", "every answer passes: then nothing is judged (leave pass out, or one of them)");
}

void read_number(YamlMapping& item, PromptPhase& prompt) {
  prompt.unit = bounded(item, "unit", item.text_or("unit", "1"), kLongestUnit);
  prompt.lower = item.optional_number("lower");
  prompt.upper = item.optional_number("upper");
  prompt.uncertainty = item.optional_number("uncertainty", kPositive);
  if (item.sound({"lower", "upper"}) && prompt.lower && prompt.upper && *prompt.lower > *prompt.upper) {
    item.mistake("lower",
                 fmt::format("lower {} is above upper {}", number_text(*prompt.lower), number_text(*prompt.upper)));
  }
  if (prompt.is_judged() && !item.has("uncertainty")) {
    item.mistake(prompt.lower ? "lower" : "upper",
                 "a number that is judged has an uncertainty (write uncertainty: U of what is read, k = 2, in the unit "
                 "of the number)");
  }
  if (item.sound({"lower", "upper", "uncertainty"}) && prompt.uncertainty && prompt.lower && prompt.upper &&
      2 * *prompt.uncertainty > *prompt.upper - *prompt.lower) {
    item.mistake("uncertainty", fmt::format("uncertainty {} leaves nothing between the limits that could pass "
                                            "(read more exactly, or write wider limits)",
                                            number_text(*prompt.uncertainty)));
  }
}

}  // namespace

std::string answer_id(const PromptPhase& prompt) { return std::string(kAnswerPrefix) + prompt.name; }

PromptPhase read_prompt(YamlMapping& item) {
  PromptPhase prompt;
  prompt.name = bounded(item, "prompt", item.text("prompt"), kLongestName);
  if (prompt.name.find('=') != std::string::npos)
    item.mistake("prompt", "the name of a prompt has no '=' (answers are given as NAME=VALUE)");
  const std::optional<PromptKind> kind = read_kind(item);
  prompt.title = bounded(item, "title", item.text("title"), kLongestTitle);
  prompt.text = bounded(item, "text", item.text_or("text", ""), kLongestText);
  read_pictures(item, prompt);
  prompt.within_s = item.number_or("within_s", prompt.within_s, kPatience);
  if (!kind) {
    // Which keys may stand here depends on the kind: none is held for unknown.
    for (const char* key : {"yes", "no", "choices", "pass", "unit", "lower", "upper", "uncertainty"}) item.has(key);
    return prompt;
  }
  prompt.kind = *kind;
  switch (prompt.kind) {
    case PromptKind::text:
      prompt.yes = label(item, "yes", "done");
      break;
    case PromptKind::confirm:
      prompt.yes = label(item, "yes", "yes");
      prompt.no = label(item, "no", "no");
      if (item.sound({"yes", "no"}) && prompt.yes == prompt.no)
        item.mistake("no", fmt::format("'{}' is the other answer already", shown(prompt.no)));
      read_pass(item, prompt);
      break;
    case PromptKind::choice:
      read_choices(item, prompt);
      read_pass(item, prompt);
      break;
    case PromptKind::number:
      read_number(item, prompt);
      break;
  }
  return prompt;
}

}  // namespace penrig
