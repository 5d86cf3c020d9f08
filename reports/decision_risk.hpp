#pragma once

#include <optional>
#include <string>

#include "rig/record/measurement.hpp"

namespace penrig {

/// Probability that the true value lies beyond the limit although this one was accepted, or would be: 1 - conformity,
/// ten digits. Unset where the decision has no distribution.
std::optional<double> false_acceptance(const Decision& decision);

/// Goes on after "probability of ": of a PASS "conformity 99.98 %, false acceptance 0.02 % (by the rule at most
/// 2.28 %)"; of a FAIL, which accepted nothing, "false rejection 0.02 %"; of any other verdict "conformity 84.1 %".
/// Empty where the decision has no distribution.
std::string risk_text(const Decision& decision);

}  // namespace penrig
