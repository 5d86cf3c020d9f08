#pragma once

#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/system/virtual_run.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/swarm/seed_run.hpp"
#include "tools/swarm/summary.hpp"

namespace penrig::test {

/// The swarm plan, or another shipped one, on the shipped rig and plant.
inline swarm::SwarmJob swarm_job(const std::string& defects = "all", const std::string& faults = "none",
                                 const std::string& plan = "swarm.yaml") {
  cli::Inputs inputs = cli::load_inputs(std::string(PENRIG_SOURCE_DIR) + "/rig/plans/" + plan, "sim:seed=1");
  if (!inputs.ok()) throw std::runtime_error(cli::render_mistakes(inputs.mistakes, {}, "the test did not start"));
  swarm::SwarmJob job{.plan = inputs.plan,
                      .product = inputs.product,
                      .rig = inputs.rig,
                      .plant = inputs.plant,
                      .documents = inputs.documents,
                      .defects = swarm::parse_defect_mix(defects).value(),
                      .faults = penrig::faults::parse_fault_mix(faults).value()};
  return job;
}

inline std::vector<std::uint64_t> seeds_from(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> seeds(count);
  std::iota(seeds.begin(), seeds.end(), first);
  return seeds;
}

inline constexpr std::size_t kGroup = 20;

/// As `penrig swarm` has it where nothing is kept: what breaks has to be seen there.
inline const swarm::GroupOptions kNothingIsKept{.waveforms_in_memory = true};

/// Groups of 20 until one of them breaks the invariant, or `most` seeds have run.
/// @return the first seed that broke it; 0: none did.
inline std::uint64_t first_that_breaks(const swarm::SwarmJob& job, const std::string& invariant, std::size_t most,
                                       swarm::Summary& summary) {
  for (std::uint64_t first = 1; first <= most; first += kGroup) {
    const ScratchDirectory folder;
    std::uint64_t found = 0;
    for (const swarm::SeedResult& s : swarm::run_group(job, seeds_from(first, kGroup), folder.path(), kNothingIsKept)) {
      summary.add(s);
      for (const swarm::Broken& b : s.broken) {
        if (found == 0 && b.invariant == invariant) found = s.seed;
      }
    }
    if (found != 0) return found;
  }
  return 0;
}

}  // namespace penrig::test
