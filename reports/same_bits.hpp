#pragma once

#include <bit>
#include <cstdint>

#include "rig/record/measurement.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

// Whether two have the same members, every double bit for bit: whoever reads the one in place of the other sees no
// difference.

inline bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
bool same_bits(const BudgetLine& a, const BudgetLine& b);
bool same_bits(const Measurement& a, const Measurement& b);
bool same_bits(const InputValue& a, const InputValue& b);

}  // namespace penrig
