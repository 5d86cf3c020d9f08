// penrig with a pen over Bluetooth LE through the real bluetoothd: a run, the listing, and what is missing.
#include <fstream>

#include <gmock/gmock.h>

#include "tests/tools/json_lines.hpp"
#include "tests/vm/ftdi_bench.hpp"
#include "tests/vm/radio.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

class OverFtdiAndRadio : public OverFtdi {
 protected:
  void SetUp() override { ASSERT_TRUE(radio("up")); }
};

TEST_F(OverFtdiAndRadio, APlanOverUsbSerialAndOverBleCertifiesAPen) {
  start_bench({"--ble", "hci1"});
  ASSERT_TRUE(sim_->wait_for_output("on hci1", 20'000)) << sim_->out() << sim_->err();
  auto arguments = run_on_bench("swarm.yaml");
  arguments[1] = write_plan_over_ble(folder());
  const Finished f = run_program(arguments, folder());
  ASSERT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(cli::json_lines(f.out).back().at("verdict"), "PASS");
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, folder());
  const auto record = nlohmann::json::parse(shown.out);
  int over_ble = 0;
  for (const auto& phase : record.at("phases")) over_ble += phase.value("via", "") == "ble" ? 1 : 0;
  EXPECT_EQ(over_ble, 2);
  EXPECT_EQ(run_program({"recompute", "R-000001"}, folder()).exit_code, 0);
}

TEST_F(OverRadio, APenInTheAirIsListedWithItsNameAndItsService) {
  // btvirt reports an advertiser once, and bluetoothd takes the services of one that it knows from what it was.
  ASSERT_TRUE(radio("quiet") && radio("forget"));
  lane(0).start_pen();
  const Finished f = lane(0).penrig({"ports", "--ble", "--adapter", host_adapter(0), "--seconds", "2", "--json"});
  ASSERT_EQ(f.exit_code, 0) << f.err;
  const auto listed = cli::json_lines(f.out);
  ASSERT_EQ(listed.size(), 1U) << f.out;
  EXPECT_EQ(listed[0].at("name"), "PRO-0001");
  EXPECT_EQ(listed[0].at("address"), pen_address(0));
  EXPECT_EQ(listed[0].at("pen"), true);
}

TEST_F(OverRadio, ABluetoothdThatIsRestartedInMidRunIsAnErrorAndTheNextRunPasses) {
  Lane& here = lane(0);
  here.start_pen();
  here.start_run();
  ASSERT_TRUE(here.run().wait_for_output("1.5 mm at 7500/min over BLE", 60'000)) << here.run().out();
  ASSERT_TRUE(radio("bluetoothd stop"));
  ASSERT_TRUE(radio("up"));
  const Ended ended = here.end_of_run(30'000);
  EXPECT_EQ(ended.exit_code, 3) << ended.all;
  EXPECT_THAT(ended.reason, ::testing::AnyOf(HasSubstr("bluetoothd has ended or was restarted"),
                                             HasSubstr("or bluetoothd is being stopped")));
  here.check_fails_closed(ended, "restarted");
  EXPECT_TRUE(ended.safe()) << ended.all;
  // The simulated pen has come back by itself as well.
  here.start_run();
  const Ended next = here.end_of_run(60'000);
  EXPECT_EQ(next.exit_code, 0) << next.all;
}

/// What keeps a run from beginning is said within 2 s, with what to do.
class WithoutRadio : public OverRadio {
 protected:
  void ends_at_once(const std::string& said) {
    for (const auto& arguments : {lane(0).run_arguments(), std::vector<std::string>{"ports", "--ble"}}) {
      const double began_s = guest_seconds();
      const Finished f = lane(0).penrig(arguments);
      EXPECT_EQ(f.exit_code, 3) << arguments[0] << "\n" << f.out << f.err;
      EXPECT_LT(guest_seconds() - began_s, 2.0) << arguments[0];
      EXPECT_THAT(f.out + f.err, HasSubstr(said)) << arguments[0];
    }
  }
};

TEST_F(WithoutRadio, ARunSaysAtOnceWhatIsMissingAndWhatToDo) {
  lane(0).start_pen();

  const std::string policy = "/etc/dbus-1/system.d/zz-nobody.conf";
  const std::string reload =
      "dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ReloadConfig >/dev/null";
  std::ofstream(policy) << "<busconfig><policy context=\"mandatory\"><deny send_destination=\"org.bluez\"/></policy>"
                           "</busconfig>\n";
  ASSERT_EQ(std::system(reload.c_str()), 0);
  ends_at_once("sudo usermod -aG bluetooth");
  std::filesystem::remove(policy);
  ASSERT_EQ(std::system(reload.c_str()), 0);

  for (int pair = 0; pair < kPairs; ++pair) {
    ASSERT_TRUE(radio("adapter " + host_adapter(pair) + " off"));
    ASSERT_TRUE(radio("adapter " + pen_adapter(pair) + " off"));
  }
  ends_at_once("bluetoothctl power on");

  ASSERT_TRUE(radio("controllers kill"));
  ends_at_once("no Bluetooth adapter");

  ASSERT_TRUE(radio("bluetoothd stop"));
  ends_at_once("sudo systemctl start bluetooth");
}

}  // namespace
}  // namespace penrig::test
