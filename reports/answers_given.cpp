#include "reports/answers_given.hpp"

#include <algorithm>

#include "reports/html/shown_value.hpp"

namespace penrig {
namespace {

/// The question stands in the event of its asking: "NAME: QUESTION".
std::string question_of(const RunRecord& run, const PhaseRecord& phase) {
  const std::string head = phase.name + ": ";
  const auto found = std::ranges::find_if(run.outcome.events, [&](const RunEvent& event) {
    return event.kind == "prompt" && event.text.starts_with(head) && event.at_s >= phase.started_s;
  });
  return found == run.outcome.events.end() ? "" : found->text.substr(head.size());
}

std::string answer_of(const Measurement& m) {
  const html::ShownValue shown = html::shown_value(&m);
  std::string text = shown.value;
  if (!shown.u.empty()) text += " " + shown.u;
  if (!shown.unit.empty() && shown.unit != "1") text += " " + shown.unit;
  return text;
}

}  // namespace

std::vector<AnswerGiven> answers_given(const RunRecord& run) {
  std::vector<AnswerGiven> all;
  for (const PhaseRecord& phase : run.phases) {
    if (phase.kind != "prompt") continue;
    AnswerGiven given{phase.name, question_of(run, phase), "", phase.error, phase.started_s};
    if (const auto asked = phase.values.find("asked_s"); asked != phase.values.end()) given.asked_s = asked->second;
    if (!phase.measurements.empty()) {
      given.answer = answer_of(phase.measurements.front());
      given.how = phase.measurements.front().note;
    }
    all.push_back(std::move(given));
  }
  return all;
}

}  // namespace penrig
