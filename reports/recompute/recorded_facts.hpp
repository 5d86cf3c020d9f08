#pragma once

#include "rig/record/run_record.hpp"
#include "rig/run/conclude.hpp"

namespace penrig {

/// What a record says of a run beside what its phases measured: told measurements of the link, why it ended early, how
/// many decisions were planned, what was switched off. growth_mm: from the zeros that its references hold.
RunFacts recorded_facts(const RunRecord& record);

/// Whether a measurement is told by link or pen rather than measured.
bool is_told(const Measurement& measurement);

}  // namespace penrig
