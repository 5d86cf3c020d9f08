#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "tools/penrig/commands.hpp"

namespace penrig::cli {

/// What became of a run, for who starts several.
struct RunTold {
  ExitCode exit = ExitCode::error;
  std::string run_id;  ///< empty: no record was opened
  Verdict verdict = Verdict::error;
  std::string reason;               ///< of any verdict but PASS; why nothing was begun
  std::vector<std::string> failed;  ///< requirements that did not pass, each once
  bool stopped = false;             ///< by whoever runs it: nothing more is wanted
};
/// `penrig run` without a word of it, of one run or of several at the same time, in slots of one rig that differ. A
/// refusal is in what is returned, and keeps none of the others from running.
/// @param progress  told while they go on: of which, and how far.
std::vector<RunTold> run_quietly(const std::vector<RunOptions>& each,
                                 const std::function<void(std::size_t i, const Progress& progress)>& progress);

}  // namespace penrig::cli
