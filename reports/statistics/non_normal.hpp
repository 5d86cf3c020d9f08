#pragma once

#include <optional>
#include <span>

#include "reports/statistics/capability.hpp"

namespace penrig::statistics {

/// By PowerTransform; intervals by profile likelihood over lambda, mean and deviation (Venzon and Moolgavkar, Appl.
/// Stat. 37 (1988)), of Ppk the smaller ones of both sides' bounds. None where it cannot be fitted, and for fewer than
/// 100 values.
std::optional<NonNormal> non_normal_capability(std::span<const double> values, const Tolerance& tolerance);

}  // namespace penrig::statistics
