#include "tools/swarm/seed_run.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "fixtures/faults/faulty_bench.hpp"
#include "reports/recompute/recompute.hpp"
#include "reports/store/archive_waveforms.hpp"
#include "reports/store/verify_store.hpp"
#include "rig/measure/algorithm_version.hpp"

namespace penrig::swarm {
namespace {

/// A run ends by itself within a small multiple of what it plans; then it is told to stop; then it hangs.
constexpr double kPatience = 4, kPatienceMoreS = 120, kStopPatienceS = 60;
/// After the run: both dead-mans and a withdrawal from anywhere.
constexpr Nanoseconds kUntilSafe = std::chrono::seconds{3};
constexpr double kWithdrawnWithinMm = 0.1;
constexpr double kSafeStateWithinMs = 50;

Awaitable<void> refuse_to_hang(Timeline& timeline, StopRequest& stop, double limit_s, bool& hung) {
  co_await timeline.sleep_for(seconds_to_ns(limit_s));
  hung = true;
  stop.request("the swarm: it does not end");
  co_await timeline.sleep_for(seconds_to_ns(kStopPatienceS));
  throw std::runtime_error("the run did not end, nor did it stop");
}

Awaitable<int> run_to_end(Timeline& timeline, RunJob job, faults::FaultyBench& bench, const Sabotage& sabotage,
                          RunResult& result) {
  result = co_await run_plan(std::move(job));
  if (sabotage.after_run) co_await sabotage.after_run(timeline);
  if (sabotage.bench) sabotage.bench(sim::PlantTruthProbe::of(bench.bench()).plant);
  co_await timeline.sleep_for(kUntilSafe);
  co_await bench.shut_down();
  co_return 0;
}

void tell(SeedResult& seed, const char* invariant, std::string what) {
  seed.broken.push_back({invariant, std::move(what)});
}

bool has_group(const faults::FaultScript& script, faults::Group group) {
  return std::any_of(script.faults.begin(), script.faults.end(),
                     [&](const faults::Fault& f) { return faults::info(f.kind).group == group; });
}

/// Where the bench stands when all is over, against what the record says of it.
void check_end(const RunOutcome& outcome, const sim::PlantTruthProbe& probe, const faults::FaultScript& script,
               SeedResult& seed) {
  const sim::Plant& plant = probe.plant;
  // A motor that is stalled for good moves nothing, whatever it is told.
  const bool stalled = std::any_of(script.faults.begin(), script.faults.end(), [](const faults::Fault& f) {
    return f.kind == faults::Kind::motor_stall && !f.for_s;
  });
  const double axial_mm = plant.stage().axial_mm;
  std::string unsafe;
  if (!plant.standing() && !stalled) unsafe = "the motor runs";
  if (plant.stage_moving()) unsafe += (unsafe.empty() ? "" : ", ") + std::string("the stage moves");
  if (axial_mm > plant.withdrawn_axial_mm() + kWithdrawnWithinMm)
    unsafe += fmt::format("{}the stage stands at {:.3f} mm", unsafe.empty() ? "" : ", ", axial_mm);
  if (!unsafe.empty() && outcome.safe_state_confirmed) tell(seed, "unsafe-end", "confirmed as safe, yet " + unsafe);
  if (!unsafe.empty() && script.faults.empty() && seed.defect != "ignores-dead-man") tell(seed, "unsafe-end", unsafe);
  if (outcome.safe_state_confirmed || outcome.verdict >= Verdict::aborted) return;
  tell(seed, "unsafe-end", fmt::format("not confirmed as safe, and the verdict is {}", name_of(outcome.verdict)));
}

/// Safe-state commands leave within 50 ms of the evidence, whatever the plant and the devices do.
void check_latencies(const RunOutcome& outcome, const faults::FaultScript& script, SeedResult& seed) {
  // A command that a link or a device swallows is sent again, and the record counts from its last time.
  for (const faults::Group g : {faults::Group::host, faults::Group::link, faults::Group::device}) {
    if (has_group(script, g)) return;
  }
  for (const RunEvent& e : outcome.events) {
    if (e.kind == "safe-state" && e.latency_ms && *e.latency_ms > kSafeStateWithinMs)
      tell(seed, "unsafe-end", fmt::format("safe state {:.1f} ms after its trip: {}", *e.latency_ms, e.text));
  }
}

std::string decision_in_words(const HeldDecision& h) {
  return fmt::format("{}{}{}: truth {:.6g} lies {:.2f} U {} the limits, verdict {}", h.requirement,
                     h.setting.empty() ? "" : " at ", h.setting, h.truth, std::abs(h.beyond),
                     h.beyond > 0 ? "outside" : "inside", name_of(h.verdict));
}

/// A decision may be wrong in a run that noticed that something was broken, and passed nobody.
void count(const HeldDecision& h, bool pen_passed, SeedResult& seed) {
  const bool passed = h.verdict == Verdict::pass;
  switch (h.side) {
    case Side::outside:
      ++seed.outside_decisions;
      if (seed.outside.empty() || passed) seed.outside = decision_in_words(h);
      if (passed && (pen_passed || seed.faults_drawn == 0)) tell(seed, "false-pass", decision_in_words(h));
      break;
    case Side::near_outside:
      ++seed.near_outside;
      seed.near_risk += h.risk;
      seed.near_passed += passed ? 1U : 0U;
      break;
    case Side::inside:
      ++seed.inside;
      if (h.verdict == Verdict::fail || h.verdict == Verdict::indeterminate)
        seed.refused.push_back(decision_in_words(h));
      break;
    case Side::near_inside:
      break;
    case Side::unknown:
      ++seed.unknown;
      break;
  }
}

/// What can be said of the verdict, and of every decision.
void check_verdict(const SwarmJob& job, const RunRecord& record, const sim::PlantTruthProbe& probe, const DrawnPen& pen,
                   SeedResult& seed) {
  const std::vector<HeldDecision> held = hold_against_truth(record, job.product, probe, pen.plant);
  const bool passed = record.outcome.verdict == Verdict::pass;
  for (const HeldDecision& h : held) count(h, passed, seed);
  if (pen.never_passes) seed.outside = "the defect itself";
  if (passed && pen.never_passes) tell(seed, "false-pass", "PASS of a pen, or on a rig, that may not have one");
  if (passed && held.size() != record.header.decisions_planned) {
    tell(seed, "false-pass", fmt::format("PASS on {} decisions of {}", held.size(), record.header.decisions_planned));
  }
  if (passed && seed.outside_decisions > 0 && seed.broken.empty()) tell(seed, "false-pass", seed.outside);
  seed.all_inside = !held.empty() && seed.inside == held.size() && held.size() == record.header.decisions_planned &&
                    !pen.never_passes;
}

void check_words(const RunRecord& record, SeedResult& seed) {
  const RunOutcome& outcome = record.outcome;
  if (outcome.verdict != Verdict::pass && outcome.reason.empty())
    tell(seed, "no-cause", fmt::format("{} without a reason", name_of(outcome.verdict)));
  for (const PhaseRecord& phase : record.phases) {
    if (phase.verdict >= Verdict::aborted && phase.error.empty())
      tell(seed, "no-cause", fmt::format("phase '{}' is {} without a word", phase.name, name_of(phase.verdict)));
  }
}

RunHeader header_of(const SwarmJob& job, const DrawnPen& pen, const faults::FaultScript& script, std::uint64_t seed) {
  RunHeader header;
  header.serial_number = pen.plant.electronics.serial_number;
  header.plan_name = job.plan.name;
  header.product_name = job.product.name;
  header.rig_name = job.rig.name;
  header.plan_revision = job.plan.revision;
  header.product_revision = job.product.revision;
  header.rig_revision = job.rig.revision;
  header.documents = job.documents;
  header.algorithm_version = kAlgorithmVersion;
  header.simulated = true;
  header.engineering_because = "a run of a swarm";
  header.simulation = fmt::format("swarm seed {}, defect {} {:.6g} {}, {} faults", seed, pen.defect, pen.size, pen.unit,
                                  script.faults.size());
  const PlanCounts counts = count_plan(job.plan, job.product, PenLink::serial);
  header.decisions_planned = counts.decisions;
  header.settings_planned = counts.settings;
  return header;
}

/// One seed: its run, and then its record against all that is known of it.
class SeedRun {
 public:
  /// sink: what the run writes to, of the store.
  SeedRun(const SwarmJob& job, std::uint64_t number, RecordSink& sink)
      : job_(job),
        pen_(draw_pen(number, job.defects, job.plant)),
        script_(script_of(job, number)),
        product_(job.product),
        rig_(job.rig),
        broken_store_(job.sabotage.store ? job.sabotage.store(sink) : nullptr),
        timeline_(make_virtual_timeline()),
        bench_(*timeline_, pen_.plant, number, script_) {
    seed.seed = number;
    seed.defect = pen_.defect;
    seed.unit = pen_.unit;
    seed.size = pen_.size;
    seed.faults_drawn = script_.faults.size();
    seed.size_from = pen_.size_from;
    seed.size_to = pen_.size_to;
    if (job.sabotage.process) job.sabotage.process(number);
    if (job.sabotage.product) job.sabotage.product(product_);
    if (job.sabotage.rig) job.sabotage.rig(rig_);
    run(broken_store_ ? *broken_store_ : sink);
  }

  /// Its record, as it stands in the store.
  /// @return the files that were read and hashed for it.
  std::set<std::string> hold(const RunRecord& record, const WaveformSource& waveforms) {
    held_ = true;
    if (!result_.record_durable && record.closed && record.outcome.verdict == Verdict::pass)
      tell(seed, "record", "a PASS stands in a record that was said not to be durable");
    if (!record.closed) {
      if (result_.record_durable) tell(seed, "record", "said to be durable, and it is open");
      return {};
    }
    if (result_.record_durable && record.outcome.verdict != seed.verdict)
      tell(seed, "record",
           fmt::format("it says {}, the run said {}", name_of(record.outcome.verdict), name_of(seed.verdict)));
    check_latencies(record.outcome, script_, seed);
    check_verdict(job_, record, probe(), pen_, seed);
    check_words(record, seed);
    Recomputation again = recompute(record, waveforms, {job_.plan, product_, rig_});
    for (const RecordDifference& d : again.differences)
      tell(seed, "recompute",
           fmt::format("{}, {}: {} in the record, {} derived again", d.where, d.what, d.recorded, d.recomputed));
    for (const std::string& m : again.missing) tell(seed, "recompute", m);
    return std::move(again.held);
  }

  /// There should be a record, and nobody could read it.
  bool lacks_record() const { return !seed.run_id.empty() && !held_; }

  SeedResult seed;

 private:
  sim::PlantTruthProbe probe() { return sim::PlantTruthProbe::of(bench_.bench()); }

  void run(RecordSink& sink) {
    probe().record();
    StopRequest stop(*timeline_);
    RunObserver nobody;
    bool hung = false;
    try {
      timeline_->spawn(
          refuse_to_hang(*timeline_, stop, kPatience * planned_seconds(job_.plan, rig_) + kPatienceMoreS, hung));
      RunJob run{*timeline_,
                 job_.plan,
                 product_,
                 rig_,
                 bench_.connect(),
                 header_of(job_, pen_, script_, seed.seed),
                 bench_.between(sink),
                 bench_.watched_by(nobody),
                 stop};
      timeline_->run(run_to_end(*timeline_, std::move(run), bench_, job_.sabotage, result_));
    } catch (const std::exception& e) {
      return tell(seed, hung ? "hang" : "crash", e.what());
    }
    if (hung) tell(seed, "hang", "it ended only when it was told to");
    for (const faults::Injected& i : bench_.injected()) {
      seed.faults.push_back(i.text);
      seed.fault_kinds.emplace_back(faults::info(script_.faults.at(i.index).kind).name);
    }
    seed.run_id = result_.run_id;
    seed.verdict = result_.outcome.verdict;
    seed.reason = result_.outcome.reason;
    seed.rig_s = result_.outcome.duration_s;
    if (!result_.record_durable) {
      if (seed.verdict <= Verdict::indeterminate)
        tell(seed, "record", fmt::format("{} without a durable record", name_of(seed.verdict)));
      if (result_.record_error.empty()) tell(seed, "no-cause", "the record is not durable, and nothing says why");
      if (script_.faults.empty()) tell(seed, "record", "not durable: " + result_.record_error);
    }
    check_end(result_.outcome, probe(), script_, seed);  // as it stands by now
  }

  const SwarmJob& job_;
  const DrawnPen pen_;
  const faults::FaultScript script_;
  Product product_;
  RigDescription rig_;
  const std::unique_ptr<RecordSink> broken_store_;
  const std::unique_ptr<Timeline> timeline_;
  faults::FaultyBench bench_;
  RunResult result_;
  bool held_ = false;
};

using SeedRuns = std::vector<std::unique_ptr<SeedRun>>;

/// Verifies the store; each record is held against its seed as it is read for that. Faults of the store belong to the
/// seed whose run they name, or to the whole group.
void verify_group(RecordStore& store, const SeedRuns& runs, const std::function<void(std::uint64_t)>& began) {
  const auto owner_of = [&](const auto& is_its) {
    const auto owner = std::ranges::find_if(
        runs, [&](const auto& run) { return !run->seed.run_id.empty() && is_its(run->seed.run_id); });
    return owner == runs.end() ? nullptr : owner->get();
  };
  const WaveformSource waveforms = waveforms_of(store);
  VerifyOptions options;
  options.seen = [&](const RunRecord& record) -> std::set<std::string> {
    SeedRun* const owner = owner_of([&](const std::string& id) { return id == record.header.run_id; });
    if (owner == nullptr) return {};
    if (began) began(owner->seed.seed);
    return owner->hold(record, waveforms);
  };
  const Result<Verification> found = verify_store(store, options);
  if (!found) {
    for (const auto& run : runs) tell(run->seed, "record", found.error().message);
    return;
  }
  for (const VerifyFault& fault : found->faults) {
    const SeedRun* const owner = owner_of([&](const std::string& id) { return fault.where.starts_with(id); });
    for (const auto& run : runs) {
      if (owner == nullptr || run.get() == owner) tell(run->seed, "record", fault.where + ": " + fault.what);
    }
  }
  for (const auto& run : runs) {
    if (run->lacks_record()) tell(run->seed, "record", run->seed.run_id + ": its record could not be read");
  }
}

}  // namespace

faults::FaultScript script_of(const SwarmJob& job, std::uint64_t seed) {
  return job.script ? *job.script : faults::draw_faults(seed, job.faults, planned_seconds(job.plan, job.rig));
}

std::vector<SeedResult> run_group(const SwarmJob& job, const std::vector<std::uint64_t>& seeds,
                                  const std::filesystem::path& folder, const GroupOptions& options) {
  if (options.kept && options.waveforms_in_memory)
    throw std::runtime_error("a store that is kept has its waveforms in files");
  // Samples that are read once and then go need not be small.
  Result<std::unique_ptr<RecordStore>> store =
      RecordStore::open(folder, {.waveform_form = WaveformForm::raw,
                                 .short_lived = !options.kept,
                                 .waveforms_in_memory = options.waveforms_in_memory});
  if (!store) throw std::runtime_error(store.error().message);
  SeedRuns runs;
  while (runs.size() < seeds.size()) {
    Result<std::unique_ptr<RecordGroup>> group = RecordGroup::begin(**store);
    if (!group) throw std::runtime_error(group.error().message);
    const std::size_t end = std::min(runs.size() + std::max<std::size_t>(options.durable_together, 1), seeds.size());
    while (runs.size() < end) {
      const std::uint64_t seed = seeds[runs.size()];
      if (options.began) options.began(seed);
      runs.push_back(std::make_unique<SeedRun>(job, seed, **group));
    }
    // Nothing counts before it is on disk.
    if (const Result<void> durable = (*group)->commit(); !durable) throw std::runtime_error(durable.error().message);
  }
  if (options.made) options.made(**store);
  verify_group(**store, runs, options.began);
  std::vector<SeedResult> results;
  for (const auto& run : runs) results.push_back(std::move(run->seed));
  return results;
}

}  // namespace penrig::swarm
