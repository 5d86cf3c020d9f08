#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/system/example_bench.hpp"
#include "tests/system/forwarding_sink.hpp"
#include "tests/system/program.hpp"
#include "tests/system/swarm_job.hpp"
#include "tests/tools/json_lines.hpp"
#include "tools/swarm/workers.hpp"

namespace penrig::test {
namespace {

using swarm::SeedResult;
using swarm::Summary;
using swarm::SwarmJob;
using swarm::to_json;

std::string in_words(const Summary& summary) {
  std::string text;
  for (const auto& [invariant, kind] : summary.broken) {
    for (const auto& e : kind.first) text += invariant + ", seed " + std::to_string(e.seed) + ": " + e.what + "\n";
  }
  for (const std::string& s : summary.statistics_broken()) text += s + "\n";
  return text;
}

Summary run_all(const SwarmJob& job, std::uint64_t first, std::size_t count) {
  Summary summary;
  for (std::size_t done = 0; done < count; done += kGroup) {
    const ScratchDirectory folder;
    const auto seeds = seeds_from(first + done, std::min(kGroup, count - done));
    for (const SeedResult& s : swarm::run_group(job, seeds, folder.path(), kNothingIsKept)) summary.add(s);
  }
  return summary;
}

TEST(Swarm, BreaksNothingWithPensOfAllKinds) {
  const Summary summary = run_all(swarm_job("all"), 1, 40);
  EXPECT_EQ(in_words(summary), "");
  EXPECT_GT(summary.verdicts[static_cast<std::size_t>(Verdict::pass)], 10U);
  EXPECT_GT(summary.consumer_outside.n, 5U);
  EXPECT_EQ(summary.consumer_outside.k, 0U);
  EXPECT_GT(summary.producer.n, 400U);
}

TEST(Swarm, BreaksNothingUnderFaultsOfAllKinds) {
  const Summary summary = run_all(swarm_job("all/0.5", "all"), 1, 40);
  EXPECT_EQ(in_words(summary), "");
  EXPECT_GT(summary.seeds_with_faults, 20U);
  EXPECT_GT(summary.faults.size(), 10U);
}

TEST(Swarm, GivesASeedTheSameResultWhateverRunsBesideIt) {
  const SwarmJob job = swarm_job("all", "all");
  const ScratchDirectory together, alone;
  const auto all = swarm::run_group(job, seeds_from(31, 4), together.path());
  auto last = swarm::run_group(job, {34}, alone.path()).front();
  last.run_id = all.back().run_id;
  EXPECT_EQ(to_json(last).dump(), to_json(all.back()).dump());
  EXPECT_EQ(to_json(swarm::seed_of_json(to_json(last))).dump(), to_json(last).dump());
}

// What follows breaks the program on purpose: each invariant must notice within a thousand seeds.
constexpr std::size_t kMost = 1000;

TEST(BrokenSwarm, LimitsThatAreTooWideAreSeenAsFalsePasses) {
  SwarmJob job = swarm_job("depth-offset,depth-scale,wobble,slow-motor/1");
  job.sabotage.product = [](Product& product) {
    for (Requirement& r : product.requirements) {
      if (r.limit.tolerance) *r.limit.tolerance *= 1.2;
      if (r.limit.tolerance_percent) *r.limit.tolerance_percent *= 1.2;
    }
  };
  Summary summary;
  EXPECT_NE(first_that_breaks(job, "false-pass", kMost, summary), 0U) << in_words(summary);
}

TEST(BrokenSwarm, AFactorThatIsWrongIsSeenAsFalsePasses) {
  // At 1.5 mm the peak is the puncture, whose U is 0.4 N at this rate of samples; at 2.5 mm it is the top.
  SwarmJob job = swarm_job("blunt-needles/1", "none", "swarm-sweep.yaml");
  job.sabotage.rig = [](RigDescription& rig) { rig.calibrations.force_n_per_count.value *= 0.9; };
  Summary summary;
  EXPECT_NE(first_that_breaks(job, "false-pass", kMost, summary), 0U) << in_words(summary);
}

TEST(BrokenSwarm, ARuleWithoutAGuardBandIsSeenInItsNearPasses) {
  SwarmJob job = swarm_job("speed-jitter/1");
  // Beyond the limit by less than 1.5 U.
  job.defects.defects.front().least = 142;
  job.defects.defects.front().greatest = 160;
  const Summary as_ruled = run_all(job, 1, 120);
  EXPECT_EQ(in_words(as_ruled), "");
  EXPECT_GT(as_ruled.consumer_near.n, 60U);
  // The rule states another risk than the one that it is judged by.
  job.sabotage.product = [](Product& product) {
    for (Requirement& r : product.requirements) {
      if (r.id == "J1") *r.limit.max *= 1.3;
    }
  };
  const Summary wider = run_all(job, 1, 120);
  EXPECT_FALSE(wider.whole()) << wider.consumer_near.k << " of " << wider.consumer_near.n;
}

/// Says that every run is a PASS.
class YesSink final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override {
    RunOutcome yes = outcome;
    yes.verdict = Verdict::pass;
    yes.reason.clear();
    return ForwardingSink::close_run(run_id, yes);
  }
};
/// Never closes a run, and says that it did.
class ForgetfulSink final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> close_run(const std::string&, const RunOutcome&) override { return {}; }
};
/// Keeps values that are off in their last bit.
class InexactSink final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> add_phase(const std::string& run_id, const PhaseRecord& phase) override {
    PhaseRecord off = phase;
    for (Measurement& m : off.measurements) {
      if (m.value) m.value = std::nextafter(*m.value, 1e9);
    }
    return ForwardingSink::add_phase(run_id, off);
  }
};
/// Leaves the reasons out.
class SpeechlessSink final : public ForwardingSink {
 public:
  using ForwardingSink::ForwardingSink;
  Result<void> close_run(const std::string& run_id, const RunOutcome& outcome) override {
    RunOutcome silent = outcome;
    silent.reason.clear();
    return ForwardingSink::close_run(run_id, silent);
  }
};

template <class Sink>
void expect_caught(const std::string& invariant) {
  SwarmJob job = swarm_job("all/1");
  job.sabotage.store = [](RecordSink& store) { return std::make_unique<Sink>(store); };
  Summary summary;
  EXPECT_NE(first_that_breaks(job, invariant, kMost, summary), 0U) << in_words(summary);
}

TEST(BrokenSwarm, AStoreThatSaysYesIsSeen) {
  expect_caught<YesSink>("false-pass");
  expect_caught<YesSink>("record");
}
TEST(BrokenSwarm, ARecordThatIsNeverClosedIsSeen) { expect_caught<ForgetfulSink>("record"); }
TEST(BrokenSwarm, AValueThatIsOffInItsLastBitIsSeen) { expect_caught<InexactSink>("recompute"); }
TEST(BrokenSwarm, AVerdictWithoutAReasonIsSeen) { expect_caught<SpeechlessSink>("no-cause"); }

TEST(BrokenSwarm, AMotorThatRunsAfterTheEndIsSeen) {
  SwarmJob job = swarm_job("none");
  job.sabotage.bench = [](sim::Plant& plant) { plant.start_motor(); };
  Summary summary;
  EXPECT_NE(first_that_breaks(job, "unsafe-end", kMost, summary), 0U);
}

Awaitable<void> wait_for_nothing(Timeline& timeline) {
  for (;;) co_await timeline.sleep_for(std::chrono::seconds{1});
}

TEST(BrokenSwarm, ARunThatDoesNotEndIsSeen) {
  SwarmJob job = swarm_job("none");
  job.sabotage.after_run = wait_for_nothing;
  Summary summary;
  EXPECT_NE(first_that_breaks(job, "hang", kMost, summary), 0U);
}

/// All seeds on two processes.
Summary on_workers(const SwarmJob& job, std::uint64_t last, std::set<std::uint64_t>& told, unsigned hang_s = 60,
                   std::size_t group = 4) {
  const ScratchDirectory folder;
  swarm::WorkerOptions options;
  options.last = last;
  options.jobs = 2;
  options.group = group;
  options.folder = folder.path();
  options.hang_s = hang_s;
  Summary summary;
  const Result<void> ran = swarm::run_on_workers(
      job, options,
      [&](const SeedResult& s) {
        summary.add(s);
        EXPECT_TRUE(told.insert(s.seed).second) << "seed " << s.seed << " was told twice";
      },
      [] { return false; });
  EXPECT_TRUE(ran.has_value());
  return summary;
}

TEST(SwarmWorkers, TellEverySeedOnceAndTheSameAsOneProcess) {
  const SwarmJob job = swarm_job("all");
  std::set<std::uint64_t> told;
  const Summary by_two = on_workers(job, 10, told);
  EXPECT_EQ(told.size(), 10U);
  EXPECT_EQ(to_json(by_two).dump(), to_json(run_all(job, 1, 10)).dump());
}

TEST(SwarmWorkers, LoseOnlyTheSeedThatCrashes) {
  SwarmJob job = swarm_job("none");
  job.sabotage.process = [](std::uint64_t seed) {
    if (seed == 6) ::raise(SIGKILL);
  };
  std::set<std::uint64_t> told;
  const Summary summary = on_workers(job, 10, told);
  EXPECT_EQ(told.size(), 10U);
  ASSERT_TRUE(summary.broken.contains("crash"));
  EXPECT_EQ(summary.broken.at("crash").seeds, 1U);
  EXPECT_EQ(summary.broken.at("crash").first.front().seed, 6U);
  EXPECT_EQ(summary.verdicts[static_cast<std::size_t>(Verdict::pass)], 9U);
}

TEST(SwarmWorkers, SeeAProcessThatComesToNothing) {
  SwarmJob job = swarm_job("none");
  job.sabotage.process = [](std::uint64_t seed) {
    while (seed == 2) ::pause();
  };
  std::set<std::uint64_t> told;
  const Summary summary = on_workers(job, 3, told, 2);
  EXPECT_EQ(told.size(), 3U);
  EXPECT_TRUE(summary.broken.contains("hang"));
}

TEST(SwarmWorkers, SeeADescriptorThatIsNeverClosed) {
  SwarmJob job = swarm_job("none");
  job.sabotage.process = [](std::uint64_t) { EXPECT_GE(::dup(STDOUT_FILENO), 0); };
  std::set<std::uint64_t> told;
  EXPECT_TRUE(on_workers(job, 14, told, 60, 1).broken.contains("leak"));
}

/// The program on eight seeds of a plan.
Finished swarm_of(const std::string& plan, std::vector<std::string> more = {}) {
  const ScratchDirectory folder;
  more.insert(more.begin(), {"swarm", "--plan", plan, "--seeds", "1..8"});
  return run_program(more, folder.path().string());
}

TEST(SwarmCommand, RefusesAPlanThatNoSeedCouldBegin) {
  for (const auto& [plan, words] :
       {std::pair<std::string, std::string>{"inspect-pro", "--answer: plan 'inspect-pro' asks a person ('cartridge', "},
        {"links-pro", "plan 'links-pro' drives the pen over ble, and slot '1' has no such link"}}) {
    const Finished f = swarm_of(kSource + "/rig/plans/" + plan + ".yaml");
    EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
    EXPECT_NE(f.err.find(words), std::string::npos) << f.err;
    EXPECT_NE(f.err.find("no seed has run"), std::string::npos) << f.err;
    EXPECT_EQ(f.out, "");
    const Finished json = swarm_of(kSource + "/rig/plans/" + plan + ".yaml", {"--json"});
    EXPECT_EQ(json.err, f.err) << "a log has it as well";
    EXPECT_NE(json.out.find("\"event\":\"mistake\""), std::string::npos) << json.out;
  }
}

TEST(SwarmCommand, SaysThatNothingWasTestedWhereNoSeedCameToADecision) {
  const ScratchDirectory folder;
  std::string plan = read_text(kSource + "/rig/plans/smoke.yaml");
  replace_first(plan, "../../fixtures/products/pen-pro.yaml", kSource + "/fixtures/products/pen-home.yaml");
  replace_first(plan, "[1.0]", "[0.5]");
  replace_first(plan, "[7500]", "[6000]");
  const std::string file = (folder.path() / "home.yaml").string();
  std::ofstream(file) << plan;
  const Finished f = swarm_of(file);
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_NE(f.out.find("nothing was tested   8 seeds, "), std::string::npos) << f.out;
  EXPECT_NE(f.out.find("8 of them: the pen on sim:pen says it is a pen-pro, but the plan is for pen-home"),
            std::string::npos)
      << f.out;
  EXPECT_EQ(f.out.find("no invariant broke"), std::string::npos) << f.out;
  const auto last = cli::json_lines(swarm_of(file, {"--json"}).out).back();
  EXPECT_EQ(last.at("tested"), false);
  EXPECT_EQ(last.at("whole"), false);
  // Nor where none of the faults began that its seeds have.
  const std::string late = (folder.path() / "late.yaml").string();
  std::ofstream(late) << "name: late\nfaults:\n  - {what: encoder-stuck, at_s: 1000}\n";
  const Finished never = swarm_of(kSource + "/rig/plans/swarm.yaml", {"--faults", late});
  EXPECT_EQ(never.exit_code, 3) << never.out << never.err;
  EXPECT_NE(never.out.find("nothing was tested"), std::string::npos) << never.out;
  EXPECT_NE(never.out.find("and none of their faults began"), std::string::npos) << never.out;
  // A pen that must be refused is: that is what its seeds are for.
  const Finished refused = swarm_of(kSource + "/rig/plans/swarm.yaml", {"--defects", "wrong-identity/1"});
  EXPECT_EQ(refused.exit_code, 0) << refused.out << refused.err;
}

TEST(SwarmCommand, NamesWhatIsWrongWithItsOptions) {
  const std::string plan = kSource + "/rig/plans/swarm.yaml";
  EXPECT_NE(swarm_of(plan, {"--faults", "nosuch.yaml"}).err.find("nosuch.yaml: no such file"), std::string::npos);
  const ScratchDirectory folder;
  std::ofstream(folder.path() / "f.yaml") << "name: f\nfaults:\n  - {what: encoder-stuck, at_phase: nosuch}\n";
  const Finished phase = swarm_of(plan, {"--faults", (folder.path() / "f.yaml").string()});
  EXPECT_EQ(phase.exit_code, 4) << phase.out;
  EXPECT_NE(phase.err.find("at_phase 'nosuch': no step of plan"), std::string::npos) << phase.err;
  // It was 0 of 0 seeds, and exit code 0 when it was interrupted.
  const Finished all =
      run_program({"swarm", "--plan", plan, "--seeds", "0..18446744073709551615"}, folder.path().string());
  EXPECT_EQ(all.exit_code, 4) << all.out;
  EXPECT_NE(all.err.find("fewer than 2^64 seeds"), std::string::npos) << all.err;
}

}  // namespace
}  // namespace penrig::test
