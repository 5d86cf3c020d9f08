#pragma once

#include <string>

#include "rig/record/run_record.hpp"

namespace penrig {

/// What a person calls the end of this run: the verdict's name, or INTERRUPTED for a record that nobody closed.
inline std::string verdict_word(const RunRecord& run) {
  return run.closed ? name_of(run.outcome.verdict) : "INTERRUPTED";
}

/// The verdict that counts: a record that nobody closed is ERROR whatever it holds.
inline Verdict counted_verdict(const RunRecord& run) { return run.closed ? run.outcome.verdict : Verdict::error; }

/// Why no part of this run may be taken for a certificate; empty for a certifying run.
inline std::string void_mark(const RunHeader& header) {
  if (header.simulated) return "SIMULATED";
  return header.engineering ? "ENGINEERING" : "";
}

}  // namespace penrig
