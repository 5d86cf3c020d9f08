#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/system/over_ptys.hpp"

namespace penrig::test {

/// A USB device of the guest by its serial number, pulled out and plugged in again.
class UsbPlug {
 public:
  explicit UsbPlug(const std::string& serial_number);
  void pull() const;
  void plug_in() const;
  /// "/dev/ttyUSB0", empty while there is none.
  std::string tty() const;
  /// Waits until there is one; false when there is none within 10 s.
  bool wait_for_tty() const;

 private:
  std::string device_;  ///< its folder in sysfs
};

/// A simulated rig whose pen and DAQ stand behind FTDI adapters: their ptys are relayed to the far ends of the
/// adapters, and penrig sees /dev/ttyUSB* of the kernel's ftdi_sio.
class OverFtdi : public OverPtys {
 protected:
  ~OverFtdi() override;
  void start_bench(const std::vector<std::string>& more = {});
  std::vector<std::string> run_on_bench(const std::string& plan) const;

  const UsbPlug pen_{"PEN-1"}, daq_{"DAQ-1"};

 private:
  void relay(const std::string& pty, const std::string& far_end);
  std::vector<pid_t> relays_;
};

}  // namespace penrig::test
