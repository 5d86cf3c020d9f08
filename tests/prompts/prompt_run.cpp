#include "tests/prompts/prompt_run.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "reports/recompute/rejudge.hpp"
#include "reports/store/verify_store.hpp"

namespace penrig::test {
namespace {

template <class T>
T loaded(Loaded<T> (*load)(std::string_view, const std::string&), const std::string& file) {
  std::ifstream in(std::string(PENRIG_SOURCE_DIR) + "/" + file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  Loaded<T> value = load(text.str(), file);
  if (!value.ok()) throw std::runtime_error(render(value.mistakes.front(), false));
  return std::move(value.value);
}

class Asked final : public Prompter {
 public:
  explicit Asked(PromptRun& run) : run_(run) {}
  void ask(std::shared_ptr<OpenPrompt> prompt) override {
    run_.asked.push_back(prompt->what().name);
    ++run_.open_at_end;
    run_.person(prompt);
  }
  void asked(const OpenPrompt&) override { --run_.open_at_end; }

 private:
  PromptRun& run_;
};

Awaitable<void> later(Timeline& timeline, Nanoseconds time, std::function<void()> act) {
  co_await timeline.sleep_for(time);
  act();
}

Awaitable<int> run_to_end(RunJob job, InProcessRig& rig, RunResult& result) {
  result = co_await run_plan(std::move(job));
  co_await rig.shut_down();
  co_return 0;
}

Awaitable<Result<std::unique_ptr<BenchPorts>>> connect_around(PromptRun& run) {
  auto ends = co_await run.rig().plug_in();
  auto pen = run.around_link(std::move(ends.pen), true);
  auto daq = run.around_link(std::move(ends.daq), false);
  co_return co_await make_bench_ports(run.timeline(), std::move(pen), std::move(daq));
}

}  // namespace

PromptRun::PromptRun(const std::string& plan) {
  inputs.plan = loaded(load_plan, plan);
  inputs.product = loaded(load_product, "fixtures/products/pen-pro.yaml");
  inputs.rig = loaded(load_rig, "fixtures/rigs/simulated.yaml");
  inputs.plant.electronics.serial_number = "PRO-0001";
}

void PromptRun::after(Nanoseconds time, std::function<void()> act) {
  timeline_->spawn(later(*timeline_, time, std::move(act)));
}

void PromptRun::go() {
  auto store = RecordStore::open(folder_.path());
  if (!store) throw std::runtime_error(store.error().message);
  timeline_ = make_virtual_timeline();
  rig_ = std::make_unique<InProcessRig>(*timeline_, inputs.plant, 1);
  stop_ = std::make_unique<StopRequest>(*timeline_);
  RunObserver nobody;
  RunHeader header;
  header.serial_number = "PRO-0001";
  header.plan_name = inputs.plan.name;
  header.product_name = inputs.product.name;
  header.rig_name = inputs.rig.name;
  header.simulated = true;
  header.simulation = "sim:seed=1";
  ConnectBench connect = rig_->connect(inputs.plan.needs(PenLink::ble));
  if (around_link) connect = [this] { return connect_around(*this); };
  RunJob job{*timeline_, inputs.plan, inputs.product, inputs.rig, connect, header, **store, nobody, *stop_, {}};
  Asked prompter(*this);
  if (person) job.prompter = &prompter;
  timeline_->run(run_to_end(std::move(job), *rig_, result));
  if (result.run_id.empty()) return;
  auto loaded = (*store)->load_run(result.run_id);
  if (!loaded) throw std::runtime_error(loaded.error().message);
  record = std::move(*loaded);

  const auto verified = verify_store(**store, {});
  if (!verified) throw std::runtime_error(verified.error().message);
  for (const VerifyFault& fault : verified->faults) faults.push_back(fault.where + ": " + fault.what);
  const Recomputation again =
      recompute(record, waveforms_in(folder_.path()), {inputs.plan, inputs.product, inputs.rig});
  for (const auto& d : again.differences)
    faults.push_back(d.where + ": " + d.what + " " + d.recorded + " " + d.recomputed);
  for (const std::string& missing : again.missing) faults.push_back("missing: " + missing);
  const Rejudgement judged = rejudge(record, inputs.plan, inputs.product);
  if (judged.is != record.outcome.verdict) faults.push_back(std::string("judged again: ") + name_of(judged.is));
}

const Decision* PromptRun::decision(const std::string& requirement) const {
  const auto found = std::ranges::find(record.outcome.decisions, requirement, &Decision::requirement_id);
  return found == record.outcome.decisions.end() ? nullptr : &*found;
}

const Measurement* PromptRun::answer(const std::string& prompt) const {
  const auto found = std::ranges::find(record.outcome.measurements, "answer:" + prompt, &Measurement::measurand);
  return found == record.outcome.measurements.end() ? nullptr : &*found;
}

const PhaseRecord* PromptRun::phase(const std::string& name) const {
  const auto found = std::ranges::find(record.phases, name, &PhaseRecord::name);
  return found == record.phases.end() ? nullptr : &*found;
}

PromptRun::Person somebody_who_passes(PromptRun& run) { return somebody_who_says(run, "", false); }

PromptRun::Person somebody_who_says(PromptRun& run, const std::string& prompt, AnswerValue value) {
  std::map<std::string, AnswerValue> says{{"cartridge", true},
                                          {"tip inspection", true},
                                          {"seal", std::string("whole")},
                                          {"seal width", 2.2},
                                          {"room", 41.0}};
  says[prompt] = std::move(value);
  return [&run, says](const std::shared_ptr<OpenPrompt>& open) {
    run.after(std::chrono::seconds{3}, [open, says] {
      (void)open->answer(says.at(open->what().name), "ada at the test");  // one that is over takes none
    });
  };
}

}  // namespace penrig::test
