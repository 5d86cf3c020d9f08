// The program itself with a pen over Bluetooth LE: a bluetoothd that a thread of the test plays, on a bus of its own,
// with the simulated pen behind it; the DAQ of the same bench stands on a pty.
#include <atomic>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include <gmock/gmock.h>

#include "fixtures/sim/bench.hpp"
#include "protocols/links.hpp"
#include "tests/ble/fake_bluez.hpp"
#include "tests/ble/private_bus.hpp"
#include "tests/system/failing_disk.hpp"
#include "tests/system/program.hpp"
#include "tests/system/terminal_program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/served_rig.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

/// What happens to the pen's connection meanwhile; asked for by the test, done by the thread.
enum class Cut { none, disconnect, silence, bluetoothd_ends };

class OverPtysAndBluez : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(bus_.runs()) << "dbus-daemon does not run here"; }
  void TearDown() override { end(); }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    stop_ = serving_ = false;
  }

  /// @param plugged_in  the pen is on a serial line as well.
  void start(bool plugged_in = false) {
    plugged_in_ = plugged_in;
    thread_ = std::thread([this] {
      const auto timeline = make_real_timeline();
      timeline->run(serve(*timeline));
    });
    while (!serving_) std::this_thread::yield();
  }

  Awaitable<int> serve(Timeline& timeline) {
    sim::Bench bench(timeline, sim::PlantParameters{}, 1);
    auto bluez = std::make_unique<ble::fake::FakeBluez>(timeline, std::vector<std::string>{"hci0"});
    ble::fake::FakePen& pen = bluez->add_pen(settings_);
    pen.run([&bench](std::unique_ptr<ByteLink> link) { return bench.serve_pen(std::move(link)); });
    auto daq = open_pty(timeline).value();
    SlotDescription slot;
    slot.name = "1";
    (plugged_in_ ? slot.pen_ble_link : slot.pen_link) = "ble:name=PRO-0001";
    if (plugged_in_) {
      auto pty = open_pty(timeline).value();
      slot.pen_link = "serial:" + pty.second;
      timeline.spawn(bench.serve_pen(std::move(pty.first)));
    }
    slot.daq_link = "serial:" + daq.second;
    slot.sheet = "fresh";
    std::ofstream(rig())
        << cli::served_rig_yaml(cli::simulated_rig_yaml(), {slot}, timeline.utc_ns(timeline.now())).value();
    timeline.spawn(bench.serve_daq(std::move(daq.first)));
    serving_ = true;
    while (!stop_) {
      co_await timeline.sleep_for(std::chrono::milliseconds{10});
      const Cut cut = cut_.exchange(Cut::none);
      if (cut == Cut::disconnect) pen.disconnect();
      if (cut == Cut::silence) pen.fall_silent(true);
      if (cut == Cut::bluetoothd_ends) bluez.reset();
    }
    co_await bench.shut_down();
    bluez.reset();
    co_await timeline.sleep_for(std::chrono::milliseconds{100});
    co_return 0;
  }

  std::string folder() const { return folder_.path().string(); }
  std::string rig() const { return folder() + "/rig.yaml"; }
  std::vector<std::string> run_arguments(const std::string& plan) const {
    return {"run", kSource + "/rig/plans/" + plan, "--rig", rig(), "--serial-number", "PRO-0001", "--json"};
  }
  void ends_in_an_error(Cut cut, const std::string& said) {
    start();
    Program run(run_arguments("swarm-sweep.yaml"), folder());
    ASSERT_TRUE(run.wait_for_output("\"0.5 mm at", 60'000)) << run.out() << run.err();
    cut_ = cut;
    EXPECT_EQ(run.wait_for_exit(15'000), 3) << run.out() << run.err();
    const auto result = cli::json_lines(run.out()).back();
    EXPECT_EQ(result.at("verdict"), "ERROR");
    EXPECT_THAT(result.at("reason").get<std::string>(), HasSubstr(said));
    const Finished shown = run_program({"records", "list", "--json"}, folder());
    EXPECT_THAT(shown.out, HasSubstr("R-000001"));
    EXPECT_EQ(shown.out.find("PASS"), std::string::npos);
  }

  /// A plan of which every phase drives the pen over BLE.
  std::vector<std::string> run_over_ble() const {
    std::string plan = read_text(kSource + "/rig/plans/swarm.yaml");
    const auto replace = [&](const std::string& from, const std::string& to) {
      ASSERT_NE(plan.find(from), std::string::npos) << from;
      plan.replace(plan.find(from), from.size(), to);
    };
    replace("../../fixtures", kSource + "/fixtures");
    replace("  - sweep: one setting\n", "  - sweep: one setting\n    via: ble\n");
    replace("  - link_loss: silence\n", "  - link_loss: silence\n    via: ble\n");
    std::ofstream(folder() + "/over-ble.yaml") << plan;
    return {"run", "over-ble.yaml", "--rig", rig(), "--serial-number", "PRO-0001", "--json"};
  }

  ble::fake::PrivateBus bus_;
  ble::fake::PenSettings settings_;  ///< of the pen that start() makes
  bool plugged_in_ = false;
  ScratchDirectory folder_;
  Variable no_keys_{"XDG_CONFIG_HOME", folder() + "/config"};
  std::atomic<bool> stop_ = false, serving_ = false;
  std::atomic<Cut> cut_ = Cut::none;
  std::thread thread_;
};

TEST_F(OverPtysAndBluez, APlanPasses) {
  start();
  const Finished run = run_program(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_EQ(cli::json_lines(run.out).back().at("verdict"), "PASS");
}

TEST_F(OverPtysAndBluez, APenOnBothLinksIsDrivenOverBleWhereThePlanSaysSo) {
  start(true);
  const Finished run = run_program(run_over_ble(), folder());
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, folder());
  const auto record = nlohmann::json::parse(shown.out);
  int over_ble = 0;
  for (const auto& phase : record.at("phases")) over_ble += phase.contains("via") ? 1 : 0;
  EXPECT_EQ(over_ble, 2);
}

TEST_F(OverPtysAndBluez, APlanForBothLinksPassesWithTheConnectionCutOnTheWay) {
  start(true);
  const Finished run = run_program(
      {"run", kSource + "/rig/plans/links-pro.yaml", "--rig", rig(), "--serial-number", "PRO-0001", "--json"},
      folder());
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, folder());
  const auto record = nlohmann::json::parse(shown.out);
  std::map<std::string, int> of_ble;
  for (const auto& phase : record.at("phases")) {
    for (const auto& m : phase.at("measurements")) of_ble[m.at("measurand")] += m.value("link", "") == "ble" ? 1 : 0;
  }
  for (const auto& m : record.at("measurements")) {
    if (m.contains("measurand")) of_ble[m.at("measurand")] += m.value("link", "") == "ble" ? 1 : 0;
  }
  EXPECT_EQ(of_ble["rate_report_error"], 4);
  EXPECT_EQ(of_ble["reconnect_time"], 1);
  EXPECT_EQ(of_ble["command_latency_p99"], 1);
  EXPECT_EQ(of_ble["rssi"], 1);
}

TEST_F(OverPtysAndBluez, APenWhoseDeviceInformationSaysOtherwiseIsRefused) {
  settings_.information[2] = "2.4.0";
  start(true);
  const Finished run = run_program(run_over_ble(), folder());
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(cli::json_lines(run.out).back().at("reason").get<std::string>(),
              HasSubstr("its firmware is 2.4.1, and its Device Information says 2.4.0"));
}

TEST_F(OverPtysAndBluez, APenThatShowsANumberIsPairedByWhoSitsAtTheTerminal) {
  settings_.pairing = ble::fake::Pairing::confirm;
  start();
  for (const char* answer : {"n", "y"}) {
    TerminalProgram run({"run", kSource + "/rig/plans/smoke.yaml", "--rig", rig(), "--serial-number", "PRO-0001"},
                        folder());
    ASSERT_TRUE(run.wait_for("Does it show 123456? y or n", 30'000)) << run.screen();
    run.press(std::string(answer) + "\n");
    EXPECT_EQ(run.wait_for_exit(60'000), *answer == 'y' ? 0 : 3) << run.screen();
  }
}

TEST_F(OverPtysAndBluez, APenThatWantsADigitsTypedIsRefusedWhereNobodyCanType) {
  settings_.pairing = ble::fake::Pairing::passkey;
  start();
  const Finished run = run_program(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_THAT(run.out, HasSubstr("pair it once by hand (bluetoothctl pair C0:FF:EE:00:00:01)"));
}

TEST_F(OverPtysAndBluez, APenThatIsLostOverBleIsConfirmedSafeOverSerial) {
  for (const Cut cut : {Cut::disconnect, Cut::silence, Cut::bluetoothd_ends}) {
    start(true);
    Program run(run_over_ble(), folder());
    ASSERT_TRUE(run.wait_for_output("1.5 mm at 7500/min over BLE\",\"stroke", 60'000)) << run.out() << run.err();
    cut_ = cut;
    EXPECT_EQ(run.wait_for_exit(15'000), 3) << run.out() << run.err();
    const auto result = cli::json_lines(run.out()).back();
    EXPECT_EQ(result.at("verdict"), "ERROR");
    EXPECT_EQ(result.at("safe_state_confirmed"), true) << result.at("reason");
    EXPECT_THAT(result.at("reason").get<std::string>(), HasSubstr("ble:name=PRO-0001"));
    end();
  }
}

TEST_F(OverPtysAndBluez, APlanOverBleIsRefusedWhereTheSlotHasNoSuchLink) {
  start(true);
  std::string yaml = read_text(rig());
  const std::string link = "    pen_ble: ble:name=PRO-0001\n";
  yaml.erase(yaml.find(link), link.size());
  std::ofstream(rig()) << yaml;
  const Finished run = run_program(run_over_ble(), folder());
  EXPECT_EQ(run.exit_code, 4) << run.out;
  EXPECT_THAT(run.err, HasSubstr("write: pen_ble: ble:name=NAME"));
}

TEST_F(OverPtysAndBluez, ADisconnectedPenIsAnErrorThatNamesIt) {
  ends_in_an_error(Cut::disconnect, "the pen's connection ended");
}

TEST_F(OverPtysAndBluez, ASilentPenIsAnError) { ends_in_an_error(Cut::silence, "nothing heard from the peer for "); }

TEST_F(OverPtysAndBluez, ABluetoothdThatEndsIsAnErrorThatNamesIt) {
  ends_in_an_error(Cut::bluetoothd_ends, "bluetoothd has ended");
}

TEST_F(OverPtysAndBluez, ListsWhatAdvertises) {
  start();
  const Finished people = run_program({"ports", "--ble", "--seconds", "1"}, folder());
  EXPECT_EQ(people.exit_code, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("PRO-0001   C0:FF:EE:00:00:01, -50 dBm on hci0, a pen"));
  EXPECT_THAT(people.out, HasSubstr("ble:addr=C0:FF:EE:00:00:01"));
  const Finished programs = run_program({"ports", "--ble", "--seconds", "1", "--json"}, folder());
  const auto listed = cli::json_lines(programs.out);
  ASSERT_EQ(listed.size(), 1U) << programs.out;
  EXPECT_EQ(listed[0].at("name"), "PRO-0001");
  EXPECT_EQ(listed[0].at("rssi_dbm"), -50);
  EXPECT_EQ(listed[0].at("pen"), true);
  EXPECT_EQ(listed[0].at("services").size(), 2U);
}

TEST_F(OverPtysAndBluez, WithoutABluetoothdARunSaysWhatToDoWithinTwoSeconds) {
  start();
  cut_ = Cut::bluetoothd_ends;
  while (cut_ != Cut::none) std::this_thread::yield();
  const Finished listed = run_program({"ports", "--ble"}, folder());
  EXPECT_EQ(listed.exit_code, 3);
  EXPECT_THAT(listed.err, HasSubstr("sudo systemctl start bluetooth"));
  Program run(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.wait_for_exit(4'000), 3) << run.out() << run.err();  // with the record, which waits for the disk
  EXPECT_THAT(run.out() + run.err(), HasSubstr("bluetoothd does not run"));
}

TEST_F(OverPtysAndBluez, ALinkThatIsMisspeltIsAMistake) {
  start();
  std::ifstream in(rig());
  std::string yaml{std::istreambuf_iterator<char>(in), {}};
  const std::string link = "ble:name=PRO-0001";
  yaml.replace(yaml.find(link), link.size(), "ble:nmae=PRO-0001");
  std::ofstream(rig()) << yaml;
  const Finished run = run_program(run_arguments("smoke.yaml"), folder());
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_THAT(run.err, HasSubstr("is neither name=, addr= nor service"));
}

}  // namespace
}  // namespace penrig::test
