#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace penrig::cli {

/// Compares with the file of that path under tests/. UPDATE_GOLDEN=1 rewrites it: a person reads the difference.
inline void expect_golden_file(const std::string& path_in_tests, const std::string& text) {
  const std::string path = std::string(PENRIG_SOURCE_DIR) + "/tests/" + path_in_tests;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path << " is missing; UPDATE_GOLDEN=1 writes it";
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str());
}

inline void expect_golden(const std::string& name, const std::string& text) {
  expect_golden_file("tools/golden/" + name, text);
}

}  // namespace penrig::cli
