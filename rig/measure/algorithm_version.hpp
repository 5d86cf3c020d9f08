#pragma once

namespace penrig {

/// What measures and judges, as a record names it. It changes with every change after which the same samples give a
/// number with other bits, or another verdict: then a recomputation says "newer algorithm", and not that somebody
/// altered the record.
inline constexpr const char* kAlgorithmVersion = "15";

}  // namespace penrig
