#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/scratch_directory.hpp"
#include "tests/system/over_ptys.hpp"
#include "tests/system/program.hpp"

namespace penrig::test {

/// What tests/vm/radio does; false when it did not come about.
bool radio(const std::string& words);

/// Time of the guest, s, from some instant on.
double guest_seconds();
/// Nothing happens for so long.
void let_pass(double seconds);

/// btvirt gives all connections of an adapter one handle, which the kernel does not survive: so every pen has an
/// adapter for itself, and a host of its own.
inline constexpr int kPairs = 4;
std::string pen_adapter(int pair);
std::string host_adapter(int pair);
/// "00:AA:01:01:00:01": of the pen's adapter.
std::string pen_address(int pair);

/// A plan of which every phase drives the pen over BLE; its path.
std::string write_plan_over_ble(const std::string& folder);

/// How a run ended.
struct Ended {
  int exit_code = -1;
  nlohmann::json result;  ///< the last line of --json
  std::string reason, all;
  bool safe() const { return result.is_object() && result.value("safe_state_confirmed", false); }
};

/// A simulated rig of its own, `penrig sim --ble`, and runs on it. Several at once are independent of each other.
class Lane {
 public:
  explicit Lane(int pair) : pair_(pair) {}
  void start_pen(std::vector<std::string> more = {});
  /// As at Ctrl-C; gives the adapter back what it was.
  void end_pen();
  void kill_pen() { sim_.reset(); }
  bool has_pen() const { return sim_ != nullptr; }
  pid_t pen_pid() const { return sim_->pid(); }

  std::vector<std::string> run_arguments() const;
  void start_run();
  Program& run() { return *run_; }
  Ended end_of_run(int at_most_ms);
  Finished penrig(const std::vector<std::string>& arguments) const { return run_program(arguments, folder()); }
  /// Holds for every run, whatever happened to it: an ERROR with its reason, or a PASS of which every number is derived
  /// again from what was recorded; and its record is on disk.
  void check_fails_closed(const Ended& run, const std::string& what) const;

  std::string folder() const { return folder_.path().string(); }
  std::string rig() const { return folder() + "/rig.yaml"; }
  std::string serial_number() const { return "PRO-000" + std::to_string(pair_ + 1); }
  int pair() const { return pair_; }

 private:
  int pair_;
  ScratchDirectory folder_;
  std::unique_ptr<Program> sim_, run_;
};

class OverRadio : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(radio("up")); }
  void TearDown() override {
    for (const auto& one : lanes_) one->end_pen();
  }
  /// Made when it is asked for first.
  Lane& lane(int pair);

 private:
  ScratchDirectory config_;
  Variable no_keys_{"XDG_CONFIG_HOME", config_.path().string()};
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace penrig::test
