#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"
#include "rig/spec/prompt.hpp"

namespace penrig {

/// Of a confirm: true is yes; of a text true alone; a choice as it is written in the plan; a number in its unit.
using AnswerValue = std::variant<bool, double, std::string>;

/// Whether a prompt takes that. Errc::usage says what it takes.
Result<void> check_answer(const PromptPhase& prompt, const AnswerValue& value);
/// What somebody typed: y, yes, n, no or a label; the number of a choice, or itself; a number, with or without its
/// unit. Nothing typed is no answer. Errors as above.
Result<AnswerValue> read_answer(const PromptPhase& prompt, std::string_view typed);
/// As it is shown and recorded: "straight", "0.12 mm".
std::string text_of_answer(const PromptPhase& prompt, const AnswerValue& value);
/// What may be typed: "y = straight, n = bent", "1 to 3", "a number in mm".
std::string how_to_answer(const PromptPhase& prompt);

struct PromptAnswer {
  AnswerValue value;
  std::string who;  ///< "anna at the station"
  TimePoint at;
};

/// A question that a run has asked. The run waits for the first answer; whoever can give one shares this. On the rig's
/// thread.
class OpenPrompt {
 public:
  OpenPrompt(Timeline& timeline, std::string id, PromptPhase what, TimePoint until)
      : id_(std::move(id)), what_(std::move(what)), until_(until), timeline_(timeline), changed_(timeline) {}

  const std::string& id() const { return id_; }  ///< never used twice
  const PromptPhase& what() const { return what_; }
  TimePoint until() const { return until_; }

  /// Answered, too late, or the run does not want it any more.
  bool over() const { return over_ || answer_ || !nobody_.empty(); }
  const std::optional<PromptAnswer>& given() const { return answer_; }
  /// Why nobody can answer any more; empty: somebody may.
  const std::string& nobody() const { return nobody_; }

  /// Errc::refused: it is over; ::usage: it takes no such answer, and stays open.
  Result<void> answer(AnswerValue value, std::string who);
  /// Whoever was asked cannot answer: the run need not wait.
  void give_up(std::string why);
  /// The run waits no longer.
  void close();
  Event& changed() { return changed_; }

 private:
  std::string id_;
  PromptPhase what_;
  TimePoint until_;
  Timeline& timeline_;
  Event changed_;
  std::optional<PromptAnswer> answer_;
  std::string nobody_;
  bool over_ = false;
};

/// Who puts a run's questions to a person. Must not block.
class Prompter {
 public:
  virtual ~Prompter() = default;
  virtual void ask(std::shared_ptr<OpenPrompt> prompt) = 0;
  /// The same one, when it is over.
  virtual void asked(const OpenPrompt&) {}
};

}  // namespace penrig
