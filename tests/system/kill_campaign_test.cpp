#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/verify_store.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "rig/base/random.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/system/failing_disk.hpp"
#include "tests/system/program.hpp"
#include "tests/system/variable.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

// `kill -9` of the program itself while it runs. As many as PENRIG_KILLS says (tools/campaign kill 1000), 20 where it
// says nothing; PENRIG_TEST_SEED takes a seed back.

namespace penrig::test {
namespace {

Awaitable<int> until(Timeline& timeline, TimePoint at) {
  co_await timeline.sleep_until(at);
  co_return 0;
}

class KillCampaign : public ::testing::Test {
 protected:
  KillCampaign() { RecordProperty("seed", std::to_string(seed_)); }

  std::vector<std::string> arguments(std::uint64_t number) const {
    // The plan with many phases now and then, the quick one mostly.
    const char* const plan = number % 5 == 4 ? "/rig/plans/swarm-sweep.yaml" : "/rig/plans/smoke.yaml";
    return {"run",      PENRIG_SOURCE_DIR + std::string(plan),
            "--rig",    "sim:seed=" + std::to_string(1 + number % 7),
            "--json",   "--serial-number",
            "PRO-0001", "--records",
            "records"};
  }
  std::string folder() const { return folder_.path().string(); }
  std::filesystem::path records() const { return folder_.path() / "records"; }

  /// Keeps what a program had said; a line that was cut off was not said.
  void heard(const std::string& out) {
    const std::string whole = out.substr(0, out.rfind('\n') == std::string::npos ? 0 : out.rfind('\n') + 1);
    for (const auto& line : cli::json_lines(whole)) {
      if (line.value("event", "") != "result" || line.value("verdict", "") != "PASS") continue;
      said_pass_.insert(line.at("run").get<std::string>());
    }
  }

  /// The run that was just killed: whole, or INTERRUPTED with what it had; every waveform that it names is there.
  void look_at_the_newest(const std::string& where) {
    const auto opened = RecordStore::open(records());
    ASSERT_TRUE(opened.has_value()) << where << opened.error().message;
    RecordStore& store = **opened;
    const auto closed = store.close_interrupted(kVirtualEpochUtcNs);
    ASSERT_TRUE(closed.has_value()) << where << closed.error().message;
    interrupted_ += closed->size();
    EXPECT_LE(closed->size(), 1U) << where;
    const auto rows = store.list_runs({.newest = 1}).value();
    if (rows.empty()) return;
    look_at(store, rows.front(), where);
    const auto incoming = incoming_folder(records());
    EXPECT_TRUE(!std::filesystem::exists(incoming) || std::filesystem::is_empty(incoming))
        << where << "something is left of a waveform";
  }

  void look_at(RecordStore& store, const RunRow& row, const std::string& where) {
    const auto run = store.load_run(row.run_id);
    ASSERT_TRUE(run.has_value()) << where << run.error().message;
    EXPECT_TRUE(run->closed || run->outcome.interrupted) << where << row.run_id << " is open";
    if (run->closed) {
      EXPECT_EQ(run->outcome.verdict, Verdict::pass) << where << row.run_id << ": " << run->outcome.reason;
      EXPECT_EQ(run->outcome.decisions.size(), run->header.decisions_planned) << where << row.run_id;
    } else {
      EXPECT_EQ(row.verdict, Verdict::error) << where;
    }
    for (const PhaseRecord& phase : run->phases) {
      for (const WaveformRecord& waveform : phase.waveforms) {
        const auto file = records() / waveform_path(waveform);
        ASSERT_TRUE(std::filesystem::exists(file)) << where << file;
        EXPECT_EQ(sha256_hex(read_text(file)), waveform.sha256) << where << file;
        ++waveforms_;
      }
    }
  }

  /// At the end, everything at once.
  void look_at_all() {
    const auto store = RecordStore::open(records()).value();
    std::set<std::string> passed;
    const auto rows = store->list_runs().value();
    for (const RunRow& row : rows) {
      look_at(*store, row, "at the end: ");
      if (row.verdict == Verdict::pass) passed.insert(row.run_id);
    }
    for (const std::string& run : said_pass_) EXPECT_TRUE(passed.contains(run)) << run << " had said PASS";
    const Verification verified = verify_store(*store, {}).value();
    for (const VerifyFault& fault : verified.faults) ADD_FAILURE() << fault.where << ": " << fault.what;
    EXPECT_EQ(verified.open_runs, 0U);
    EXPECT_EQ(verified.runs, rows.size());
    penrig::testing::Sqlite other(records());
    EXPECT_EQ(other.first("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(other.first("SELECT count(*) FROM pragma_foreign_key_check"), "0");
    std::cout << "seed " << seed_ << ": " << rows.size() << " runs, " << passed.size() << " PASS (" << said_pass_.size()
              << " of them had said so), " << interrupted_ << " INTERRUPTED, " << waveforms_
              << " waveforms looked at, all whole\n";
  }

  const std::uint64_t seed_ = number_of("PENRIG_TEST_SEED", 1);
  const std::uint64_t kills_ = number_of("PENRIG_KILLS", 20);
  ScratchDirectory folder_;
  std::set<std::string> said_pass_;
  std::size_t interrupted_ = 0, waveforms_ = 0;
};

TEST_F(KillCampaign, LeavesEveryRunWholeOrInterruptedAtAnyInstant) {
  const auto timeline = make_real_timeline();
  const TimePoint begin = timeline->now();
  ASSERT_EQ(run_program(arguments(4), folder()).exit_code, 0);
  const Nanoseconds whole = timeline->now() - begin;  // of the longer plan
  Random random(seed_, "kill");
  for (std::uint64_t i = 0; i < kills_ && !HasFailure(); ++i) {
    const bool longer = i % 5 == 4;
    const double at = random.uniform() * static_cast<double>(whole.count()) * (longer ? 1.1 : 0.8);
    Program program(arguments(i), folder());
    timeline->run(until(*timeline, timeline->now() + Nanoseconds{static_cast<std::int64_t>(at)}));
    program.signal(SIGKILL);
    program.wait_for_exit(30'000);
    heard(program.out());
    look_at_the_newest("seed " + std::to_string(seed_) + ", kill " + std::to_string(i) + ": ");
  }
  EXPECT_GT(interrupted_, kills_ / 10) << "the instants must lie within the runs";
  look_at_all();
}

TEST_F(KillCampaign, LeavesEveryRunWholeOrInterruptedAtAnyWrite) {
  std::uint64_t calls = 0;
  ASSERT_EQ(run_program(arguments(0), folder()).exit_code, 0);  // the next does not make the store
  {
    const Shim shim("", folder() + "/counts");
    ASSERT_EQ(run_program(arguments(0), folder()).exit_code, 0);
    std::ifstream(folder() + "/counts") >> calls;
  }
  ASSERT_GT(calls, 30U);
  Random random(seed_, "kill at a call");
  std::uint64_t killed = 0;
  for (std::uint64_t i = 0; i < kills_ && !HasFailure(); ++i) {
    // The last calls are those of the closing.
    const double share = i % 3 == 0 ? random.uniform(0.9, 1.02) : random.uniform();
    const auto call = 1 + static_cast<std::uint64_t>(share * static_cast<double>(calls));
    const Shim shim("kill:" + std::to_string(call));
    const Finished f = run_program(arguments(0), folder());
    killed += f.exit_code == 128 + SIGKILL ? 1 : 0;
    heard(f.out);
    look_at_the_newest("seed " + std::to_string(seed_) + ", call " + std::to_string(call) + ": ");
  }
  EXPECT_GT(killed, kills_ * 3 / 5);
  look_at_all();
}

}  // namespace
}  // namespace penrig::test
