#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig::cli {

/// The built-in description of the simulated rig with other slots in it; all else, comments included, stays.
/// @param yaml    the description; its top-level key `slots` is replaced.
/// @param slots   name, links and simulant sheet of each.
/// @param utc_ns  today. A calibration that would not be valid today gets dates that are: a simulated calibration is
///                renewed as often as one likes.
/// Errc::internal if the description has no `slots`.
Result<std::string> served_rig_yaml(std::string_view yaml, const std::vector<SlotDescription>& slots,
                                    std::int64_t utc_ns);

}  // namespace penrig::cli
