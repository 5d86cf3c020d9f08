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

/// What the run counts as: VOID, which is nothing, once somebody declared it void; else the verdict that counts.
inline std::string counts_as(const RunRecord& run) {
  return run.standing.voided ? "VOID" : name_of(counted_verdict(run));
}

/// Why no part of this run may be taken for a certificate; empty for a certifying run.
inline std::string void_mark(const RunHeader& header) {
  if (header.simulated) return "SIMULATED";
  return header.engineering ? "ENGINEERING" : "";
}

/// The same with whether it is signed: UNSIGNED for a certifying run that no signature holds for.
inline std::string mark_without_void(const RunRecord& run) {
  const std::string mark = void_mark(run.header);
  return mark.empty() && run.standing.signatures.empty() ? "UNSIGNED" : mark;
}

/// The same with what became of it: VOID for a run that somebody declared void, whatever it was before.
inline std::string void_mark(const RunRecord& run) { return run.standing.voided ? "VOID" : mark_without_void(run); }

/// Why, in a sentence; empty where there is no mark. Of a void run that was no certificate before, both: who declared
/// it void, when and why, and behind it what it was: "SIMULATED: No pen was tested: ...".
std::string void_reason(const RunRecord& run);

}  // namespace penrig
