#pragma once

#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>

#include "tests/house/source_tree.hpp"

namespace penrig::house {

/// The room of a path: "rig_base" for rig/base, else its first folder.
inline std::string room_of(const std::string& path) {
  if (path.rfind("rig/base/", 0) == 0) return "rig_base";
  return path.substr(0, path.find('/'));
}

/// What a room may include of ours; the order of the house.
inline const std::map<std::string, std::set<std::string>>& may_include() {
  static const std::map<std::string, std::set<std::string>> table{
      {"rig_base", {"rig_base"}},
      {"rig", {"rig_base", "rig"}},
      {"protocols", {"rig_base", "protocols"}},
      {"fixtures", {"rig_base", "rig", "protocols", "fixtures"}},
      {"reports", {"rig_base", "rig", "reports"}},
      {"tools", {"rig_base", "rig", "protocols", "fixtures", "reports", "tools"}},
      {"tests", {"rig_base", "rig", "protocols", "fixtures", "reports", "tools", "tests"}},
  };
  return table;
}

/// Why this line breaks the direction of the rooms, if it does.
inline std::optional<std::string> against_direction(const SourceLine& line) {
  static const std::regex include(R"re(^\s*#\s*include\s*"([^"]+)")re");
  std::smatch match;
  if (!std::regex_search(line.text, match, include)) return std::nullopt;
  const std::string target = match[1];
  if (target.find('/') == std::string::npos) return std::nullopt;  // generated beside it
  const std::string from = room_of(line.file), to = room_of(target);
  if (!may_include().contains(to)) return std::nullopt;
  if (may_include().at(from).contains(to)) return std::nullopt;
  return from + " must not include " + to;
}

/// Why this line waits or tells the time beside the timeline, if it does.
inline std::optional<std::string> banned_clock(const SourceLine& line) {
  static const std::regex banned(
      R"re((steady_clock|system_clock|high_resolution_clock)\s*::\s*now|this_thread\s*::\s*sleep|\b(u|nano)?sleep\s*\(|random_device|\b(steady_timer|system_timer|high_resolution_timer|deadline_timer)\b|\bgettimeofday\s*\(|\bclock_gettime\s*\(|std::time\s*\(|\bmt19937|std::(normal|uniform_real|uniform_int)_distribution)re");
  if (line.file == "rig/base/timeline.cpp" || line.file.rfind("tests/house/", 0) == 0) return std::nullopt;
  std::string code = line.text.substr(0, line.text.find("//"));
  std::smatch match;
  if (!std::regex_search(code, match, banned)) return std::nullopt;
  return "'" + match.str() + "' is banned outside rig/base/timeline.cpp";
}

/// Why this line reaches for the simulator's truth, if it does: outside the tests and the swarm, which holds verdicts
/// against it. Of the latter only what checks may know it, and nothing that a run is made of.
inline std::optional<std::string> truth_outside_tests(const SourceLine& line) {
  static const std::string kProbe = "fixtures/sim/plant_truth_probe.hpp";
  const bool may_know = room_of(line.file) == "tests" || line.file.starts_with("tools/swarm/") || line.file == kProbe;
  if (may_know || line.text.find("PlantTruthProbe") == std::string::npos) return std::nullopt;
  static const std::regex friend_declaration(R"re(^\s*(friend\s+)?struct\s+([a-z]+::)*PlantTruthProbe;)re");
  if (std::regex_search(line.text, friend_declaration)) return std::nullopt;
  return "the simulator's truth reaches tests and tools/swarm only";
}

}  // namespace penrig::house
