#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penrig {

class YamlMapping;

/// text: something to do or to know, then "done". The others are questions.
enum class PromptKind : std::uint8_t { text, confirm, choice, number };
inline constexpr std::array kPromptKinds{PromptKind::text, PromptKind::confirm, PromptKind::choice, PromptKind::number};
constexpr const char* name_of(PromptKind kind) {
  constexpr std::array kNames{"text", "confirm", "choice", "number"};
  return kNames.at(static_cast<std::size_t>(kind));
}

/// Shown beside the question.
struct PromptPicture {
  std::string file;         ///< beside the plan, as written: no absolute path, nothing above its folder
  std::string title, text;  ///< empty: none
};

/// A person is asked while the pen stands and the stage is withdrawn. rig/PROMPTS.md is its reference.
struct PromptPhase {
  std::string name;
  PromptKind kind = PromptKind::confirm;
  std::string title, text;  ///< the question; more about it, or empty
  std::vector<PromptPicture> pictures;
  std::string yes, no;               ///< labels: of confirm both, of text yes alone
  std::vector<std::string> choices;  ///< of choice, in the order shown
  std::string unit;                  ///< of number, "mm"; "1": it has none
  std::optional<double> lower, upper;
  std::optional<double> uncertainty;  ///< U of what is read (k = 2), in the unit; a number that is judged has one
  std::vector<std::string> pass;      ///< labels or choices that pass; empty: it is not judged by them
  double within_s = 120;

  /// Whether an answer can be the wrong one; otherwise it is kept for information.
  bool is_judged() const { return !pass.empty() || lower || upper; }
};

/// As measurements name it: "answer:tip inspection".
std::string answer_id(const PromptPhase& prompt);

/// Reads a phase whose key is `prompt`. Mistakes stand in the mapping's text; the caller asks done().
PromptPhase read_prompt(YamlMapping& item);

}  // namespace penrig
