#pragma once

#include <string>
#include <vector>

#include "rig/record/run_record.hpp"

namespace penrig {

/// What a person was asked in a run, and said.
struct AnswerGiven {
  std::string prompt, question;
  std::string answer;  ///< "straight", "2.20 ± 0.05 mm"; empty: none was given
  std::string how;     ///< "answered by ada at the station after 3.0 s", or why there is no answer
  double asked_s = 0;  ///< since the run began
};

/// In the order in which they were put; every attempt.
std::vector<AnswerGiven> answers_given(const RunRecord& run);

}  // namespace penrig
