#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tools/penrig/commands.hpp"

namespace penrig::cli {

/// How a command of this process's own ended, and what it said.
struct Said {
  int code;
  std::string out, err;

  std::string both() const { return out + err; }
};

/// Runs it in this process: `words` are what stands behind `penrig`.
inline Said run_line(const std::vector<std::string>& words) {
  std::vector<const char*> arguments{"penrig"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = command_line(static_cast<int>(arguments.size()), arguments.data());
  Said said{code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
  return said;
}

}  // namespace penrig::cli
