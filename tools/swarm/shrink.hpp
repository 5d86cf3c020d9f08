#pragma once

#include <cstdint>
#include <filesystem>

#include "tools/swarm/seed_run.hpp"

namespace penrig::swarm {

/// The smallest part of a seed's fault script that still breaks one of the invariants that the whole broke: faults are
/// taken out one by one, then durations are halved, for as long as it goes. Deterministic; each try is one run.
struct Shrunk {
  faults::FaultScript script;
  std::string invariant;  ///< that still breaks; empty: the seed broke nothing
  std::string what;
  unsigned tries = 0;
};
/// @param folder  for the stores of the tries; emptied after each.
/// @param waveforms_in_memory  as where the seed broke it.
Shrunk shrink(const SwarmJob& job, std::uint64_t seed, const std::filesystem::path& folder, bool waveforms_in_memory);

}  // namespace penrig::swarm
