#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/variable.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {

/// A simulated rig as a process of its own, on two ptys.
class OverPtys : public ::testing::Test {
 protected:
  void start_rig(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"sim", "--seed", "1", "--write-rig", rig()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    sim_ = std::make_unique<Program>(arguments, folder());
    ASSERT_TRUE(sim_->wait_for_output("/dev/pts/", 20'000)) << sim_->out() << sim_->err();
    ASSERT_TRUE(wait_for_file(rig()));
  }
  /// The rig is written before its paths are said or soon after; asks for output again in between.
  bool wait_for_file(const std::string& path) {
    for (int i = 0; i < 200 && !std::filesystem::exists(path); ++i) sim_->wait_for_output("never said", 50);
    return std::filesystem::exists(path);
  }
  std::string folder() const { return folder_.path().string(); }
  std::string rig() const { return folder() + "/rig.yaml"; }
  std::vector<std::string> run_arguments(const std::string& plan) const {
    return {
        "run",       kSource + "/rig/plans/" + plan, "--rig", rig(), "--serial-number", "PRO-0001", "--json", "--junit",
        "result.xml"};
  }

  ScratchDirectory folder_;
  Variable no_keys_{"XDG_CONFIG_HOME", folder() + "/config"};  ///< a developer's key would sign
  std::unique_ptr<Program> sim_;
};

}  // namespace penrig::test
