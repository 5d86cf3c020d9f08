#pragma once

#include <string>

#include "rig/base/result.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// Where a run's record grows. Calls may block on the disk; the sequencer runs them away from the loop.
/// What returned ok is durable: it survives a crash of the program and of the machine.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Before the first command. Returns the run id.
  virtual Result<std::string> open_run(const RunHeader& header) = 0;
  virtual Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) = 0;
  /// Only after this returned ok may PASS be said.
  virtual Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) = 0;
};

}  // namespace penrig
