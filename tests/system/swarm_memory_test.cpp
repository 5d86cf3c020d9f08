#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/record_json.hpp"
#include "reports/waveforms/held_waveforms.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/system/example_bench.hpp"
#include "tests/system/program.hpp"
#include "tests/system/swarm_job.hpp"
#include "tests/tools/json_lines.hpp"

// What a swarm's runs write of waveforms lies in memory where nothing is kept. Nothing but the place is another one.
namespace penrig::test {
namespace {

using swarm::SeedResult;
using swarm::SwarmJob;

/// All that came of a few seeds, in words.
struct Came {
  std::vector<std::string> seeds, records;
  std::set<std::string> hashes, faults;
  std::uint64_t bytes = 0;  ///< of waveforms
};

Came run_all(const SwarmJob& job, std::size_t count, bool waveforms_in_memory) {
  Came all;
  const auto look = [&](RecordStore& store) {
    EXPECT_EQ(std::filesystem::exists(waveform_folder(store.folder())), !waveforms_in_memory);
    for (const std::string& id : store.run_ids().value()) {
      const RunRecord record = store.load_run(id).value();
      all.records.push_back(record_json_text(record));
      for (const PhaseRecord& phase : record.phases) {
        for (const WaveformRecord& w : phase.waveforms) {
          if (all.hashes.insert(w.sha256).second) all.bytes += w.bytes;
        }
      }
    }
    if (const HeldWaveforms* const held = store.held_waveforms()) {
      EXPECT_GE(held->bytes(), all.bytes);
    }
  };
  const ScratchDirectory folder;
  for (const SeedResult& seed : swarm::run_group(job, seeds_from(1, count), folder.path() / "store",
                                                 {.waveforms_in_memory = waveforms_in_memory, .made = look})) {
    all.seeds.push_back(to_json(seed).dump());
    all.faults.insert(seed.fault_kinds.begin(), seed.fault_kinds.end());
    EXPECT_TRUE(seed.broken.empty()) << all.seeds.back();
  }
  return all;
}

/// In memory; the same with files.
Came expect_the_same(const SwarmJob& job, std::size_t count) {
  const Came memory = run_all(job, count, true), files = run_all(job, count, false);
  EXPECT_EQ(memory.seeds, files.seeds);
  EXPECT_EQ(memory.records, files.records);  // and so every number, hash and word in them
  EXPECT_FALSE(memory.hashes.empty());
  return memory;
}

TEST(SwarmInMemory, GivesEverySeedTheRecordAndTheVerdictThatItHasWithFiles) {
  expect_the_same(swarm_job("all", "all"), 20);
  EXPECT_GT(expect_the_same(swarm_job("none"), 5).bytes, 5U * 20'000);
}

// They stand between run and store, wherever the store has its waveforms.
TEST(SwarmInMemory, IsBrokenByFaultsOfTheDiskAsFilesAre) {
  const Came came = expect_the_same(swarm_job("none", "disk-full,sync-fails,slow-disk,no-descriptors"), 20);
  EXPECT_EQ(came.faults, (std::set<std::string>{"disk-full", "no-descriptors", "slow-disk", "sync-fails"}));
}

TEST(SwarmInMemory, IsNothingThatCouldBeKept) {
  const ScratchDirectory folder;
  const swarm::GroupOptions both{.kept = true, .waveforms_in_memory = true};
  EXPECT_THROW(swarm::run_group(swarm_job("none"), {1}, folder.path(), both), std::runtime_error);
}

/// Turns one bit of a waveform, wherever it lies.
void damage(RecordStore& store, const WaveformRecord& waveform) {
  if (const HeldWaveforms* const held = store.held_waveforms()) {
    auto* const bytes = const_cast<std::string*>(held->find(waveform.sha256, suffix_of(waveform.form)));
    (*bytes)[bytes->size() / 2] ^= 1;
    return;
  }
  const std::filesystem::path file = store.folder() / waveform_path(waveform);
  std::string bytes = penrig::testing::bytes_in(file);
  bytes[bytes.size() / 2] ^= 1;
  penrig::testing::write_bytes(file, bytes);
}

TEST(BrokenSwarm, OneBitOfAWaveformThatIsNotAsItWasIsSeenWhereverItLies) {
  for (const bool in_memory : {true, false}) {
    // Of each phase that has one, that of a tare and that of a setting among them.
    std::size_t phases = 1;
    for (std::size_t nth = 0; nth < phases; ++nth) {
      const auto damage_nth = [&](RecordStore& store) {
        std::vector<WaveformRecord> one_a_phase;
        for (const PhaseRecord& phase : store.load_run("R-000002").value().phases) {
          if (!phase.waveforms.empty()) one_a_phase.push_back(phase.waveforms.back());
        }
        phases = one_a_phase.size();
        damage(store, one_a_phase.at(nth));
      };
      const ScratchDirectory folder;
      const auto seeds = swarm::run_group(swarm_job("none"), seeds_from(1, 3), folder.path(),
                                          {.waveforms_in_memory = in_memory, .made = damage_nth});
      std::map<std::uint64_t, std::set<std::string>> broken;
      for (const SeedResult& s : seeds) {
        for (const swarm::Broken& b : s.broken) broken[s.seed].insert(b.invariant);
      }
      // By verification and by derivation, each by itself, and of that seed alone.
      EXPECT_EQ(broken, (std::map<std::uint64_t, std::set<std::string>>{{2, {"recompute", "record"}}})) << nth;
    }
    EXPECT_GT(phases, 2U);
  }
}

/// The lines of `penrig swarm --json` on eight seeds, without what the clock says.
std::vector<std::string> lines_of(const std::vector<std::string>& more) {
  const ScratchDirectory folder;
  std::vector<std::string> words{"swarm", "--plan", kSource + "/rig/plans/swarm.yaml", "--seeds", "1..8", "--faults",
                                 "all",   "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Finished f = run_program(words, folder.path().string());
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  std::vector<std::string> lines;
  for (auto line : cli::json_lines(f.out)) {
    line.erase("took_s");
    lines.push_back(line.dump());
  }
  EXPECT_EQ(lines.size(), 9U);
  return lines;
}

TEST(SwarmCommand, SaysTheSameWhereverTheWaveformsLie) {
  const auto usual = lines_of({});
  EXPECT_EQ(lines_of({"--waveforms", "memory"}), usual);
  EXPECT_EQ(lines_of({"--waveforms", "files"}), usual);
  EXPECT_EQ(lines_of({"--records", "kept"}), usual);
  EXPECT_EQ(lines_of({"--records", "kept", "--waveforms", "files"}), usual);
}

TEST(SwarmCommand, KeepsWaveformsOnlyInFiles) {
  const ScratchDirectory folder;
  const std::vector<std::string> one{"swarm",   "--plan",    kSource + "/rig/plans/swarm.yaml",
                                     "--seeds", "1..1",      "--records",
                                     "kept",    "--defects", "none"};
  std::vector<std::string> in_memory = one;
  in_memory.insert(in_memory.end(), {"--waveforms", "memory"});
  const Finished refused = run_program(in_memory, folder.path().string());
  EXPECT_EQ(refused.exit_code, 4) << refused.out;
  EXPECT_NE(refused.err.find("--waveforms memory: what --records keeps"), std::string::npos) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "kept"));
  EXPECT_EQ(run_program(one, folder.path().string()).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(waveform_folder(folder.path() / "kept" / "seeds-1-1")));
}

}  // namespace
}  // namespace penrig::test
