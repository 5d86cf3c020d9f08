#include <stdexcept>

#include <gtest/gtest.h>

#include "fixtures/bench_ports.hpp"
#include "fixtures/sim/plant_truth_probe.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/observer.hpp"
#include "rig/run/shared_rig.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

/// Two slots of a rig whose supply moves so many stages at a time, in virtual time.
struct TwoSlots {
  explicit TwoSlots(std::uint32_t stages_at_once) {
    inputs = cli::load_inputs(std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "sim:seed=1&slots=2");
    if (!inputs.ok()) throw std::runtime_error(cli::render_mistakes(inputs.mistakes, {}, "the test did not start"));
    inputs.rig.stages_at_once = stages_at_once;
    store = std::move(*RecordStore::open(folder.path()));
    shared = std::make_shared<SharedRig>(*timeline, inputs.rig);
    for (const char* slot : {"1", "2"}) {
      sim::PlantParameters plant = inputs.plant;
      plant.electronics.serial_number = std::string("PRO-000") + slot;
      benches.push_back(std::make_unique<InProcessRig>(*timeline, plant, 1 + benches.size()));
    }
  }

  RunJob job(std::size_t i) {
    RunHeader header;
    header.slot = inputs.rig.slots[i].name;
    header.serial_number = "PRO-000" + header.slot;
    header.plan_name = inputs.plan.name;
    header.product_name = inputs.product.name;
    header.rig_name = inputs.rig.name;
    header.documents = inputs.documents;
    header.simulated = true;
    RunJob job{*timeline, inputs.plan, inputs.product, inputs.rig, benches[i]->connect(), header, *store, nobody, stop};
    job.shared = shared;
    return job;
  }

  Awaitable<void> one(std::size_t i) {
    RunJob its = job(i);
    results[i] = co_await run_plan(std::move(its));
    co_await benches[i]->shut_down();
    --left;
  }
  bool moves(std::size_t i) { return sim::PlantTruthProbe::of(benches[i]->bench()).plant.stage_moving(); }
  Awaitable<int> all() {
    for (std::size_t i = 0; i < 2; ++i) timeline->spawn(one(i));
    while (left > 0) {
      co_await timeline->sleep_for(std::chrono::milliseconds{2});
      if (moves(0) && moves(1)) ++both_moved;
    }
    co_return 0;
  }

  cli::Inputs inputs;
  ScratchDirectory folder;
  std::unique_ptr<RecordStore> store;
  std::unique_ptr<Timeline> timeline = make_virtual_timeline();
  StopRequest stop{*timeline};
  RunObserver nobody;
  std::shared_ptr<SharedRig> shared;
  std::vector<std::unique_ptr<InProcessRig>> benches;
  RunResult results[2];
  int left = 2, both_moved = 0;
};

TEST(StagePower, SlotsThatShareItMoveOneAfterTheOtherAndBothPass) {
  TwoSlots rig(1);
  rig.timeline->run(rig.all());
  for (const RunResult& result : rig.results) {
    EXPECT_EQ(name_of(result.outcome.verdict), std::string("PASS")) << result.outcome.reason;
  }
  EXPECT_EQ(rig.both_moved, 0);
}

TEST(StagePower, SlotsThatDoNotShareItMoveAtTheSameTime) {
  TwoSlots rig(0);
  rig.timeline->run(rig.all());
  EXPECT_GT(rig.both_moved, 0) << "the test above would show nothing";
}

Awaitable<void> hold_power(Timeline& timeline, SharedRig& shared, Nanoseconds time) {
  LeaseRequest request;
  request.resources = {kStagePower};
  request.who = "slot 9";
  request.why = "was forgotten";
  request.at_most = std::chrono::seconds{1};
  auto lease = co_await shared.leases.take(std::move(request));
  co_await timeline.sleep_for(time);
}

TEST(StagePower, ASlotThatWaitsForItTooLongEndsSafelyAndNamesWhoHoldsIt) {
  TwoSlots rig(1);
  rig.timeline->spawn(hold_power(*rig.timeline, *rig.shared, std::chrono::hours{1}));
  rig.timeline->run(rig.all());
  for (const RunResult& result : rig.results) {
    EXPECT_EQ(name_of(result.outcome.verdict), std::string("ERROR"));
    EXPECT_NE(result.outcome.reason.find("for the power of the stages (moves its stage), which slot 9 holds"),
              std::string::npos)
        << result.outcome.reason;
    EXPECT_TRUE(result.outcome.safe_state_confirmed);
  }
}

}  // namespace
}  // namespace penrig::test
