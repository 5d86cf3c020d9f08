#include "rig/measure/link_level.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "rig/measure/budget.hpp"

namespace penrig {

namespace {

/// Quantile p of a sorted sample with the order statistics whose ranks lie two standard deviations of the binomial law
/// about its own. Source: NIST/SEMATECH e-Handbook 7.2.6.2.
Measurement quantile(const char* id, PenLink link, std::span<const double> sorted, double p) {
  const auto n = static_cast<double>(sorted.size());
  const auto at = [&](double rank) {
    return sorted[static_cast<std::size_t>(std::clamp(std::round(rank), 0.0, n - 1))];
  };
  const double rank = p * (n - 1), spread = 2 * std::sqrt(n * p * (1 - p));
  Measurement m;
  m.measurand = id;
  m.unit = "ms";
  m.link = link;
  m.value = at(rank);
  m.low = at(std::floor(rank - spread));
  m.high = at(std::ceil(rank + spread));
  m.expanded_u = std::max(*m.high - *m.value, *m.value - *m.low);
  m.n = sorted.size();
  m.note = link == PenLink::ble ? "over BLE, host clock" : "over the serial link, host clock";
  if (rank + spread > n - 1) m.note += "; the largest of the sample stands for the upper limit";
  return m;
}

/// A controller's RSSI is within 6 dB (Bluetooth Core Specification 5.3, volume 4, part E, 7.5.4).
constexpr double kRssiHalfWidthDb = 6;

constexpr double kCutHalfWidthMs = 1;  ///< by the event loop

Measurement rssi(PenLink link, double dbm) {
  Measurement m;
  m.measurand = "rssi";
  m.unit = "dBm";
  m.link = link;
  m.value = dbm;
  m.n = 1;
  m.budget = {uniform_line("accuracy of the controller", kRssiHalfWidthDb)};
  m.note = "of the advertisement that it was connected by, as bluetoothd told it";
  finish(m);
  return m;
}

}  // namespace

Measurement reconnect_time(PenLink link, const std::vector<double>& times_ms) {
  Measurement m;
  m.measurand = "reconnect_time";
  m.unit = "ms";
  m.link = link;
  m.value = *std::max_element(times_ms.begin(), times_ms.end());
  m.n = times_ms.size();
  m.budget = {uniform_line("when the link was cut", kCutHalfWidthMs)};
  m.note = "the longest of " + std::to_string(m.n) + ", host clock, from the loss to the next acknowledged command";
  finish(m);
  return m;
}

std::vector<Measurement> link_level(const std::map<PenLink, LinkTold>& links, std::optional<double> battery_percent) {
  std::vector<Measurement> out;
  for (const auto& [link, told] : links) {
    std::vector<double> sorted = told.command_latencies_ms;
    std::sort(sorted.begin(), sorted.end());
    if (!sorted.empty()) {
      out.push_back(quantile("command_latency_median", link, sorted, 0.5));
      out.push_back(quantile("command_latency_p99", link, sorted, 0.99));
    }
    if (told.rssi_dbm) out.push_back(rssi(link, *told.rssi_dbm));
  }
  if (battery_percent) {
    Measurement m;
    m.measurand = "battery";
    m.unit = "%";
    m.value = battery_percent;
    m.n = 1;
    m.budget = {uniform_line("resolution of what the pen tells", 0.5)};
    m.note = "as the pen told it before the run";
    finish(m);
    out.push_back(std::move(m));
  }
  return out;
}

}  // namespace penrig
