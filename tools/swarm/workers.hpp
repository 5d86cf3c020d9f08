#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "tools/swarm/seed_run.hpp"

namespace penrig::swarm {

struct WorkerOptions {
  std::uint64_t first = 1, last = 1;  ///< seeds, both included
  unsigned jobs = 1;                  ///< processes, one core each
  std::size_t group = 20;             ///< seeds that share one store
  std::filesystem::path folder;       ///< where the stores are made
  bool keep = false;                  ///< the stores stay: folder/seeds-1-20
  bool waveforms_in_memory = false;   ///< of stores that do not stay
  unsigned hang_s = 60;               ///< of real time in which a worker has to come to its next seed
};

/// Runs all seeds on worker processes. One that crashes or hangs costs the seed that it was at, which is told as
/// broken; the others of its group are run again. Call it before the process has threads.
/// @param told     each seed once, in their order.
/// @param stopped  asked between groups and at least once a second; once true, no more groups begin.
/// Errc::io: no process can be started, or the folder cannot be written.
Result<void> run_on_workers(const SwarmJob& job, const WorkerOptions& options,
                            const std::function<void(const SeedResult&)>& told, const std::function<bool()>& stopped);

}  // namespace penrig::swarm
