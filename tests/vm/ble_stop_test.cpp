// A pen that was started over BLE and is left alone there: when it stopped, as measured on the encoder and as it was.
#include <iostream>

#include <gmock/gmock.h>

#include "fixtures/bench_ports.hpp"
#include "fixtures/sim/ble_pen.hpp"
#include "fixtures/sim/plant_truth_probe.hpp"
#include "protocols/ble/ble_link.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/observer.hpp"
#include "rig/run/sequencer.hpp"
#include "rig/run/stored_inputs.hpp"
#include "tests/vm/radio.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

class StopOverRadio : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(radio("up")); }

  /// Host and pen in one process, on one timeline: so that both know the same time.
  Awaitable<Result<std::unique_ptr<BenchPorts>>> connect() {
    auto ends = co_await rig_->plug_in();
    auto over_ble = co_await open_ble(*timeline_, "ble:addr=00:AA:01:01:00:01?adapter=hci0");
    if (!over_ble) co_return over_ble.error();
    co_return co_await make_bench_ports(*timeline_, std::move(ends.pen), std::move(ends.daq), std::move(*over_ble));
  }

  Awaitable<int> run(RunJob job, const sim::PenElectronics& electronics) {
    sim::BlePenSettings settings;
    settings.adapter = "hci1";
    settings.name = "PRO-0001";
    std::function<void(const std::string&)> told = [](const std::string&) {};
    auto pen =
        co_await sim::BlePen::start(*timeline_, rig_->bench(), electronics, std::move(settings), std::move(told));
    if (!pen) {
      ADD_FAILURE() << pen.error().message;
      co_return 1;
    }
    result_ = co_await run_plan(std::move(job));
    co_await rig_->shut_down();
    co_await (*pen)->stop();
    co_return 0;
  }

  std::unique_ptr<Timeline> timeline_ = make_real_timeline();
  std::unique_ptr<InProcessRig> rig_;
  RunResult result_;
};

TEST_F(StopOverRadio, AfterALinkLossIsMeasuredWithinTwoMillisecondsOfTheTruth) {
  ScratchDirectory folder;
  cli::Inputs inputs = cli::load_inputs(write_plan_over_ble(folder.path().string()), "sim:seed=1");
  ASSERT_TRUE(inputs.ok()) << cli::render_mistakes(inputs.mistakes, {}, "");
  auto store = RecordStore::open(folder.path());
  ASSERT_TRUE(store) << store.error().message;
  rig_ = std::make_unique<InProcessRig>(*timeline_, inputs.plant, 1, Nanoseconds{0});
  auto probe = sim::PlantTruthProbe::of(rig_->bench());
  probe.record();
  StopRequest stop(*timeline_);
  RunObserver nobody;
  RunHeader header;
  header.serial_number = "PRO-0001";
  header.documents = inputs.documents;
  header.simulated = true;
  ConnectBench how = [this] { return connect(); };
  RunJob job{*timeline_, inputs.plan, inputs.product, inputs.rig, how, header, **store, nobody, stop, {}};
  timeline_->run(run(std::move(job), inputs.plant.electronics));
  EXPECT_EQ(result_.outcome.verdict, Verdict::pass) << result_.outcome.reason;

  const auto record = (*store)->load_run(result_.run_id);
  ASSERT_TRUE(record);
  int compared = 0;
  for (const PhaseRecord& phase : record->phases) {
    if (phase.kind != "link-loss") continue;
    EXPECT_EQ(phase.via, PenLink::ble);
    ASSERT_EQ(phase.waveforms.size(), 1U);
    const auto stored = link_loss_inputs(phase.waveforms[0].inputs);
    ASSERT_TRUE(stored);
    const double silent_s = stored->silent_since.seconds();
    for (const Measurement& m : phase.measurements) {
      if (m.measurand != "link_loss_stop") continue;
      ASSERT_TRUE(m.value);
      for (const sim::MotionTruth& motion : probe.motions()) {
        if (motion.began_s > silent_s || motion.ended_s < silent_s) continue;
        const double true_ms = 1e3 * (motion.ended_s - silent_s);
        std::cout << "stopped after " << *m.value << " ms, in truth " << true_ms << " ms" << std::endl;
        EXPECT_NEAR(*m.value, true_ms, 2);
        EXPECT_LT(true_ms, 800) << "the limit";
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 1);
}

}  // namespace
}  // namespace penrig::test
