#include "tools/penrig/prepare_run.hpp"

#include <gtest/gtest.h>

#include "reports/day_length.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/served_rig.hpp"
#include "tools/penrig/stream_capacity.hpp"

namespace penrig::cli {
namespace {

const std::string kSource = PENRIG_SOURCE_DIR;

RunOptions options(const std::string& plan, const std::string& rig, const std::string& serial_number) {
  RunOptions o;
  o.plan_path = kSource + "/rig/plans/" + plan;
  o.rig = rig;
  o.serial_number = serial_number;
  return o;
}

std::string messages(const Inputs& inputs) {
  std::string all;
  for (const Mistake& m : inputs.mistakes) all += m.file + ": " + m.message + "\n";
  return all;
}

Plan plan_at(double sample_rate_hz) {
  Plan plan;
  plan.sample_rate_hz = sample_rate_hz;
  plan.block_samples = 512;
  return plan;
}

SlotDescription slot_on(const std::string& daq_link, const TextPlace& daq_place = {}) {
  return {"1", "serial:/dev/ttyUSB0", daq_link, {}, daq_place};
}

TEST(PrepareRun, TakesTheShippedFiles) {
  for (const char* plan :
       {"eol-pro.yaml", "smoke.yaml", "swarm.yaml", "swarm-sweep.yaml", "soak-treatment.yaml", "links-pro.yaml"}) {
    const PreparedRun run = prepare_run(options(plan, "sim:seed=1", "PRO-0001"));
    EXPECT_TRUE(run.inputs.ok()) << messages(run.inputs);
    EXPECT_EQ(run.slot.name, "1");
  }
}

TEST(PrepareRun, KeepsTheBytesThatTheVerdictHangsOn) {
  const PreparedRun run = prepare_run(options("smoke.yaml", "sim:seed=1", "PRO-0001"));
  ASSERT_EQ(run.inputs.documents.size(), 3U);
  EXPECT_EQ(run.inputs.documents[0].kind, "plan");
  EXPECT_EQ(run.inputs.documents[1].kind, "product");
  EXPECT_EQ(run.inputs.documents[2].kind, "rig");
  EXPECT_EQ(run.inputs.documents[2].bytes, simulated_rig_yaml());
  for (const SourceDocument& d : run.inputs.documents) EXPECT_EQ(d.sha256.size(), 64U);
}

TEST(PrepareRun, RefusesASerialNumberOfAnotherProduct) {
  for (const char* wrong : {"HOM-0001", "PRO-1", "PRO-0001 ", "", "xPRO-0001"}) {
    const PreparedRun run = prepare_run(options("smoke.yaml", "sim:seed=1", wrong));
    EXPECT_NE(messages(run.inputs).find("--serial-number"), std::string::npos) << wrong;
  }
}

TEST(PrepareRun, RefusesASlotThatIsNotThere) {
  RunOptions o = options("smoke.yaml", "sim:seed=1", "PRO-0001");
  o.slot = "7";
  EXPECT_NE(messages(prepare_run(o).inputs).find("has no slot '7'"), std::string::npos);
}

TEST(PrepareRun, RefusesLinksThatLeadNowhere) {
  const PreparedRun run = prepare_run(options("smoke.yaml", kSource + "/fixtures/rigs/simulated.yaml", "PRO-0001"));
  EXPECT_NE(messages(run.inputs).find("lead nowhere"), std::string::npos) << messages(run.inputs);
}

TEST(PrepareRun, RefusesLinksThatNoPortTakesAtTheirPlace) {
  Inputs inputs;
  SourceDocument rig;
  rig.kind = "rig";
  rig.path = "bench.yaml";
  rig.bytes = "slots:  # serial:usb=0403/X\n  - pen: serial:/dev/ttyUSB0?baud=fast\n    daq: serial:usb=0403/X\n";
  inputs.documents.push_back(rig);
  SlotDescription slot = slot_on("serial:usb=0403/X", {3, 10, 17});
  slot.pen_link = "serial:/dev/ttyUSB0?baud=fast";
  slot.pen_place = {2, 10, 29};
  const auto mistakes = check_links(inputs, slot);
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(mistakes[0].line, 2);
  EXPECT_EQ(mistakes[0].column, 10);
  EXPECT_NE(mistakes[0].message.find("baud 'fast' is no whole number"), std::string::npos) << mistakes[0].message;
  EXPECT_EQ(mistakes[1].line, 3);
  EXPECT_NE(mistakes[1].message.find("USB identity"), std::string::npos) << mistakes[1].message;
}

TEST(PrepareRun, RefusesAPlanThatDrivesOverALinkThatTheSlotDoesNotHave) {
  const auto refused = [](PenLink over, const std::string& pen, const std::string& pen_ble) {
    Inputs inputs;
    SourceDocument rig;
    rig.kind = "rig";
    rig.path = "bench.yaml";
    rig.bytes = "slots:\n";
    inputs.documents.push_back(rig);
    inputs.has_plan = true;
    inputs.plan = plan_at(50'000);
    SweepPhase phase;
    phase.via = over;
    inputs.plan.phases.emplace_back(phase);
    SlotDescription slot = slot_on("serial:/dev/ttyUSB1?baud=3000000");
    slot.pen_link = pen;
    slot.pen_ble_link = pen_ble;
    const auto mistakes = check_links(inputs, slot);
    return mistakes.empty() ? std::string() : mistakes.front().message;
  };
  constexpr const char *kLine = "serial:/dev/ttyUSB0", *kBle = "ble:name=PRO-1";
  for (const PenLink link : kPenLinks) EXPECT_EQ(refused(link, kLine, kBle), "");
  EXPECT_EQ(refused(PenLink::serial, kLine, ""), "");
  EXPECT_EQ(refused(PenLink::ble, kBle, ""), "");
  EXPECT_NE(refused(PenLink::ble, kLine, "").find("over ble, and slot '1' has no such link (write: pen_ble:"),
            std::string::npos);
  EXPECT_NE(refused(PenLink::serial, kBle, "").find("over serial, and slot '1' has no such link (write: pen:"),
            std::string::npos);
}

TEST(PrepareRun, FindsMistakesOfUriAndSerialNumberTogether) {
  const PreparedRun run = prepare_run(options("smoke.yaml", "sim:sed=1", "no"));
  const std::string text = messages(run.inputs);
  EXPECT_NE(text.find("--rig"), std::string::npos) << text;
  EXPECT_NE(text.find("--serial-number"), std::string::npos) << text;
  EXPECT_EQ(run.inputs.mistakes.size(), 2U) << text;
}

TEST(StreamCapacity, RefusesMoreThanTheLinkCarriesAndSaysWhatWould) {
  const std::string rig =
      "slots:  # serial:/dev/ttyUSB1?baud=921600\n  - name: '1'\n    daq: serial:/dev/ttyUSB1?baud=921600\n";
  const SlotDescription slot = slot_on("serial:/dev/ttyUSB1?baud=921600", {3, 10, 31});
  const auto mistake = check_capacity(plan_at(50'000), slot, rig, "bench.yaml");
  ASSERT_TRUE(mistake.has_value());
  EXPECT_EQ(mistake->line, 3);
  EXPECT_EQ(mistake->column, 10);
  EXPECT_EQ(mistake->source_line, "    daq: serial:/dev/ttyUSB1?baud=921600");
  EXPECT_NE(mistake->message.find("921600 baud"), std::string::npos) << mistake->message;
}

TEST(StreamCapacity, TakesTheDesignsLink) {
  EXPECT_FALSE(check_capacity(plan_at(50'000), slot_on("serial:/dev/ttyUSB1?baud=3000000"), "", "bench.yaml"));
}

TEST(StreamCapacity, HoldsTheShareOfEightyPercent) {
  const double needed_baud = stream_bytes_per_s(plan_at(50'000)) * 10 / 0.8;
  const auto link = [](double baud) { return "serial:/dev/ttyUSB1?baud=" + std::to_string(static_cast<int>(baud)); };
  EXPECT_FALSE(check_capacity(plan_at(50'000), slot_on(link(needed_baud * 1.01)), "", "bench.yaml"));
  EXPECT_TRUE(check_capacity(plan_at(50'000), slot_on(link(needed_baud * 0.99)), "", "bench.yaml"));
}

TEST(StreamCapacity, APseudoTerminalHasNoLimit) {
  EXPECT_FALSE(check_capacity(plan_at(50'000), slot_on("serial:/dev/pts/3?baud=9600"), "", "bench.yaml"));
}

TEST(Calibration, IsRefusedFromTheDayOnWhichItIsDue) {
  RigDescription rig;
  rig.calibrations.head = {"CAL-1", {100, "1970-04-11"}, {200, "1970-07-20"}};
  EXPECT_TRUE(check_calibration(rig, 199 * kDayNs));
  const Result<void> late = check_calibration(rig, 200 * kDayNs);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::calibration);
  EXPECT_NE(late.error().message.find("1970-07-20"), std::string::npos);
}

TEST(Calibration, IsRefusedWhenItLiesInTheFuture) {
  RigDescription rig;
  rig.calibrations.head = {"CAL-1", {100, "1970-04-11"}, {200, "1970-07-20"}};
  EXPECT_FALSE(check_calibration(rig, 99 * kDayNs));
}

TEST(ServedRig, HasTheSlotsThatAreServedAndNothingElseChanged) {
  const std::vector<SlotDescription> slots{{"1", "serial:/dev/pts/1", "serial:/dev/pts/2"},
                                           {"2", "serial:/dev/pts/3", "serial:/dev/pts/4"}};
  const auto yaml = served_rig_yaml(simulated_rig_yaml(), slots, 1'767'225'600'000'000'000);
  ASSERT_TRUE(yaml);
  const Loaded<RigDescription> served = load_rig(*yaml, "served.yaml");
  ASSERT_TRUE(served.ok()) << *yaml;
  ASSERT_EQ(served.value.slots.size(), 2U);
  EXPECT_EQ(served.value.slots[1].daq_link, "serial:/dev/pts/4");
  const Loaded<RigDescription> shipped = load_rig(simulated_rig_yaml(), "simulated.yaml");
  EXPECT_EQ(served.value.calibrations.head.due.days, shipped.value.calibrations.head.due.days);
  EXPECT_EQ(served.value.stage.spot_columns, shipped.value.stage.spot_columns);
  EXPECT_TRUE(served.value.simulated);
}

TEST(ServedRig, IsCalibratedTodayHoweverLateThatIs) {
  const std::int64_t in_2040 = 2'208'988'800'000'000'000;
  const auto yaml = served_rig_yaml(simulated_rig_yaml(), {{"1", "serial:/dev/pts/1", "serial:/dev/pts/2"}}, in_2040);
  ASSERT_TRUE(yaml);
  const Loaded<RigDescription> served = load_rig(*yaml, "served.yaml");
  ASSERT_TRUE(served.ok()) << *yaml;
  EXPECT_TRUE(check_calibration(served.value, in_2040));
}

}  // namespace
}  // namespace penrig::cli
