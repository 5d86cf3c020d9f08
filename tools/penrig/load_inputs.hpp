#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures/faults/fault_script.hpp"
#include "fixtures/sim/sim_uri.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/load.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// What is peculiar to one slot of a simulated rig in this process.
struct SimulatedSlot {
  sim::PlantParameters plant;
  faults::FaultScript faults;
  std::vector<SourceDocument> documents;  ///< a fault script of its own
};

/// What a golden check demands a PASS by: that plan and its product, as they are now.
struct GoldenInputs {
  SourceDocument plan, product;
};

/// Plan, product, rig (and plant) as read from files. They count only if there is no mistake.
struct Inputs {
  Plan plan;
  Product product;
  RigDescription rig;
  std::optional<sim::SimulatedRigUri> simulated;                ///< `--rig sim:...`
  sim::PlantParameters plant;                                   ///< for that
  faults::FaultScript faults;                                   ///< likewise; empty: nothing breaks
  std::vector<SimulatedSlot> simulated_slots;                   ///< likewise, as rig.slots
  std::vector<SourceDocument> documents;                        ///< plan, product, pictures, rig, plant, faults
  std::optional<GoldenInputs> golden;                           ///< of a plan with a golden check; none of its run's
  std::vector<Mistake> mistakes;                                ///< of all files at once, in that order
  bool has_plan = false, has_product = false, has_rig = false;  ///< read without a mistake

  bool ok() const { return mistakes.empty(); }
};

/// The bytes of a file. Errc::usage: no such file, a directory, a pipe, a device, not readable, larger than 16 MiB (no
/// description is).
Result<std::string> read_text(const std::string& path);

/// Reads the plan, the product that it names (relative to the plan's own folder), and the rig: a file or a `sim:` URI.
/// @param rig  empty: none is read.
/// @param via  a link for phases that name none ("serial", "ble", "both"), as a last line of the plan, with which it is
///             recorded; empty: the plan as it is. A mistake where no phase takes it.
Inputs load_inputs(const std::string& plan_path, const std::string& rig, const std::string& via = "");

/// Reads a rig alone, as above.
Inputs load_rig_inputs(const std::string& rig);

/// Reads the plant of a simulated rig; the shipped one without a path. Mistakes and the document are appended.
sim::PlantParameters load_plant_file(const std::string& path, std::vector<Mistake>& mistakes,
                                     std::vector<SourceDocument>& documents);

/// Reads a fault script; an empty one without a path. Mistakes and the document are appended.
faults::FaultScript load_fault_file(const std::string& path, std::vector<Mistake>& mistakes,
                                    std::vector<SourceDocument>& documents);

/// Adds a mistake for each fault that waits for a step that the plan does not have. Nothing without plan and rig.
void check_faults(const faults::FaultScript& script, const std::string& file, Inputs& inputs);

/// The mistakes with their places, at most the first 50, then "N mistakes in M files; <what has not happened>".
std::string render_mistakes(const std::vector<Mistake>& mistakes, const TerminalStyle& style,
                            const std::string& not_happened);

}  // namespace penrig::cli
