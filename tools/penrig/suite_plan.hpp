#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rig/spec/suite.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/suite_command.hpp"

namespace penrig::cli {

/// A suite that was read, and what of it is to be run.
struct LoadedSuite {
  std::string path, text, sha256;
  Suite suite;
  std::vector<SuiteItem> items;         ///< those that the filter takes, in the order of running, round by round
  std::vector<Mistake> mistakes;        ///< of the suite and the command line
  std::optional<std::uint64_t> family;  ///< one seed of pens and of draws for all simulated rigs; none: each rig's own
  bool ok() const { return mistakes.empty(); }
};
LoadedSuite load_suite_file(const SuiteOptions& options);

/// Whether the entry names a rig of its own, where --rig is given: that takes the place of the suite's alone, since
/// what an entry is there for may be its rig (a defect that its plan has to see).
bool keeps_own_rig(const SuiteEntry& entry, const SuiteOptions& options);

/// What a run of it is, before the suite says where its record lies.
RunOptions options_of(const LoadedSuite& loaded, const SuiteItem& item, const SuiteOptions& options);

/// `sim:seed=7` for the item: the pen that its serial number is, the bench that the seed is, and `draw` added to the
/// seed (or to `family`) for what varies from run to run.
/// Slot n stands on the bench of the seed + n - 1.
std::string simulated_rig_of(const std::string& uri, const std::string& pen, std::uint64_t draw,
                             std::optional<std::uint64_t> family = std::nullopt, const std::string& slot = "");

}  // namespace penrig::cli
