#include "tools/penrig/station_rig.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "tests/system/variable.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;

/// What a station is told.
struct Heard final : SlotListener {
  explicit Heard(Timeline& timeline) : event(timeline) {}
  void changed(const SlotStatus& status) override {
    states += status.slot + ":" + name_of(status.state) + " ";
    last[status.slot] = status;
    event.notify_all();
  }
  void samples(const std::string& slot, const WaveformHead& head, const SampleBlock& block) override {
    count[slot] += block.position.size();
    phases.insert(head.phase);
  }
  void readings(const SlotReadings& r) override { read.push_back(r); }
  void bench_changed(const BenchStatus& status) override {
    bench = status;
    event.notify_all();
  }
  std::string states;
  std::vector<SlotReadings> read;
  BenchStatus bench;
  std::map<std::string, SlotStatus> last;
  std::map<std::string, std::uint64_t> count;
  std::set<std::string> phases;
  Event event;
};

class StationRigTest : public ::testing::Test {
 protected:
  StationRigTest() {
    RunOptions each;
    each.rig = "sim:seed=1&slots=3";
    each.records = (folder_.path() / "records").string();
    write_plan("");
    rig_ = std::move(*StationRig::open(*timeline_, each, {plan_.string()}));
    rig_->tell(&heard_);
  }
  ~StationRigTest() override { rig_->tell(nullptr); }
  /// The smoke test, with something behind it.
  void write_plan(const std::string& more) const {
    const fs::path from = fs::path(PENRIG_SOURCE_DIR) / "rig" / "plans" / "smoke.yaml";
    std::stringstream text;
    text << std::ifstream(from).rdbuf();
    std::string plan = text.str();
    const std::string product = "../../fixtures/products";
    plan.replace(plan.find(product), product.size(), (fs::path(PENRIG_SOURCE_DIR) / "fixtures" / "products").string());
    std::ofstream(plan_) << plan << more;
  }
  StartRequest request_for(const std::string& slot, const std::string& pen) const {
    StartRequest request;
    request.slot = slot;
    request.plan = rig_->plans().front().name;
    request.serial_number = pen;
    request.who = "ada";
    return request;
  }
  Result<void> start(const std::string& slot, const std::string& pen) { return rig_->start(request_for(slot, pen)); }
  std::string points(const std::string& text) const {
    const fs::path file = folder_.path() / "points.csv";
    std::ofstream(file) << text;
    return file.string();
  }
  void to_end() { timeline_->run(ended()); }
  Awaitable<int> ended() {
    co_await rig_->all_ended();
    co_return 0;
  }
  void pass(Nanoseconds time) { timeline_->run(passed(time)); }
  Awaitable<int> passed(Nanoseconds time) {
    co_await timeline_->sleep_for(time);
    co_return 0;
  }

  penrig::test::Variable no_keys_{"XDG_CONFIG_HOME", "/nowhere"};  ///< a developer's key would sign
  ScratchDirectory folder_;
  fs::path plan_ = folder_.path() / "smoke.yaml";
  std::unique_ptr<Timeline> timeline_ = make_virtual_timeline();
  Heard heard_{*timeline_};
  std::unique_ptr<StationRig> rig_;
};

TEST_F(StationRigTest, ARunOfASimulatedRigSaysThatItCertifiesNothing) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  pass(std::chrono::seconds{1});
  ASSERT_EQ(heard_.last["1"].state, SlotStatus::State::running);
  EXPECT_EQ(heard_.last["1"].void_as_certificate, "SIMULATED");
  rig_->stop_all("the test");
  to_end();
  EXPECT_EQ(heard_.last["1"].void_as_certificate, "SIMULATED");
}

TEST_F(StationRigTest, SlotsAreStartedOneByOneWhileOthersRunAndAllPass) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  pass(std::chrono::seconds{3});
  ASSERT_TRUE(start("2", "PRO-0002"));
  EXPECT_EQ(heard_.last["1"].state, SlotStatus::State::running);
  to_end();
  for (const char* slot : {"1", "2"}) {
    EXPECT_EQ(heard_.last[slot].state, SlotStatus::State::ended) << slot;
    EXPECT_EQ(heard_.last[slot].verdict, Verdict::pass) << slot << heard_.last[slot].reason;
    EXPECT_FALSE(heard_.last[slot].run_id.empty()) << slot;
    EXPECT_GT(heard_.count[slot], 50'000U) << slot;
  }
  EXPECT_TRUE(heard_.phases.contains("reference before"));
  // The verdict stays until the next run in that slot, which may begin at once.
  EXPECT_EQ(rig_->slots()[0].verdict, Verdict::pass);
  ASSERT_TRUE(start("1", "PRO-0003"));
  EXPECT_EQ(rig_->slots()[0].state, SlotStatus::State::checking);
  EXPECT_EQ(rig_->slots()[1].verdict, Verdict::pass);
  to_end();
}

TEST_F(StationRigTest, OneSlotIsStoppedAndTheOtherGoesOn) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  ASSERT_TRUE(start("3", "PRO-0003"));
  pass(std::chrono::seconds{4});
  ASSERT_TRUE(rig_->stop("1", "ada at the station"));
  to_end();
  EXPECT_EQ(heard_.last["1"].verdict, Verdict::aborted);
  EXPECT_NE(heard_.last["1"].reason.find("ada at the station"), std::string::npos) << heard_.last["1"].reason;
  EXPECT_TRUE(heard_.last["1"].safe_state_confirmed);
  EXPECT_EQ(heard_.last["3"].verdict, Verdict::pass);
  EXPECT_FALSE(rig_->stop("1", "again")) << "nothing runs there";
}

TEST_F(StationRigTest, WhatCannotBeStartedSaysWhyAndNothingMoves) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  const auto code = [&](const std::string& slot, const std::string& pen) {
    const auto started = start(slot, pen);
    return started ? std::string("started") : std::string(name_of(started.error().code));
  };
  EXPECT_EQ(code("1", "PRO-0002"), "refused");
  EXPECT_EQ(code("2", "PRO-0001"), "refused") << "a pen is in one slot";
  EXPECT_EQ(code("9", "PRO-0002"), "usage");
  EXPECT_EQ(code("2", "HOM-0001"), "usage");
  rig_->stop_all("the test");
  to_end();
  EXPECT_EQ(heard_.states.find("2:"), std::string::npos) << heard_.states;
}

TEST_F(StationRigTest, APlanThatWasSpoiledMeanwhileIsRefusedInItsSlotAndTheOtherGoesOn) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  pass(std::chrono::seconds{1});
  write_plan("judge: [D1]\n");
  ASSERT_TRUE(start("2", "PRO-0002"));
  to_end();
  EXPECT_EQ(heard_.last["2"].state, SlotStatus::State::refused);
  EXPECT_NE(heard_.last["2"].reason.find("smoke.yaml:"), std::string::npos) << heard_.last["2"].reason;
  EXPECT_EQ(heard_.last["1"].verdict, Verdict::pass) << heard_.last["1"].reason;
  write_plan("");
  ASSERT_TRUE(start("2", "PRO-0002"));
  to_end();
  EXPECT_EQ(heard_.last["2"].verdict, Verdict::pass) << heard_.last["2"].reason;
}

// The page shows the plan's limits as they were read; what is judged must be that.
TEST_F(StationRigTest, APlanThatWasEditedMeanwhileIsRefused) {
  write_plan("# the same but for this\n");
  const StartRequest request = request_for("1", "PRO-0001");
  const auto lacks = rig_->lacks(request);
  ASSERT_FALSE(lacks);
  EXPECT_EQ(lacks.error().code, Errc::refused);
  ASSERT_TRUE(rig_->start(request));
  to_end();
  EXPECT_EQ(heard_.last["1"].state, SlotStatus::State::refused);
  for (const std::string& why : {lacks.error().message, heard_.last["1"].reason})
    EXPECT_THAT(why, ::testing::HasSubstr("the plan " + plan_.string() +
                                          " of plan 'smoke' was changed since the station began"));
  write_plan("");
  EXPECT_TRUE(rig_->lacks(request));
}

// A station is up for weeks: a run takes what is filed when it begins, not when the station did.
TEST_F(StationRigTest, ARunTakesTheCalibrationsThatAreInForceWhenItBegins) {
  const auto used = [&] {
    const auto store = RecordStore::open_existing((folder_.path() / "records").string()).value();
    std::string names;
    for (const SourceDocument& d : store->load_run(heard_.last["1"].run_id).value().header.documents)
      names += d.kind == "calibration" ? d.name : "";
    return names;
  };
  ASSERT_TRUE(start("1", "PRO-0001"));
  to_end();
  EXPECT_EQ(used(), "");
  const auto records = (folder_.path() / "records").string();
  const auto filed = run_line({"calibrate", "delay", "--points", points("delay_us\n100\n101\n102\n"), "--rig",
                               "sim:seed=1", "--operator", "A. Meier", "--standard", "REF-7, PTB", "--u-standard",
                               "0.1 %", "--date", "2025-12-01", "--records", records});
  ASSERT_EQ(filed.code, 0) << filed.err;
  ASSERT_TRUE(start("1", "PRO-0001"));
  to_end();
  EXPECT_EQ(used(), "C-000001 delay") << heard_.last["1"].reason;
}

TEST_F(StationRigTest, WhatAStepMeasuredIsToldWithItsLimits) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  to_end();
  ASSERT_FALSE(heard_.read.empty());
  const OfferedPlan& plan = rig_->plans().front();
  bool limited = false, strokes = false;
  for (const SlotReadings& readings : heard_.read) {
    EXPECT_EQ(readings.slot, "1");
    ASSERT_LT(readings.step, plan.steps.size());
    const PlannedStep& step = plan.steps[readings.step];
    if (!readings.strokes_mm.empty()) {
      strokes = true;
      EXPECT_EQ(readings.strokes_mm.size(), step.strokes) << step.name;
      EXPECT_NEAR(readings.strokes_mm.front(), step.depth_mm.value(), 0.3) << step.name;
    }
    for (const SlotReadings::Value& value : readings.values) {
      EXPECT_FALSE(value.title.empty()) << value.measurand;
      limited = limited || value.lower || value.upper;
    }
  }
  EXPECT_TRUE(limited);
  EXPECT_TRUE(strokes);
}

TEST_F(StationRigTest, LinksAreKnownFromTheFirstRunOrLookOn) {
  EXPECT_TRUE(std::ranges::none_of(rig_->bench().links, &BenchStatus::Link::up)) << "nobody has connected yet";
  ASSERT_TRUE(rig_->check("2"));
  EXPECT_EQ(rig_->slots()[1].state, SlotStatus::State::checking);
  EXPECT_FALSE(rig_->check("2")) << "it is being looked at";
  EXPECT_FALSE(start("2", "PRO-0002")) << "it is being looked at";
  EXPECT_FALSE(rig_->check("9"));
  to_end();
  EXPECT_EQ(rig_->slots()[1].state, SlotStatus::State::idle) << rig_->slots()[1].reason;
  for (const char* name : {"pen", "DAQ"}) {
    const auto link = std::ranges::find_if(heard_.bench.links,
                                           [&](const auto& l) { return l.slot == "2" && l.name.starts_with(name); });
    ASSERT_NE(link, heard_.bench.links.end()) << name;
    EXPECT_TRUE(link->up) << name << ": " << link->detail;
  }
}

TEST_F(StationRigTest, ASlotIsLookedAtBetweenItsRuns) {
  ASSERT_TRUE(start("1", "PRO-0001"));
  pass(std::chrono::seconds{1});
  EXPECT_FALSE(rig_->check("1")) << "a pen runs there";
  to_end();
  ASSERT_TRUE(rig_->check("1"));
  to_end();
  EXPECT_EQ(rig_->slots()[0].state, SlotStatus::State::idle) << rig_->slots()[0].reason;
}

TEST_F(StationRigTest, WhoIsAskedBeforeARunAndSaysNoRefusesIt) {
  std::vector<std::string> asked;
  rig_->ask_before_runs([&asked](station::PenToCheck pen) -> Awaitable<Result<void>> {
    asked.push_back(pen.serial_number + " in " + pen.slot + " by " + pen.who);
    if (pen.serial_number == "PRO-0002") co_return fail(Errc::refused, "PRO-0002 may not run: lot 7 is held");
    co_return Result<void>{};
  });
  ASSERT_TRUE(start("1", "PRO-0001"));
  ASSERT_TRUE(start("2", "PRO-0002"));
  to_end();
  EXPECT_THAT(asked, ::testing::UnorderedElementsAre("PRO-0001 in 1 by ada", "PRO-0002 in 2 by ada"));
  EXPECT_EQ(heard_.last["1"].verdict, Verdict::pass) << heard_.last["1"].reason;
  EXPECT_EQ(heard_.last["2"].state, SlotStatus::State::refused);
  EXPECT_NE(heard_.last["2"].reason.find("lot 7 is held"), std::string::npos) << heard_.last["2"].reason;
  EXPECT_TRUE(heard_.last["2"].run_id.empty());
  EXPECT_FALSE(heard_.count.contains("2")) << "nothing moved there";
}

}  // namespace
}  // namespace penrig::cli
