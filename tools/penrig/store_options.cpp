#include "tools/penrig/store_options.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/counted.hpp"

namespace penrig::cli {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kMostNamed = 5;

}  // namespace

RecordStoreOptions store_options() {
  RecordStoreOptions options;
  options.busy_timeout_ms = kBusyTimeoutMs;
  options.on_waiting = [](const std::filesystem::path& file, int at_most_ms) {
    spdlog::warn("{}: another program writes to it; waiting for it, {} s at most", file.string(), at_most_ms / 1000);
  };
  return options;
}

std::string interrupted_text(const std::vector<InterruptedRun>& runs) {
  if (runs.empty()) return "";
  std::uint64_t phases = 0, measurements = 0;
  for (const InterruptedRun& run : runs) {
    phases += run.phases;
    measurements += run.measurements;
  }
  const std::string kept = fmt::format("closed as INTERRUPTED, with {} and {}", counted(phases, "phase"),
                                       counted(measurements, "measurement"));
  if (runs.size() == 1) {
    return fmt::format("{} ({}, plan {}) was left open by a program that is gone: {}", runs[0].run_id,
                       runs[0].serial_number, runs[0].plan_name, kept);
  }
  std::string names;
  for (std::size_t i = 0; i < runs.size() && i < kMostNamed; ++i) names += (i == 0 ? "" : ", ") + runs[i].run_id;
  return fmt::format("{} runs ({}{}) were left open by programs that are gone: {}", runs.size(), names,
                     runs.size() > kMostNamed ? ", …" : "", kept);
}

}  // namespace penrig::cli
