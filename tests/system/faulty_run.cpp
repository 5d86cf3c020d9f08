#include "tests/system/faulty_run.hpp"

#include <stdexcept>

#include "fixtures/sim/plant_truth_probe.hpp"
#include "reports/recompute/recompute.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/observer.hpp"
#include "tests/system/recomputed.hpp"
#include "tests/system/virtual_run.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

struct Hangs : std::runtime_error {
  Hangs() : std::runtime_error("the run hangs") {}
};

bool safe(faults::FaultyBench& bench) {
  const sim::Plant& plant = sim::PlantTruthProbe::of(bench.bench()).plant;
  return plant.standing() && !plant.stage_moving() && plant.stage().axial_mm <= plant.withdrawn_axial_mm() + 0.02;
}

Awaitable<int> to_end(Timeline& timeline, RunJob job, faults::FaultyBench& bench, FaultyResult& out) {
  out.result = co_await run_plan(std::move(job));
  out.safe_at_end = safe(bench);
  co_await timeline.sleep_for(std::chrono::seconds{1});
  out.safe_later = safe(bench);
  co_await bench.shut_down();
  co_return 0;
}

Awaitable<void> bound(Timeline& timeline) {
  co_await timeline.sleep_for(seconds_to_ns(kHangsAfterS));
  throw Hangs();
}

}  // namespace

FaultyResult run_under(const FaultyRun& what) {
  cli::Inputs inputs = cli::load_inputs(std::string(PENRIG_SOURCE_DIR) + "/" + what.plan, what.uri);
  if (!inputs.ok()) throw std::runtime_error(cli::render_mistakes(inputs.mistakes, {}, "the test did not start"));
  inputs.plan.link_retries = what.link_retries;
  if (what.change_plan) what.change_plan(inputs.plan);
  inputs.plant.electronics.serial_number = "PRO-0001";
  FaultyResult out;
  ScratchDirectory folder;
  auto store = RecordStore::open(folder.path());
  if (!store) throw std::runtime_error(store.error().message);
  {
    auto timeline = make_virtual_timeline();
    faults::FaultyBench bench(*timeline, inputs.plant, inputs.simulated->seed, what.script, inputs.simulated->latency);
    StopRequest stop(*timeline);
    RunObserver nobody;
    RunHeader header;
    header.serial_number = "PRO-0001";
    header.plan_name = inputs.plan.name;
    header.product_name = inputs.product.name;
    header.rig_name = inputs.rig.name;
    header.documents = inputs.documents;
    header.simulated = true;
    header.simulation = what.uri;
    RunJob job{*timeline,
               inputs.plan,
               inputs.product,
               inputs.rig,
               bench.connect(),
               header,
               bench.between(**store),
               bench.watched_by(nobody),
               stop};
    timeline->spawn(bound(*timeline));
    try {
      timeline->run(to_end(*timeline, std::move(job), bench, out));
    } catch (const Hangs&) {
      out.hung = true;
    } catch (const std::exception& e) {
      out.thrown = e.what();
    }
    out.ended_s = timeline->now().seconds();
    out.injected = bench.injected();
  }
  if (out.result.run_id.empty()) return out;
  auto record = (*store)->load_run(out.result.run_id);
  if (!record) throw std::runtime_error(record.error().message);
  out.record = std::move(*record);
  out.recompute_differs =
      in_words(recompute(out.record, waveforms_in(folder.path()), {inputs.plan, inputs.product, inputs.rig}));
  return out;
}

}  // namespace penrig::test
