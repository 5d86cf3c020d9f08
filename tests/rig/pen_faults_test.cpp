#include <gtest/gtest.h>

#include "rig/ports/pen.hpp"

namespace penrig {
namespace {

std::string faults(std::uint32_t bits) {
  PenStatus status;
  status.fault_bits = bits;
  return faults_of(status);
}

TEST(PenFaults, AreNamed) {
  EXPECT_EQ(faults(0), "");
  EXPECT_EQ(faults(1), "motor stalled");
  EXPECT_EQ(faults(0b0100'0100), "battery too low to run, self-test failed");
}

TEST(PenFaults, HoldNotThatTheDeadManActed) { EXPECT_EQ(faults(0x80), ""); }

TEST(PenFaults, ThatAreNotKnownAreFaultsToo) { EXPECT_EQ(faults(0x100), "a fault that is not known here (bits 256)"); }

}  // namespace
}  // namespace penrig
