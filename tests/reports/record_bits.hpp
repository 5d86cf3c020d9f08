#pragma once

#include <string>

#include "rig/record/run_record.hpp"

namespace penrig::testing {

/// Every field of a record as text, doubles as the hex digits of their bits: equal strings are equal records.
std::string bits_of(const RunRecord& run);

}  // namespace penrig::testing
