// What can be wrong with a pen over Bluetooth LE: each ends as it should, in bounded time, with its cause named.
#include <gmock/gmock.h>

#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

constexpr double kEndsWithin = 45;  ///< s, a run with all that it waits for

struct FaultCase {
  std::vector<std::string> options;
  int exit_code;
  ::testing::Matcher<const std::string&> said;
  bool connected;  ///< so that its serial line is there when the other is lost, and the safe state is confirmed
};

class FaultsOverRadio : public OverRadio {
 protected:
  void end_as_they_should(const std::vector<FaultCase>& cases) {
    Lane& here = lane(0);
    for (const FaultCase& fault : cases) {
      const std::string what = fault.options.back();
      here.start_pen(fault.options);
      const double began_s = guest_seconds();
      here.start_run();
      const Ended run = here.end_of_run(60'000);
      EXPECT_LT(guest_seconds() - began_s, kEndsWithin) << what;
      EXPECT_EQ(run.exit_code, fault.exit_code) << what << "\n" << run.all;
      EXPECT_THAT(run.reason, fault.said) << what << "\n" << run.all;
      EXPECT_EQ(run.safe(), fault.connected) << what << "\n" << run.all;
      here.check_fails_closed(run, what);
      here.end_pen();
    }
  }
};

// What comes behind a lost chunk is held back, so that the session is the first to miss it.
TEST_F(FaultsOverRadio, APenThatIsSilentOrSlowOrDisconnectsOrLosesAChunkIsAnErrorThatSaysSo) {
  end_as_they_should({{{"--ble-fault", "silent@3.5"}, 3, HasSubstr("nothing heard from the peer for "), true},
                      {{"--ble-fault", "slow@3.5"}, 3, HasSubstr("ble:name=PRO-0001"), true},
                      {{"--ble-fault", "disconnect@3.5"}, 3, HasSubstr("the pen's connection ended"), true},
                      {{"--ble-fault", "lose-chunk:3@3.5"}, 3, HasSubstr("ble:name=PRO-0001"), true}});
}

TEST_F(FaultsOverRadio, OneThatChangesItsServicesIsAnErrorThatSaysSo) {
  end_as_they_should({{{"--ble-fault", "change-services@3.5"},
                       3,
                       HasSubstr("the pen changed its services while it was connected"),
                       true}});
}

TEST_F(FaultsOverRadio, OneThatNeedsPairingIsPairedAndPassesAndOneThatRefusesIsAnErrorThatSaysSo) {
  end_as_they_should({{{"--ble-fault", "need-pairing"}, 0, testing::_, true}});
  ASSERT_TRUE(radio("forget"));
  end_as_they_should({{{"--ble-fault", "refuse-pairing"}, 3, HasSubstr("the pen refused to pair"), false}});
}

TEST_F(FaultsOverRadio, OneThatIsHeardRarelyAndTakesSmallChunksPasses) {
  end_as_they_should({{{"--ble-fault", "low-mtu", "--ble-fault", "advertise-rarely"}, 0, testing::_, true}});
}

TEST_F(FaultsOverRadio, TwoPensOfOneNameAreBothRefused) {
  Lane& here = lane(0);
  const std::string name = here.serial_number();
  here.start_pen({"--slots", "2", "--ble", pen_adapter(1), "--ble-name", name, "--ble-name", name});
  auto arguments = here.run_arguments();
  arguments.insert(arguments.end(), {"--slot", "1"});
  const double began_s = guest_seconds();
  const Finished run = here.penrig(arguments);
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("more than one pen named '" + name + "' is there"));
  EXPECT_THAT(run.out, HasSubstr(pen_address(0)));
  EXPECT_THAT(run.out, HasSubstr(pen_address(1)));
  EXPECT_LT(guest_seconds() - began_s, kEndsWithin);
}

}  // namespace
}  // namespace penrig::test
