#include <gtest/gtest.h>

#include "reports/html_report.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/observer.hpp"
#include "tests/system/forwarding_sink.hpp"
#include "tests/system/virtual_run.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

/// What a run meets.
struct Circumstances {
  std::string simulation{};  ///< empty: the bench and its sheet were there before
  std::function<Awaitable<void>(Timeline&, StopRequest&)> meanwhile{};
  std::function<std::unique_ptr<RecordSink>(RecordSink&)> before_store{};
};

Awaitable<void> stop_after(Nanoseconds time, Timeline& timeline, StopRequest& stop) {
  co_await timeline.sleep_for(time);
  stop.request("SIGINT");
}

/// A simulated bench that outlives its runs, as the one of `penrig sim` does, and the folder of its records. Each run
/// is one of the smoke plan, which has one setting.
class BenchInUse : public ::testing::Test {
 protected:
  BenchInUse() : inputs_(cli::load_inputs(PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "sim:seed=1")) {
    if (!inputs_.ok()) throw std::runtime_error(inputs_.mistakes.front().message);
    inputs_.plant.electronics.serial_number = "PRO-0001";
    store_ = RecordStore::open(folder_.path()).value();
    timeline_ = make_virtual_timeline();
    bench_ = std::make_unique<InProcessRig>(*timeline_, inputs_.plant, inputs_.simulated->seed);
  }
  ~BenchInUse() override { timeline_->run(shut_down()); }

  RunResult run(const Circumstances& what = {}) {
    StopRequest stop(*timeline_);
    RunObserver nobody;
    RunHeader header;
    header.serial_number = "PRO-0001";
    header.slot = "1";
    header.plan_name = inputs_.plan.name;
    header.product_name = inputs_.product.name;
    header.rig_name = inputs_.rig.name;
    header.simulation = what.simulation;
    std::unique_ptr<RecordSink> between;
    if (what.before_store) between = what.before_store(*store_);
    RecordSink& sink = between ? *between : static_cast<RecordSink&>(*store_);
    ConnectBench connect = [this, plug = bench_->connect()] {
      ++connected_;
      return plug();
    };
    RunJob job{*timeline_, inputs_.plan, inputs_.product, inputs_.rig, connect, header, sink, nobody, stop};
    if (what.meanwhile) timeline_->spawn(what.meanwhile(*timeline_, stop));
    RunResult result;
    timeline_->run(run_to_end(std::move(job), result));
    return result;
  }

  /// The spots in the record of a run, attempt by attempt: "A1 A2".
  std::string spots_of(const RunResult& result) {
    std::string names;
    for (const PhaseRecord& phase : record_of(result).phases) {
      if (phase.spot) names += (names.empty() ? "" : " ") + phase.spot->name;
    }
    return names;
  }
  RunRecord record_of(const RunResult& result) { return store_->load_run(result.run_id).value(); }

  cli::Inputs inputs_;
  std::unique_ptr<RecordStore> store_;
  int connected_ = 0;

 private:
  Awaitable<int> run_to_end(RunJob job, RunResult& result) {
    result = co_await run_plan(std::move(job));
    co_return 0;
  }
  Awaitable<int> shut_down() {
    co_await bench_->shut_down();
    co_return 0;
  }

  ScratchDirectory folder_;
  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<InProcessRig> bench_;
};

TEST_F(BenchInUse, TakesOtherSpotsInEachRunOnASheet) {
  const RunResult first = run(), second = run();
  EXPECT_EQ(first.outcome.verdict, Verdict::pass) << first.outcome.reason;
  EXPECT_EQ(second.outcome.verdict, Verdict::pass) << second.outcome.reason;
  EXPECT_EQ(spots_of(first), "A1");
  EXPECT_EQ(spots_of(second), "A2");
  const RunRecord record = record_of(second);
  EXPECT_EQ(record.header.simulant_lot, "SIM-SILICONE-20");
  EXPECT_EQ(record.header.simulant_sheet, "1");
  EXPECT_EQ(record.header.fixture_id, "SIM-BENCH");
  EXPECT_NE(html_report(record).find("1 fresh, A2"), std::string::npos);
  const auto uses = store_->spots_taken({"simulated", "SIM-BENCH", "1", "SIM-SILICONE-20", "1"}).value();
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[1].x_mm, 6);
  EXPECT_GE(uses[1].strokes, 50U);
}

TEST_F(BenchInUse, BeginsAgainOnANewSheet) {
  run();
  inputs_.rig.slots.at(0).sheet = "2";
  EXPECT_EQ(spots_of(run()), "A1");
}

TEST_F(BenchInUse, HasANewSheetInEveryRunWhenItIsMadeForIt) {
  const RunResult first = run({.simulation = "sim:seed=1"}), second = run({.simulation = "sim:seed=1"});
  EXPECT_EQ(spots_of(first), "A1");
  EXPECT_EQ(spots_of(second), "A1");
  EXPECT_EQ(record_of(second).header.simulant_sheet, "of this run");
  EXPECT_EQ(spots_of(run()), "A1") << "what those did concerns no sheet that lasts";
}

TEST_F(BenchInUse, RefusesAPlanBeforeAnythingMovesWhenTheSheetIsUsedUp) {
  inputs_.rig.stage.spot_rows = 1;
  inputs_.rig.stage.spot_columns = 2;
  run();
  run();
  const int connected = connected_;
  const RunResult third = run();
  EXPECT_EQ(third.outcome.verdict, Verdict::error);
  EXPECT_EQ(third.outcome.reason,
            "plan 'smoke' takes 1 fresh spot, and simulant sheet '1' (lot SIM-SILICONE-20, slot '1' of rig "
            "'simulated') has 0 of 2 left (put in a new sheet and enter its id as simulant.sheet in the rig "
            "description)");
  EXPECT_EQ(connected_, connected) << "no link was opened";
  const RunRecord record = record_of(third);
  EXPECT_TRUE(record.closed);
  EXPECT_EQ(record.outcome.verdict, Verdict::error);
  EXPECT_EQ(record.outcome.decisions.size(), record.header.decisions_planned);
  for (const PhaseRecord& phase : record.phases) EXPECT_EQ(phase.kind, "teardown");
}

TEST_F(BenchInUse, NeverComesBackToASpotWhoseAttemptWasAborted) {
  const RunResult undisturbed = run();
  double begins_s = 0, ends_s = 0;
  for (const PhaseRecord& phase : record_of(undisturbed).phases) {
    if (phase.spot) begins_s = phase.started_s, ends_s = phase.ended_s;
  }
  const auto at = seconds_to_ns((begins_s + ends_s) / 2);
  Circumstances what;
  what.meanwhile = [at](Timeline& timeline, StopRequest& stop) { return stop_after(at, timeline, stop); };
  const RunResult aborted = run(what);
  ASSERT_EQ(aborted.outcome.verdict, Verdict::aborted) << aborted.outcome.reason;
  EXPECT_EQ(spots_of(aborted), "A2");
  for (const PhaseRecord& phase : record_of(aborted).phases) {
    if (phase.spot) {
      EXPECT_FALSE(phase.spot->strokes_after) << "nobody counted them to the end";
    }
  }
  EXPECT_EQ(spots_of(run()), "A3");
}

Error full() { return fail(Errc::no_space, "records.db: no space left on the device"); }

/// Takes no record of a setting, nor of anything after it: what the store of a program looks like that died there.
class EndsAtTheSetting final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> add_phase(const std::string& id, const PhaseRecord& phase) override {
    return phase.kind == "setting" ? full() : ForwardingSink::add_phase(id, phase);
  }
};

TEST_F(BenchInUse, NeverComesBackToASpotOfAnInterruptedRun) {
  Circumstances what;
  what.before_store = [](RecordSink& store) { return std::make_unique<EndsAtTheSetting>(store); };
  const RunResult interrupted = run(what);
  const RunRecord record = record_of(interrupted);
  ASSERT_FALSE(record.closed);
  ASSERT_EQ(spots_of(interrupted), "") << "its phase was never recorded";
  EXPECT_EQ(spots_of(run()), "A2");
}

class KnowsNoHistory final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<std::vector<SpotUse>> spots_taken(const SimulantSheet&) override { return full(); }
};

TEST_F(BenchInUse, IsNotTouchedWhenItsHistoryCannotBeRead) {
  Circumstances what;
  what.before_store = [](RecordSink& store) { return std::make_unique<KnowsNoHistory>(store); };
  const RunResult blind = run(what);
  EXPECT_EQ(blind.outcome.verdict, Verdict::error);
  EXPECT_EQ(blind.outcome.reason,
            "which spots of the simulant are used could not be read: records.db: no space left on the device");
  EXPECT_EQ(connected_, 0);
  EXPECT_TRUE(record_of(blind).closed);
}

class TakesNoSpot final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> take_spot(const std::string&, const SpotPlace&) override { return full(); }
};

TEST_F(BenchInUse, TouchesNoSpotThatCouldNotBeEnteredAsUsed) {
  Circumstances what;
  what.before_store = [](RecordSink& store) { return std::make_unique<TakesNoSpot>(store); };
  const RunResult unwritten = run(what);
  EXPECT_EQ(unwritten.outcome.verdict, Verdict::error);
  EXPECT_EQ(unwritten.outcome.reason, "spot A1 could not be entered as used: records.db: no space left on the device");
  EXPECT_EQ(spots_of(unwritten), "");
  EXPECT_EQ(spots_of(run()), "A1");
}

}  // namespace
}  // namespace penrig::test
