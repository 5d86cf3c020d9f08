#include "tools/penrig/rig_lock.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace penrig::cli {
namespace {

class RigLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "penrig-lock-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    rig_.name = "bench-2";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  RigDescription rig_;
  SlotDescription slot_{"1", "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB1?baud=3000000"};
};

TEST_F(RigLockTest, LetsNobodyElseInAndNamesTheHolder) {
  const Result<RigLock> held = RigLock::take(rig_, slot_, directory_);
  ASSERT_TRUE(held);
  const Result<RigLock> second = RigLock::take(rig_, slot_, directory_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::locked);
  EXPECT_NE(second.error().message.find("pid " + std::to_string(getpid())), std::string::npos)
      << second.error().message;
}

TEST_F(RigLockTest, LetsGoWhenItIsDestroyed) {
  { const Result<RigLock> held = RigLock::take(rig_, slot_, directory_); }
  EXPECT_TRUE(RigLock::take(rig_, slot_, directory_));
}

TEST_F(RigLockTest, KeepsOtherSlotsOpen) {
  const Result<RigLock> held = RigLock::take(rig_, slot_, directory_);
  const SlotDescription other{"2", "serial:/dev/ttyUSB2", "serial:/dev/ttyUSB3"};
  EXPECT_TRUE(RigLock::take(rig_, other, directory_));
}

TEST_F(RigLockTest, HoldsADeviceUnderWhateverRigItIsDescribed) {
  const Result<RigLock> held = RigLock::take(rig_, slot_, directory_);
  RigDescription elsewhere = rig_;
  elsewhere.name = "another-name";
  const SlotDescription shares_the_daq{"A", "serial:/dev/ttyUSB9", "serial:/dev/ttyUSB1"};
  EXPECT_FALSE(RigLock::take(elsewhere, shares_the_daq, directory_));
}

TEST_F(RigLockTest, AHalfTakenLockIsGivenBack) {
  const SlotDescription daq_only{"D", "serial:/dev/ttyUSB1", "serial:/dev/ttyUSB1"};
  const Result<RigLock> held = RigLock::take(rig_, daq_only, directory_);
  ASSERT_FALSE(RigLock::take(rig_, slot_, directory_));
  const SlotDescription pen_only{"P", "serial:/dev/ttyUSB0", "serial:/dev/ttyUSB0"};
  EXPECT_TRUE(RigLock::take(rig_, pen_only, directory_)) << "the pen's lock was left behind";
}

}  // namespace
}  // namespace penrig::cli
