#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace penrig::house {

struct SourceLine {
  std::string file;  ///< relative to the root, "rig/base/units.hpp"
  int number;
  std::string text;
};

/// Every line of every C++ file of the rooms.
inline std::vector<SourceLine> source_lines() {
  namespace fs = std::filesystem;
  const fs::path root = PENRIG_SOURCE_DIR;
  std::vector<SourceLine> lines;
  for (const char* room : {"rig", "protocols", "fixtures", "reports", "tools", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".hpp") continue;
      std::ifstream in(entry.path());
      std::string text;
      for (int number = 1; std::getline(in, text); ++number) {
        lines.push_back({fs::relative(entry.path(), root).generic_string(), number, text});
      }
    }
  }
  return lines;
}

}  // namespace penrig::house
