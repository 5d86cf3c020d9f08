#include "rig/measure/judge_capture.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "rig/measure/capture_words.hpp"
#include "rig/measure/decide.hpp"

namespace penrig {

namespace {

constexpr std::size_t kJudgedFromStrokes = 30;  ///< what a plan needs unless it says otherwise

/// Why a requirement cannot be held against this measurement; empty if it can.
std::string obstacle(const Requirement& requirement, const Measurement* m, std::size_t strokes) {
  if (is_beyond_captures(*requirement.measurand)) return "no capture alone holds it, only a run";
  if (m == nullptr && requirement.measurand->id == "penetration_error") return "no depth is set (--set depth_mm=…)";
  if (m == nullptr) return "the capture holds nothing that gives it";
  if (!m->value) return m->note.empty() ? "no value" : m->note;
  if (strokes < kJudgedFromStrokes) {
    return fmt::format("{} strokes; a plan judges from {} on", strokes, kJudgedFromStrokes);
  }
  if (!requirement.limit.tolerance && !requirement.limit.tolerance_percent) return "";
  const SettingReference about = requirement.measurand->reference;
  if (about == SettingReference::depth_mm && !m->depth_mm) {
    return "its tolerance holds about a depth, and none is set (--set depth_mm=…)";
  }
  if (about == SettingReference::rate_per_min && !m->rate_per_min) {
    return "its tolerance holds about a rate, and none is set (--set rate_per_min=…)";
  }
  return "";
}

}  // namespace

CaptureJudgement judge_capture(const CaptureAnalysis& analysis, const Product& product) {
  CaptureJudgement judgement;
  RunOutcome& outcome = judgement.outcome;
  outcome.verdict = Verdict::not_judged;
  outcome.measurements = analysis.measurements;
  const auto averaged = static_cast<std::size_t>(std::ranges::count(analysis.strokes, true, &CaptureStroke::averaged));
  for (const Requirement& requirement : product.requirements) {
    const auto found = std::ranges::find(outcome.measurements, requirement.measurand->id, &Measurement::measurand);
    Measurement* const m = found == outcome.measurements.end() ? nullptr : &*found;
    std::string why = obstacle(requirement, m, averaged);
    if (m == nullptr || !why.empty()) {
      const bool open = !is_beyond_captures(*requirement.measurand);
      judgement.not_judged.push_back({requirement.id, requirement.title, std::move(why), open});
      continue;
    }
    Decision d = decide(requirement, *m, analysis.rows);
    d.measurement = static_cast<std::size_t>(found - outcome.measurements.begin());
    outcome.verdict = worst(outcome.verdict, d.verdict);
    outcome.decisions.push_back(std::move(d));
  }
  // Limits that the rest may have broken are not held. Where there is no decision at all, "not judged" says so.
  const bool some_open = std::ranges::any_of(judgement.not_judged, &CaptureJudgement::NotJudged::open);
  if (some_open && !outcome.decisions.empty()) outcome.verdict = worst(outcome.verdict, Verdict::indeterminate);
  outcome.deciding = deciding(outcome.decisions);
  return judgement;
}

const char* word_for_capture(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "inside";
    case Verdict::fail:
      return "outside";
    case Verdict::indeterminate:
      return "undecided";
    case Verdict::not_judged:
      return "not judged";
    case Verdict::aborted:
    case Verdict::error:
      break;
  }
  return "error";
}

}  // namespace penrig
