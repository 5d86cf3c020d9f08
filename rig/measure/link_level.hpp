#pragma once

#include <optional>
#include <span>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig {

/// Run-level measurands of the serial link: command_latency_median and _p99 from every acknowledged command, with
/// distribution-free limits of 95 % from order statistics (where the sample is too small for an upper limit of P99, its
/// largest value stands for it and the note says so), and battery as the pen tells it.
std::vector<Measurement> link_level(std::span<const double> command_latencies_ms,
                                    std::optional<double> battery_percent);

}  // namespace penrig
