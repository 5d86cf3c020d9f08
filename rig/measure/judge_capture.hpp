#pragma once

#include <string>
#include <vector>

#include "rig/measure/analyse_capture.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/product.hpp"

namespace penrig {

/// A product's requirements held against one capture.
struct CaptureJudgement {
  RunOutcome
      outcome;  ///< measurements, decisions and which decided; verdict not_judged when there was nothing to judge
  struct NotJudged {
    std::string requirement_id, title, why;
    bool open = true;  ///< a capture could hold it; false: only a run can, and it leaves the verdict as it is
  };
  std::vector<NotJudged> not_judged;
};

/// Decides what this capture can decide, by decide(). Not judged, with the reason: what it holds no value of, a
/// tolerance about a setting that nobody said, and everything where there are fewer strokes than a plan needs. What is
/// left open so makes a PASS indeterminate.
CaptureJudgement judge_capture(const CaptureAnalysis& analysis, const Product& product);

/// What is said of a capture where a run has a verdict: "inside", "outside", "undecided", "not judged", "error". PASS
/// is a word for what a durable record holds, and an analysis of a file certifies nothing.
const char* word_for_capture(Verdict verdict);

}  // namespace penrig
