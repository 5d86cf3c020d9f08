#pragma once

#include "rig/base/result.hpp"
#include "rig/record/measurement.hpp"

namespace penrig::cli {

/// What the shell, a CI job and a script get. The numbers are part of the interface; DESIGN.md's list, "Exit codes".
enum class ExitCode : int {
  pass = 0,         ///< PASS, or a command that is no run did its work
  not_passed = 1,   ///< FAIL or INDETERMINATE
  aborted = 2,      ///< somebody or an interlock stopped the run
  error = 3,        ///< rig, device, machine or record
  usage = 4,        ///< a mistake in what the user wrote
  nothing_ran = 5,  ///< stopped before a record was tried to be opened
};

constexpr int to_int(ExitCode code) { return static_cast<int>(code); }

/// A verdict as an exit code. not_judged counts as an error: a run without a judgement has no place in a pipeline.
constexpr ExitCode exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return ExitCode::pass;
    case Verdict::indeterminate:
    case Verdict::fail:
      return ExitCode::not_passed;
    case Verdict::aborted:
      return ExitCode::aborted;
    case Verdict::not_judged:
    case Verdict::error:
      break;
  }
  return ExitCode::error;
}

/// An error that ended a command before a run began.
constexpr ExitCode exit_code_of(Errc code) {
  if (code == Errc::aborted) return ExitCode::nothing_ran;
  return code == Errc::usage ? ExitCode::usage : ExitCode::error;
}

}  // namespace penrig::cli
