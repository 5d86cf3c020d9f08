#pragma once

#include <string>

#include "rig/record/run_record.hpp"

namespace penrig {

struct Progress {
  double fraction = 0;  ///< of the planned rig time
  double seconds_left = 0;
  std::string label;                      ///< "2.0 mm at 9000/min"
  std::uint64_t stroke = 0, strokes = 0;  ///< within the setting; 0 of 0 elsewhere
  std::size_t step = 0;                   ///< of the plan as it is laid out (run/plan_steps.hpp)
};

/// Who watches a run: a terminal, a JSON stream, the station. Must not block.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void connected(const PenIdentity&, const DaqIdentity&) {}
  virtual void progress(const Progress&) {}
  virtual void phase_done(const PhaseRecord&) {}
  virtual void event(const RunEvent&) {}
  /// What the DAQ says of its interlocks: when it is heard first, and whenever that changes.
  virtual void interlocks(const DaqStatus&) {}
};

}  // namespace penrig
