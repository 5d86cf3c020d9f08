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
    end_pen();
    radio("forget");
  }
  void ends_in_an_error(const std::string& fault, const std::string& said) {
    start_pen({"--ble-fault", fault});
    const Ended run = run_to_end();
    EXPECT_EQ(run.exit_code, 3) << run.all;
    EXPECT_THAT(run.reason, HasSubstr(said)) << run.all;
    EXPECT_LT(run.took_s, kEndsWithin);
    check_fails_closed(run, fault);
    // Where it was connected its serial line is still there.
    const bool connected = run.all.find("\"event\":\"connected\"") != std::string::npos;
    EXPECT_EQ(run.result.value("safe_state_confirmed", false), connected) << run.all;
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
// What comes behind the gap is held back, so that the session is the first to miss it.
TEST_F(FaultyOverRadio, APenThatLosesAChunk) { ends_in_an_error("lose-chunk@4", "ble:name=PRO-0001: "); }
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
