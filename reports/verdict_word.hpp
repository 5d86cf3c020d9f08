#pragma once

#include <string>

#include "rig/record/run_record.hpp"

namespace penrig {

/// What a person calls the end of this run: the verdict's name, or INTERRUPTED for one that did not come to its end.
inline std::string verdict_word(const RunRecord& run) {
  return run.closed && !run.outcome.interrupted ? name_of(run.outcome.verdict) : "INTERRUPTED";
}

/// The verdict that counts: a run that did not come to its end is ERROR whatever its record holds.
inline Verdict counted_verdict(const RunRecord& run) {
  return run.closed && !run.outcome.interrupted ? run.outcome.verdict : Verdict::error;
}

/// Why no part of this run may be taken for a certificate; empty for a certifying run.
inline std::string void_mark(const RunHeader& header) {
  if (header.simulated) return "SIMULATED";
  return header.engineering ? "ENGINEERING" : "";
}

/// The same with what became of it: VOID for a run that somebody declared void, UNSIGNED for a certifying one that no
/// signature holds for.
inline std::string void_mark(const RunRecord& run) {
  if (run.standing.voided) return "VOID";
  const std::string mark = void_mark(run.header);
  return mark.empty() && run.standing.signatures.empty() ? "UNSIGNED" : mark;
}

/// Why, in a sentence; empty where there is no mark.
std::string void_reason(const RunRecord& run);

}  // namespace penrig
