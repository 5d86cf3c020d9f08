#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rig/calibrate/calibration.hpp"
#include "rig/ports/observer.hpp"
#include "rig/run/sequencer.hpp"
#include "rig/spec/load.hpp"

namespace penrig::cli {

/// What is known when nothing has moved yet.
struct RunIntroduction {
  const Plan& plan;
  const Product& product;
  const RigDescription& rig;
  PlanCounts counts;
  double planned_s = 0;       ///< on the rig
  std::string serial_number;  ///< as scanned
  std::string slot;
  std::string mode;                         ///< "simulated: not a certificate"
  std::vector<Calibration> calibrations{};  ///< filed ones that take the place of the description's
  std::vector<std::string> passed_over{};   ///< filed ones that do not, and why
  std::string void_as_certificate{};        ///< as its record says it: "SIMULATED", "ENGINEERING"; empty: it certifies
};

/// What is known when the run is over and its papers are written.
struct RunEnd {
  const RunResult& result;
  std::string serial_number;
  std::string records_directory;    ///< as the user wrote it
  std::int64_t on_disk_utc_ns = 0;  ///< when the record was durable
  std::string report_path;          ///< empty: none was wanted
  std::string report_error;         ///< empty: written
};

/// Whoever shows a run to the one who started it: text for people, or one JSON object a line.
class RunView : public RunObserver {
 public:
  virtual void begin(const RunIntroduction& introduction) = 0;
  /// The verdict is there and its record on disk, or said not to be; the papers are still to be written.
  virtual void closed(const RunResult& /*result*/) {}
  virtual void end(const RunEnd& end) = 0;
};

}  // namespace penrig::cli
