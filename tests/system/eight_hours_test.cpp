#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include "fixtures/faults/draw_faults.hpp"
#include "fixtures/faults/faulty_bench.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "tests/system/swarm_job.hpp"

// Four slots of one process, whose pens come and go, with faults and without: what the process holds must not grow.
// PENRIG_RIG_HOURS=8 for the whole shift (tools/campaign hours); each commit: six minutes of rig time.

namespace penrig::test {
namespace {

constexpr int kSlots = 4;
constexpr std::uint64_t kFlatBytes = 1 << 20;
constexpr std::size_t kSpellsToSettle = 2;  ///< caches fill
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kKeepsFreed = true;  ///< a sanitizer keeps what was freed
#else
constexpr bool kKeepsFreed = false;
#endif

/// The slots close down after each spell, a store of its own, and the process is looked at.
struct Shift {
  Nanoseconds whole = std::chrono::minutes{6}, spell = std::chrono::minutes{1};
  bool told = false;
};

Shift shift_wanted() {
  const char* const hours = std::getenv("PENRIG_RIG_HOURS");
  if (hours == nullptr) return {};
  return {seconds_to_ns(std::max(std::atof(hours), 0.5) * 3600), std::chrono::minutes{5}, true};
}

struct Held {
  std::uint64_t allocated_bytes = 0, resident_bytes = 0;
  std::int64_t descriptors = 0;
};

/// What the process holds by now. resident: with what the allocator keeps for later given back.
Held held_now() {
  Held held;
  malloc_trim(0);
  const struct mallinfo2 heap = mallinfo2();
  held.allocated_bytes = heap.uordblks + heap.hblkhd;
  std::uint64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  held.resident_bytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  namespace fs = std::filesystem;
  held.descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  return held;
}

struct Spell {
  Timeline& timeline;
  const swarm::SwarmJob& job;
  RecordStore& store;
  TimePoint ends;
  std::uint64_t& next_seed;
  std::uint64_t runs = 0, passed = 0, errors = 0;
  int busy = 0;
};

RunHeader header_of(const swarm::SwarmJob& job, const sim::PlantParameters& plant, int slot) {
  RunHeader header;
  header.serial_number = plant.electronics.serial_number;
  header.slot = fmt::format("slot {}", slot + 1);
  header.plan_name = job.plan.name;
  header.product_name = job.product.name;
  header.rig_name = job.rig.name;
  header.documents = job.documents;
  header.simulated = true;
  return header;
}

/// Every other pen meets faults.
Awaitable<void> run_one_pen(Spell& spell, int slot, std::uint64_t seed) {
  const swarm::SwarmJob& job = spell.job;
  const swarm::DrawnPen pen = swarm::draw_pen(seed, job.defects, job.plant);
  const faults::FaultScript script = seed % 2 == 0 ? swarm::script_of(job, seed) : faults::FaultScript{};
  RigDescription rig = job.rig;
  rig.simulant.sheet = fmt::format("{}", seed);  // a new one for each pen
  faults::FaultyBench bench(spell.timeline, pen.plant, seed, script);
  StopRequest stop(spell.timeline);
  RunObserver nobody;
  RunJob run{spell.timeline,
             job.plan,
             job.product,
             rig,
             bench.connect(),
             header_of(job, pen.plant, slot),
             bench.between(spell.store),
             bench.watched_by(nobody),
             stop};
  const RunResult result = co_await run_plan(std::move(run));
  EXPECT_TRUE(result.record_durable) << "seed " << seed << ": " << result.record_error;
  ++spell.runs;
  spell.passed += result.outcome.verdict == Verdict::pass ? 1U : 0U;
  spell.errors += result.outcome.verdict >= Verdict::aborted ? 1U : 0U;
  co_await bench.shut_down();
}

Awaitable<void> work_slot(Spell& spell, int slot) {
  while (spell.timeline.now() < spell.ends) {
    const std::uint64_t seed = spell.next_seed++;
    co_await run_one_pen(spell, slot, seed);
    co_await spell.timeline.sleep_for(std::chrono::milliseconds{500 + 700 * slot});  // another pen is put in
  }
  --spell.busy;
}

Awaitable<int> work_all(Spell& spell) {
  for (int slot = 0; slot < kSlots; ++slot) {
    ++spell.busy;
    spell.timeline.spawn(work_slot(spell, slot));
  }
  while (spell.busy > 0) co_await spell.timeline.sleep_for(std::chrono::milliseconds{100});
  co_return 0;
}

TEST(EightHours, LeaveNothingBehind) {
  const Shift shift = shift_wanted();
  swarm::SwarmJob job = swarm_job("all", "links,devices,plant", "swarm-sweep.yaml");
  const auto timeline = make_virtual_timeline();
  const TimePoint end = timeline->now() + shift.whole;
  std::uint64_t next_seed = 1, runs = 0, passed = 0, errors = 0;
  std::vector<Held> looks;
  while (timeline->now() < end) {
    {
      const ScratchDirectory folder(folder_in_memory());
      auto store = RecordStore::open(folder.path());
      ASSERT_TRUE(store) << store.error().message;
      Spell spell{*timeline, job, **store, timeline->now() + shift.spell, next_seed};
      timeline->run(work_all(spell));
      runs += spell.runs;
      passed += spell.passed;
      errors += spell.errors;
    }
    looks.push_back(held_now());
    const Held& now = looks.back();
    if (!shift.told) continue;
    fmt::print("{:6.2f} h, {} runs: {:.2f} MiB allocated, {:.2f} MiB resident, {} descriptors\n",
               timeline->now().seconds() / 3600, runs, static_cast<double>(now.allocated_bytes) / kFlatBytes,
               static_cast<double>(now.resident_bytes) / kFlatBytes, now.descriptors);
    std::fflush(stdout);
  }
  // It was a day with good pens, bad ones and broken rigs.
  EXPECT_GT(passed, runs / 20);
  EXPECT_GT(errors, runs / 20);
  EXPECT_GT(runs, passed + errors);
  ASSERT_GT(looks.size(), kSpellsToSettle + 2);
  const Held& settled = looks[kSpellsToSettle];
  for (std::size_t i = kSpellsToSettle; i < looks.size(); ++i) {
    EXPECT_LE(looks[i].allocated_bytes, settled.allocated_bytes + kFlatBytes) << "spell " << i;
    EXPECT_EQ(looks[i].descriptors, settled.descriptors) << "spell " << i;
    if (kKeepsFreed) continue;
    EXPECT_LE(looks[i].resident_bytes, settled.resident_bytes + kFlatBytes) << "spell " << i;
  }
}

}  // namespace
}  // namespace penrig::test
