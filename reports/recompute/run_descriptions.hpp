#pragma once

#include <vector>

#include "reports/recompute/comparison.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/plan.hpp"
#include "rig/spec/product.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// What a run was described by.
struct RunDescriptions {
  Plan plan;
  Product product;
  RigDescription rig;  ///< its calibrations are those in force: filed ones in the place of the description's
};

/// Those that the record itself holds, as bytes. Errc::bad_data: one is missing, or cannot be read any more.
Result<RunDescriptions> recorded_descriptions(const RunRecord& record);

/// Where what an analysis was given is not what plan, product, rig and calibrations say: a factor, or a setting, that
/// came from nowhere.
std::vector<RecordDifference> unlike_descriptions(const RunRecord& record, const RunDescriptions& run);

}  // namespace penrig
