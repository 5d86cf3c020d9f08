#pragma once

#include <string>

#include "reports/store/record_store.hpp"
#include "rig/calibrate/filed.hpp"
#include "rig/measure/corrections.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/penrig/answers.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {

/// Everything that a run is made of, read and checked; nothing is open yet.
struct PreparedRun {
  Inputs inputs;  ///< with the mistakes of the command line among its own
  SlotDescription slot;
  std::size_t slot_index = 0;  ///< among the rig's
  WithoutCorrections without;
  GivenAnswers answers{};
};

/// Reads the files and holds the command line against them: serial number against the product's pattern, slot against
/// the rig, sample stream against the link. All mistakes at once.
PreparedRun prepare_run(const RunOptions& options);

/// The slot of that name; the only one where none is named. Else the mistake that the command line made.
std::optional<Mistake> choose_slot(const RigDescription& rig, const std::string& wanted, SlotDescription& slot);

/// What only shows when rig and plan are held together: links that lead nowhere or say nothing that a port takes,
/// a stream beyond a link's capacity. Nothing of it concerns a rig that has no wires.
std::vector<Mistake> check_links(const Inputs& inputs, const SlotDescription& slot);

/// A calibration must have been made and must not be due at the run's own date. Errc::calibration says what to do.
Result<void> check_calibration(const RigDescription& rig, std::int64_t utc_ns);

/// The rig's calibrations with the filed ones of the store that are in force; Errc::calibration where a required one is
/// not (rig/calibrate/filed.hpp).
Result<CalibrationChoice> choose_calibrations(RecordStore& store, const RigDescription& rig, std::int64_t utc_ns);

/// The same for a capture that this rig took on a day, with check_calibration() before it; nothing is filed where there
/// is no store yet.
/// @param records  empty: the usual folder, if it is there.
/// @param date     YYYY-MM-DD; empty: the day of utc_ns.
/// Errc::usage: no such date, one after utc_ns, no such store; else as above.
Result<CalibrationChoice> calibrations_of_capture(const std::string& records, const RigDescription& rig,
                                                  const std::string& date, std::int64_t utc_ns);

/// Refuses a plan that demands a golden check and has none: the newest run of that plan on this rig and slot that came
/// to a verdict must be a PASS by the very bytes of the golden plan and its product, and must not have begun too long
/// ago; for a run that certifies it must be a certifying one. Errc::refused says what to do.
Result<void> check_golden(RecordStore& store, const PreparedRun& prepared, bool certifies, std::int64_t utc_ns);

/// How large its record can become.
RunSize run_size(const PreparedRun& prepared);

/// What is recorded of the run before it begins.
RunHeader make_header(const RunOptions& options, const PreparedRun& prepared, const PlanCounts& counts,
                      const std::vector<Calibration>& calibrations = {});

/// The simulated bench's parameters with the scanned pen on it: whoever scanned a simulated pen clamped that one,
/// unless a defect or a plant file says otherwise.
sim::PlantParameters plant_for(const PreparedRun& prepared, const std::string& serial_number);

}  // namespace penrig::cli
