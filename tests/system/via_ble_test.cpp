// A pen that is plugged in and connected over BLE, driven over either: in virtual time, with a memory link for BLE.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/forwarding_link.hpp"
#include "protocols/links.hpp"
#include "tests/system/drive_over.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

void drive_all_over_ble(Plan& plan) { drive_over(plan, PenLink::ble); }

double value_of(const RunRecord& record, const std::string& measurand) {
  for (const Measurement& m : record.outcome.measurements) {
    if (m.measurand == measurand && m.value) return *m.value;
  }
  return std::nan("");
}

TEST(ViaBle, AGoodPenPassesAndItsNumbersAgreeWithThoseOverSerial) {
  VirtualRun over_ble;
  over_ble.change_plan = drive_all_over_ble;
  const VirtualResult a = run_virtual(over_ble), b = run_virtual(VirtualRun{});
  ASSERT_EQ(a.record.outcome.verdict, Verdict::pass) << a.record.outcome.reason;
  EXPECT_EQ(a.record.outcome.decisions.size(), b.record.outcome.decisions.size());
  for (const char* measurand : {"stroke_rate", "extension", "penetration", "stop_latency", "link_loss_stop"}) {
    const double over = value_of(a.record, measurand), serial = value_of(b.record, measurand);
    EXPECT_NEAR(over, serial, 0.2 * std::abs(serial)) << measurand;
  }
  int over_ble_phases = 0;
  for (const PhaseRecord& phase : a.record.phases) {
    const bool driven = phase.kind == "setting" || phase.kind == "link-loss";
    EXPECT_EQ(phase.via, driven ? PenLink::ble : PenLink::serial) << phase.name;
    over_ble_phases += driven ? 1 : 0;
  }
  EXPECT_GE(over_ble_phases, 2);
  EXPECT_NE(a.json.find("\"via\":\"ble\""), std::string::npos);
  EXPECT_EQ(b.json.find("\"via\""), std::string::npos);
}

/// A link over BLE as far as its name says.
class OverBle final : public ForwardingLink {
 public:
  using ForwardingLink::ForwardingLink;
  const std::string& name() const override { return name_; }

 private:
  std::string name_ = "ble:only";
};

VirtualRun with_a_pen_over_ble_alone() {
  VirtualRun what;
  what.around_link = [](Timeline&, std::unique_ptr<ByteLink> link, bool is_pen) -> std::unique_ptr<ByteLink> {
    if (!is_pen) return link;
    return std::make_unique<OverBle>(std::move(link));
  };
  return what;
}

TEST(ViaBle, APenThatHasNoOtherLinkIsDrivenOverItAndTheRecordSaysSo) {
  const VirtualResult r = run_virtual(with_a_pen_over_ble_alone());
  EXPECT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
  for (const PhaseRecord& phase : r.record.phases) EXPECT_EQ(phase.via, PenLink::ble) << phase.name;
}

TEST(ViaBle, APlanThatDrivesOverSerialIsRefusedWhereThePenHasNoSuchLink) {
  VirtualRun what = with_a_pen_over_ble_alone();
  what.change_plan = [](Plan& plan) { drive_over(plan, PenLink::serial); };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("drives the pen over serial, and slot '' has no such link"));
  EXPECT_EQ(r.record.phases.size(), 2U) << "set-up and teardown: nothing has moved";
}

TEST(ViaBle, ALimitForALinkThatThePenDoesNotHaveIsNoPass) {
  VirtualRun what = with_a_pen_over_ble_alone();
  what.change_plan = [](Plan& plan) { plan.judge.emplace_back("K1"); };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("K1 command latency over serial, P99: not measured"));
}

TEST(ViaBle, ALinkThatIsLostWhileItDrivesEndsInAnErrorAndTheSafeStateIsConfirmedOverSerial) {
  for (const std::uint64_t bytes : {700U, 1'200U, 1'800U}) {
    VirtualRun what;
    what.change_plan = drive_all_over_ble;
    what.around_ble = [bytes](Timeline& timeline, std::unique_ptr<ByteLink> link) {
      LinkFaults faults;
      faults.close_after_bytes = bytes;
      return make_faulty_link(timeline, std::move(link), faults);
    };
    const VirtualResult r = run_virtual(what);
    EXPECT_EQ(r.result.outcome.verdict, Verdict::error) << bytes;
    EXPECT_THAT(r.result.outcome.reason, HasSubstr("ble:sim")) << bytes;
    EXPECT_TRUE(r.result.outcome.safe_state_confirmed) << r.result.outcome.reason;
    EXPECT_TRUE(r.result.record_durable);
  }
}

TEST(ViaBle, AnotherPenNearByIsNotTakenForTheOneThatIsPluggedIn) {
  std::unique_ptr<sim::Bench> other;
  VirtualRun what;
  what.change_plan = drive_all_over_ble;
  what.around_ble = [&other](Timeline& timeline, std::unique_ptr<ByteLink>) {
    sim::PlantParameters plant;
    plant.electronics.serial_number = "PRO-0002";
    other = std::make_unique<sim::Bench>(timeline, plant, 2);
    return connect_ble(timeline, *other, Nanoseconds{0});
  };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.result.outcome.reason, HasSubstr("PRO-0001"));
  EXPECT_THAT(r.result.outcome.reason, HasSubstr("PRO-0002"));
  EXPECT_THAT(r.result.outcome.reason, HasSubstr("two pens"));
}

}  // namespace
}  // namespace penrig::test
