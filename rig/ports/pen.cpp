#include "rig/ports/pen.hpp"

#include <array>

namespace penrig {

namespace {

/// Bits 0 to 6 of protocols/WIRE.md.
constexpr std::array kFaults{"motor stalled",
                             "motor or driver too hot",
                             "battery too low to run",
                             "stroke sensor: no pulses while the motor is driven, or too many",
                             "park switch was not reached",
                             "no cartridge, or one that it does not know",
                             "self-test failed"};
constexpr std::uint32_t kStoppedByDeadMan = 1U << 7U;

}  // namespace

std::string faults_of(const PenStatus& status) {
  std::string text;
  const auto add = [&](const std::string& fault) { text += (text.empty() ? "" : ", ") + fault; };
  std::uint32_t unknown = status.fault_bits & ~kStoppedByDeadMan;
  for (std::size_t bit = 0; bit < kFaults.size(); ++bit) {
    if ((status.fault_bits >> bit & 1U) == 0) continue;
    unknown &= ~(1U << bit);
    add(kFaults[bit]);
  }
  if (unknown != 0) add("a fault that is not known here (bits " + std::to_string(unknown) + ")");
  return text;
}

bool stopped_by_dead_man(const PenStatus& status) { return (status.fault_bits & kStoppedByDeadMan) != 0; }

}  // namespace penrig
