#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace penrig::cli {

/// Compares with the file of that path under tests/. UPDATE_GOLDEN=1 rewrites it: a person reads the difference. Of a
/// long text the first line that differs is shown.
inline void expect_golden_file(const std::string& path_in_tests, const std::string& text) {
  const std::string path = std::string(PENRIG_SOURCE_DIR) + "/tests/" + path_in_tests;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; UPDATE_GOLDEN=1 writes it";
  std::ostringstream read;
  read << file.rdbuf();
  const std::string golden = read.str();
  constexpr std::size_t kLong = 10'000;
  if (text.size() < kLong) {
    EXPECT_EQ(text, golden);
    return;
  }
  std::istringstream ours(text), theirs(golden);
  std::string a, b;
  for (int line = 1;; ++line) {
    const bool more_a = static_cast<bool>(std::getline(ours, a)), more_b = static_cast<bool>(std::getline(theirs, b));
    if (!more_a && !more_b) return;
    ASSERT_EQ(a, b) << path << ":" << line;
    ASSERT_EQ(more_a, more_b) << path << " has another number of lines";
  }
}
inline void expect_golden(const std::string& name, const std::string& text) {
  expect_golden_file("tools/golden/" + name, text);
}

}  // namespace penrig::cli
