#pragma once

#include <map>
#include <optional>
#include <vector>

#include "rig/record/measurement.hpp"

namespace penrig {

/// What a run learns of one link of the pen.
struct LinkTold {
  std::vector<double> command_latencies_ms{};  ///< of every acknowledged command over it
  std::optional<double> rssi_dbm{};            ///< over BLE: the weakest advertisement that a connection was made by
};

/// Run-level measurands of each link: command_latency_median and _p99, with distribution-free limits of 95 % from order
/// statistics (where the sample is too small for an upper limit of P99, its largest value stands for it and the note
/// says so), and rssi. And battery, as the pen tells it.
std::vector<Measurement> link_level(const std::map<PenLink, LinkTold>& links, std::optional<double> battery_percent);

/// reconnect_time: the longest of some, each from the loss of the link to the next acknowledged command.
/// @param times_ms  one at least.
Measurement reconnect_time(PenLink link, const std::vector<double>& times_ms);

}  // namespace penrig
