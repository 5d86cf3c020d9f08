// What can be wrong with a pen over Bluetooth LE: each ends as it should, in bounded time, with its cause named.
#include <gmock/gmock.h>

#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

using testing::HasSubstr;

constexpr double kEndsWithin = 45;  ///< s, a run with all that it waits for

class FaultyOverRadio : public OverRadio {
 protected:
  void TearDown() override {
    sim_.reset();
    radio("forget");
  }
  void ends_in_an_error(const std::string& fault, const std::string& said) {
    start_pen({"--ble-fault", fault});
    const Ended run = run_to_end();
    EXPECT_EQ(run.exit_code, 3) << run.all;
    EXPECT_THAT(run.reason, HasSubstr(said)) << run.all;
    EXPECT_LT(run.took_s, kEndsWithin);
    check_fails_closed(run, fault);
    EXPECT_EQ(run.result.value("safe_state_confirmed", false), true) << run.all;
  }
  void passes(const std::vector<std::string>& options) {
    start_pen(options);
    const Ended run = run_to_end();
    EXPECT_EQ(run.exit_code, 0) << run.all;
    EXPECT_LT(run.took_s, kEndsWithin);
  }
};

TEST_F(FaultyOverRadio, ASilentPen) { ends_in_an_error("silent@4", "ble:name=PRO-0001: nothing heard from the peer"); }
TEST_F(FaultyOverRadio, ASlowPen) { ends_in_an_error("slow@4", "ble:name=PRO-0001"); }
TEST_F(FaultyOverRadio, APenThatDisconnects) { ends_in_an_error("disconnect@4", "the pen's connection ended"); }
TEST_F(FaultyOverRadio, APenThatLosesAChunk) { ends_in_an_error("lose-chunk:3@4", "was lost: later ones have come"); }
TEST_F(FaultyOverRadio, APenThatChangesItsServices) {
  ends_in_an_error("change-services@4", "the pen changed its services while it was connected");
}
TEST_F(FaultyOverRadio, APenThatRefusesToPair) { ends_in_an_error("refuse-pairing", "refused to pair"); }
TEST_F(FaultyOverRadio, APenThatPairsPasses) { passes({"--ble-fault", "need-pairing"}); }
TEST_F(FaultyOverRadio, APenWithTheSmallestMtuWhichAdvertisesRarelyPasses) {
  passes({"--ble-fault", "low-mtu", "--ble-fault", "advertise-rarely"});
}

TEST_F(FaultyOverRadio, TwoPensOfOneNameAreBothRefused) {
  start_pen({"--slots", "2", "--ble", "hci2", "--ble-name", "PEN", "--ble-name", "PEN"});
  auto arguments = run_over_ble();
  arguments.insert(arguments.end(), {"--slot", "1"});
  const double began_s = guest_seconds();
  Program run(arguments, folder());
  const Ended ended = end_of(run, began_s, 60'000);
  EXPECT_EQ(ended.exit_code, 3) << ended.all;
  EXPECT_THAT(ended.reason, HasSubstr("more than one pen named 'PEN' is there"));
  EXPECT_THAT(ended.reason, HasSubstr("00:AA:01:01:00:01"));
  EXPECT_THAT(ended.reason, HasSubstr("00:AA:01:02:00:02"));
  EXPECT_LT(ended.took_s, kEndsWithin);
}

}  // namespace
}  // namespace penrig::test
