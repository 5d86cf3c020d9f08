#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fixtures/faults/draw_faults.hpp"
#include "reports/store/record_group.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/swarm/pen_draw.hpp"
#include "tools/swarm/truth.hpp"

namespace penrig::swarm {

/// Where a test breaks what it wants to see caught; nothing of it is ever set by the program.
struct Sabotage {
  std::function<void(Product&)> product{};     ///< as the run judges; the truth is held against the real one
  std::function<void(RigDescription&)> rig{};  ///< as the run measures
  std::function<std::unique_ptr<RecordSink>(RecordSink&)> store{};
  std::function<Awaitable<void>(Timeline&)> after_run{};  ///< before the run counts as ended
  std::function<void(sim::Plant&)> bench{};               ///< when the run has ended
  std::function<void(std::uint64_t seed)> process{};      ///< before a seed
};

/// What all seeds have in common.
struct SwarmJob {
  Plan plan;
  Product product;
  RigDescription rig;
  sim::PlantParameters plant;
  std::vector<SourceDocument> documents;
  DefectMix defects;
  faults::FaultMix faults;
  std::optional<faults::FaultScript> script{};  ///< for every seed, in place of drawn ones

  Sabotage sabotage{};
};

/// An invariant that a seed broke. Its name is part of the interface (--json).
struct Broken {
  std::string invariant;  ///< "false-pass", "unsafe-end", "record", "recompute", "no-cause", "hang", "leak", "crash"
  std::string what;       ///< in words
};

/// One seed: what was drawn, what came out, and what of it is wrong.
struct SeedResult {
  std::uint64_t seed = 0;
  std::string defect, unit;  ///< "none" without one
  double size = 0;
  double size_from = 0, size_to = 0;     ///< of which sizes this one was drawn
  std::vector<std::string> faults;       ///< those that were injected, in words
  std::vector<std::string> fault_kinds;  ///< of these, in the same order
  std::size_t faults_drawn = 0;
  std::string run_id;
  Verdict verdict = Verdict::error;
  std::string reason;
  double rig_s = 0;         ///< on the rig
  std::string outside;      ///< why it may not be passed, in words; empty: nothing says so
  bool all_inside = false;  ///< every decision was made, and every truth lies inside by U + 4 u
  // Decisions by where their truth lies.
  std::uint64_t near_outside = 0, near_passed = 0, inside = 0;
  double near_risk = 0;              ///< sum over near_outside of the risk that their decisions state
  std::vector<std::string> refused;  ///< of `inside`: those that were FAIL or INDETERMINATE, in words
  std::uint64_t outside_decisions = 0, unknown = 0;
  std::vector<Broken> broken;
};

/// The fault script that a seed has under this job.
faults::FaultScript script_of(const SwarmJob& job, std::uint64_t seed);

/// How the records of a few seeds are kept.
struct GroupOptions {
  std::function<void(std::uint64_t seed)> began{};       ///< before each seed's run, and before its record is held
  bool kept = false;                                     ///< the folder stays when the seeds are done with
  bool waveforms_in_memory = false;                      ///< and in no file; of a folder that does not stay
  std::size_t durable_together = RecordGroup::kRunsMax;  ///< runs to a group; 1: each by itself, before the next
  std::function<void(RecordStore&)> made{};              ///< when all runs are durable, before any is verified
};

/// Runs the seeds by the production path in virtual time, into one record store that is made in `folder` and is there
/// afterwards, durable group by group (reports/store/record_group.hpp); then verifies the store, and holds every record
/// that is read for that against the truth, and derives it again. Waveforms in memory are read, hashed and derived from
/// there, as they are from their files. Throws what keeps any of it from disk.
std::vector<SeedResult> run_group(const SwarmJob& job, const std::vector<std::uint64_t>& seeds,
                                  const std::filesystem::path& folder, const GroupOptions& options = {});

}  // namespace penrig::swarm
