#include <fstream>
#include <optional>

#include <gtest/gtest.h>

#include "tests/system/failing_disk.hpp"
#include "tests/system/over_ptys.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// A run whose disk stops answering while it measures, as long as there is `holder()`.
class OverPtysWithAHeldDisk : public OverPtys {
 protected:
  std::string holder() const { return folder() + "/holder"; }
  void start_run_and_hold_its_disk() {
    start_rig();
    {
      const Shim shim("held:" + holder());
      run_.emplace(run_arguments("smoke.yaml"), folder());
    }
    ASSERT_TRUE(run_->wait_for_output("\"reference before\"", 30'000)) << run_->out() << run_->err();
    std::ofstream(holder()) << "held";
    ASSERT_TRUE(run_->wait_for_output("the rig is made safe meanwhile", 15'000)) << run_->out() << run_->err();
    EXPECT_NE(run_->out().find("the disk of the records has not answered for 2 s (writing phase"), std::string::npos);
  }
  std::optional<Program> run_;
};

TEST_F(OverPtysWithAHeldDisk, ThatHangsIsAnErrorWithinItsBoundAndTheRigIsSafeMeanwhile) {
  start_run_and_hold_its_disk();
  EXPECT_EQ(run_->wait_for_exit(30'000), 3) << run_->out() << run_->err();
  const auto result = cli::json_lines(run_->out()).back();
  EXPECT_EQ(result.at("verdict"), "ERROR");
  const std::string reason = result.at("reason");
  EXPECT_NE(reason.find("the disk of the records has not answered for 15 s (writing phase"), std::string::npos)
      << reason;
  EXPECT_EQ(result.at("safe_state_confirmed"), true);
  EXPECT_EQ(result.at("record_durable"), false);
  EXPECT_NE(read_text(folder() + "/result.xml").find("<error"), std::string::npos);
  std::filesystem::remove(holder());
  EXPECT_EQ(run_program({"records", "list"}, folder()).out.find("PASS"), std::string::npos);
  EXPECT_EQ(run_program(run_arguments("smoke.yaml"), folder()).exit_code, 0) << "the rig can run again";
}

TEST_F(OverPtysWithAHeldDisk, ThatIsSlowOnceIsWaitedForWithTheRigMadeSafeAndTheRunGoesOn) {
  start_run_and_hold_its_disk();
  std::filesystem::remove(holder());
  EXPECT_EQ(run_->wait_for_exit(60'000), 0) << run_->out() << run_->err();
}

}  // namespace
}  // namespace penrig::test
