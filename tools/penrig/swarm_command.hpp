#pragma once

#include <functional>
#include <string>

#include "tools/penrig/exit_code.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace penrig::cli {

/// `penrig swarm`.
struct SwarmOptions {
  std::string plan_path;
  std::string seeds = "1..100";
  unsigned jobs = 0;            ///< 0: one a core
  std::string faults = "none";  ///< a mix, or a script's file
  std::string defects = "all";  ///< a mix
  std::string plant_path;       ///< empty: the shipped plant
  std::string records;          ///< where the stores stay; empty: they are removed
  std::string waveforms;        ///< "memory" or "files"; empty: memory where no store stays
  std::string html;             ///< empty: none
  unsigned group = 20;          ///< runs a store
  bool shrink = false, json = false;
};

void add_swarm(CLI::App& app, SwarmOptions& options, const CLI::Validator& not_empty,
               std::function<ExitCode()>& chosen);

/// @return 0 no invariant broke; 1 one did; 2 stopped by a signal before all seeds had run; 3 the machine, or no seed
/// came to a decision, a good pen's neither: nothing was tested; 4 a mistake, or a plan that cannot be run here.
ExitCode swarm_command(const SwarmOptions& options);

}  // namespace penrig::cli
