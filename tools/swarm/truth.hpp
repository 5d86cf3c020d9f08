#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fixtures/sim/plant_truth_probe.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/product.hpp"
#include "tools/swarm/pen_draw.hpp"

namespace penrig::swarm {

/// Where the truth of a decided quantity lies, against its limits and in the U that the decision had.
enum class Side : std::uint8_t {
  outside,       ///< beyond a limit by 1.5 U or more: may not be passed
  near_outside,  ///< beyond by less: may be passed as seldom as the decision's rule states
  near_inside,   ///< inside by less than U + 4 u: everything may come of it
  inside,        ///< inside every limit by U + 4 u or more: has to be passed
  unknown        ///< the plant cannot tell
};
const char* name_of(Side side);

/// One decision of a record beside the truth.
struct HeldDecision {
  std::string requirement;           ///< "D1"
  std::string setting;               ///< "2.5 mm at 7500/min"; empty: of the run
  double truth = 0, u_expanded = 0;  ///< in the measurement's unit; of strokes: what decides, and the U of that bound
  double beyond = 0;                 ///< how far the truth lies outside, in U; negative inside; infinite for counts
  Side side = Side::unknown;
  Verdict verdict = Verdict::error;
  double risk = 0;  ///< largest probability of false acceptance that the decision states
};

/// Every decision of the record against what the plant knows: the process in the plant (mean, and the 0.5 and 99.5 %
/// quantiles of its strokes) where a limit is on a process, what happened where it is on what happened (latencies,
/// counts, a rare stroke).
/// @param probe  of the bench that this run used, recording since before it.
std::vector<HeldDecision> hold_against_truth(const RunRecord& record, const Product& product,
                                             const sim::PlantTruthProbe& probe, const sim::PlantParameters& plant);

/// Quantile of a stroke's height about its process: bearing play and drift (normal, sd in µm) on a swing of that
/// amplitude, µm. For p = 0.5 % and 99.5 % accurate to 0.05 µm.
double height_quantile_um(double p, double sd_um, double swing_um);

}  // namespace penrig::swarm
