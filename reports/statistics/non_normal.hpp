#pragma once

#include <optional>
#include <span>

#include "reports/statistics/capability.hpp"

namespace penrig::statistics {

/// By PowerTransform; interval by the delta method from the observed information of lambda, mean and deviation. None
/// where it cannot be fitted, and for fewer than 100 values: of 50 it would hold the truth in 91 %, not 95.
std::optional<NonNormal> non_normal_capability(std::span<const double> values, const Tolerance& tolerance);

}  // namespace penrig::statistics
