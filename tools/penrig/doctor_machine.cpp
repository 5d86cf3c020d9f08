#include "tools/penrig/doctor_machine.hpp"

#include <array>
#include <fstream>

#include <fmt/format.h>
#include <sys/timex.h>

#include "tools/penrig/rig_lock.hpp"

namespace penrig::cli {
namespace {

struct PortTaker {
  const char* process;
  const char* does;
  const char* to_do;
};
constexpr std::array kPortTakers{
    PortTaker{"ModemManager", "opens every new serial port and talks to what is behind it",
              "sudo systemctl disable --now ModemManager, or a udev rule with ENV{ID_MM_DEVICE_IGNORE}=\"1\""},
    PortTaker{"brltty", "takes some FTDI and CP210x adapters for Braille displays",
              "sudo apt-get remove brltty, or take its udev rules away"}};

}  // namespace

ClockState clock_state() {
  struct timex clock {};
  const int state = ::adjtimex(&clock);
  return {state != -1 && state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0,
          static_cast<double>(clock.maxerror) * 1e-6};
}

Finding clock_finding(const ClockState& clock) {
  if (clock.synchronised)
    return {Standing::fine, "clock", fmt::format("synchronised, within {:.3g} s", clock.max_error_s), ""};
  return {Standing::note, "clock", "not synchronised: records carry its time, and one that goes back cannot certify",
          "let chrony or systemd-timesyncd set it (timedatectl shows whether one does)"};
}

Findings port_takers(const std::filesystem::path& proc) {
  Findings found;
  std::error_code ignored;
  for (const auto& process : std::filesystem::directory_iterator(proc, ignored)) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream comm(process.path() / "comm");
    std::string name;
    std::getline(comm, name);
    for (const PortTaker& taker : kPortTakers) {
      if (name == taker.process)
        found.push_back(
            {Standing::note, "programs", fmt::format("{} (pid {}) {}", name, pid, taker.does), taker.to_do});
    }
  }
  return found;
}

Finding lock_place() {
  const Result<std::string> place = lock_directory();
  if (!place) return {Standing::wrong, "locks", place.error().message, "penrig holds a rig by a file there"};
  return {Standing::fine, "locks", *place, ""};
}

}  // namespace penrig::cli
