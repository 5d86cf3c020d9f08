#include "tests/system/virtual_run.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "protocols/links.hpp"
#include "reports/html_report.hpp"
#include "reports/recompute/rejudge.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "rig/ports/observer.hpp"
#include "tests/system/recomputed.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::test {
namespace {

/// Connects over links that lose bytes, or of which the first pair breaks.
Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_breaking(Timeline& timeline, InProcessRig& rig,
                                                                const VirtualRun& what, bool& first) {
  auto ends = co_await rig.plug_in();
  LinkFaults pen_faults, daq_faults;
  pen_faults.drop_per_byte = what.pen_drop_per_byte;
  pen_faults.seed = what.drop_seed;
  if (first) {
    pen_faults.close_after_bytes = what.pen_link_bytes;
    daq_faults.close_after_bytes = what.daq_link_bytes;
  }
  if (first || what.pen_drop_per_byte > 0) {
    ends.pen = make_faulty_link(timeline, std::move(ends.pen), pen_faults);
    ends.daq = make_faulty_link(timeline, std::move(ends.daq), daq_faults);
  }
  first = false;
  co_return co_await make_bench_ports(timeline, std::move(ends.pen), std::move(ends.daq));
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_around(Timeline& timeline, InProcessRig& rig,
                                                              const VirtualRun& what) {
  auto ends = co_await rig.plug_in();
  auto pen = what.around_link(timeline, std::move(ends.pen), true);
  auto daq = what.around_link(timeline, std::move(ends.daq), false);
  co_return co_await make_bench_ports(timeline, std::move(pen), std::move(daq));
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_around_ble(Timeline& timeline, InProcessRig& rig,
                                                                  const VirtualRun& what) {
  auto ends = co_await rig.plug_in(true);
  auto pen_ble = what.around_ble(timeline, std::move(ends.pen_ble));
  OpenPenLink again = opened_by([&](PenLink link) {
    return link == PenLink::ble ? what.around_ble(timeline, rig.open_pen(link)) : rig.open_pen(link);
  });
  co_return co_await make_bench_ports(timeline, std::move(ends.pen), std::move(ends.daq), std::move(pen_ble),
                                      std::move(again));
}

Awaitable<int> run_to_end(RunJob job, InProcessRig& rig, RunResult& result) {
  result = co_await run_plan(std::move(job));
  co_await rig.shut_down();
  co_return 0;
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

VirtualResult run_virtual(const VirtualRun& what) {
  const std::string plan_path = std::string(PENRIG_SOURCE_DIR) + "/" + what.plan;
  cli::Inputs inputs = cli::load_inputs(plan_path, what.uri);
  if (!inputs.ok()) throw std::runtime_error(cli::render_mistakes(inputs.mistakes, {}, "the test did not start"));
  if (what.change_plan) what.change_plan(inputs.plan);
  inputs.plant.electronics.serial_number = what.serial_number;
  if (what.change_plant) what.change_plant(inputs.plant);
  if (what.change_rig) what.change_rig(inputs.rig);

  VirtualResult out;
  ScratchDirectory folder;
  auto store = RecordStore::open(folder.path());
  if (!store) throw std::runtime_error(store.error().message);
  {
    auto timeline = make_virtual_timeline();
    InProcessRig rig(*timeline, inputs.plant, inputs.simulated->seed, inputs.simulated->latency);
    StopRequest stop(*timeline);
    RunObserver nobody;
    RunObserver& observer = what.watched_by != nullptr ? *what.watched_by : nobody;
    RunHeader header;
    header.serial_number = what.serial_number;
    header.plan_name = inputs.plan.name;
    header.product_name = inputs.product.name;
    header.rig_name = inputs.rig.name;
    header.documents = inputs.documents;
    header.simulated = true;
    header.simulation = what.uri;
    std::unique_ptr<RecordSink> between;
    if (what.before_store) between = what.before_store(**store);
    RecordSink& sink = between ? *between : static_cast<RecordSink&>(**store);
    bool first = true;
    ConnectBench connect = rig.connect(inputs.plan.needs(PenLink::ble));
    if (what.pen_link_bytes + what.daq_link_bytes > 0 || what.pen_drop_per_byte > 0) {
      connect = [&] { return connect_breaking(*timeline, rig, what, first); };
    }
    if (what.around_ble) connect = [&] { return connect_around_ble(*timeline, rig, what); };
    if (what.around_link) connect = [&] { return connect_around(*timeline, rig, what); };
    RunJob job{*timeline, inputs.plan, inputs.product, inputs.rig, connect, header, sink, observer, stop, what.without};
    if (what.meanwhile) timeline->spawn(what.meanwhile(*timeline, rig, stop));
    timeline->run(run_to_end(std::move(job), rig, out.result));
    out.rig_seconds = out.result.outcome.duration_s;
  }
  if (what.afterwards) what.afterwards(**store);
  if (out.result.run_id.empty()) return out;
  auto record = (*store)->load_run(out.result.run_id);
  if (!record) throw std::runtime_error(record.error().message);
  out.record = std::move(*record);
  out.json = record_json(out.record).dump();
  out.html = html_report(out.record);
  if (!what.recomputed) return out;
  out.again = recompute(out.record, waveforms_in(folder.path()), {inputs.plan, inputs.product, inputs.rig});
  EXPECT_EQ(in_words(out.again), "") << what.uri << ", derived again from its waveforms";
  if (out.record.closed) {
    const Rejudgement judged = rejudge(out.record, inputs.plan, inputs.product);
    EXPECT_EQ(name_of(judged.is), name_of(out.record.outcome.verdict))
        << what.uri << ", judged again by its own limits";
  }
  return out;
}

}  // namespace penrig::test
