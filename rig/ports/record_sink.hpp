#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/ports/waveform_writer.hpp"
#include "rig/record/run_record.hpp"
#include "rig/record/simulant_sheet.hpp"

namespace penrig {

/// Where a run's record grows. Calls may block on the disk; the sequencer runs them away from the loop.
/// What returned ok is durable: it survives a crash of the program and of the machine.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Before the first command. Returns the run id.
  virtual Result<std::string> open_run(const RunHeader& header) = 0;
  /// What the runs on this sheet took so far, closed and interrupted ones alike; one entry for every run and spot.
  virtual Result<std::vector<SpotUse>> spots_taken(const SimulantSheet& sheet) = 0;
  /// Before anything touches the spot: from then on it counts as used, whatever becomes of the run.
  virtual Result<void> take_spot(const std::string& run_id, const SpotPlace& spot) = 0;
  /// Keeps the samples of one capture, which add_phase() names when their file is durable. Does not block. Null:
  /// nothing of this run is kept.
  virtual std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) = 0;
  virtual Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) = 0;
  /// Only after this returned ok may PASS be said.
  virtual Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) = 0;
};

}  // namespace penrig
