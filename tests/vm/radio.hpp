#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/system/over_ptys.hpp"

namespace penrig::test {

/// What tests/vm/radio does; false when it did not come about.
bool radio(const std::string& words);

/// Time of the guest, s, from some instant on.
double guest_seconds();
/// Nothing happens for so long.
void let_pass(double seconds);

/// A plan of which every phase drives the pen over BLE; its path.
std::string write_plan_over_ble(const std::string& folder);

/// A simulated rig whose pen is also in the air: `penrig sim --ble hci1`. penrig reaches it by hci0.
class OverRadio : public OverPtys {
 protected:
  void SetUp() override;
  void TearDown() override { end_pen(); }
  void start_pen(std::vector<std::string> more = {});
  /// As at Ctrl-C; gives the adapter back what it was.
  void end_pen();
  std::vector<std::string> run_over_ble() const;

  struct Ended {
    int exit_code = -1;
    double took_s = 0;
    nlohmann::json result;  ///< the last line of --json
    std::string reason, all;
  };
  /// Waits for the end of a run.
  Ended end_of(Program& run, double began_s, int at_most_ms) const;
  Ended run_to_end(int at_most_ms = 60'000) const;
  /// Holds for every run, whatever happened to it: an ERROR with its reason, or a PASS of which every number is derived
  /// again from what was recorded; and its record is on disk.
  void check_fails_closed(const Ended& run, const std::string& what) const;
};

}  // namespace penrig::test
