#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fixtures/faults/faulty_bench.hpp"
#include "rig/record/run_record.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig::test {

/// A run of the swarm plan on a simulated bench under a fault script.
struct FaultyRun {
  faults::FaultScript script;
  std::string uri = "sim:seed=1";  ///< seed, defects, latency
  std::uint32_t link_retries = 0;
  std::string plan = "rig/plans/swarm-sweep.yaml";
  std::function<void(Plan&)> change_plan{};
};

struct FaultyResult {
  RunResult result;
  RunRecord record;  ///< as read back from the store; empty if no run was opened
  std::vector<faults::Injected> injected;
  double ended_s = 0;        ///< virtual time when all was over
  bool safe_at_end = false;  ///< of the plant, as the run said that it was over: needles and stage stand, withdrawn
  bool safe_later = false;   ///< the same a second later, when every dead-man has acted
  bool hung = false;         ///< it was not over after kHangsAfterS
  std::string thrown;        ///< what run_plan threw, which it must not
  std::string recompute_differs;  ///< in words; empty: all the same
};

inline constexpr double kHangsAfterS = 120;

/// The production path in virtual time: protocol, sequencer, store; then the record again from its waveforms.
FaultyResult run_under(const FaultyRun& what);

}  // namespace penrig::test
