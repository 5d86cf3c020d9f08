#pragma once

#include <cstdio>
#include <string>

#include <sys/wait.h>

namespace penrig::testing {

/// What a command of a stock tool said on stdout and stderr, and how it ended.
struct Output {
  int status = -1;
  std::string text;
};

inline Output output_of(const std::string& command) {
  Output out;
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char part[4096];
  while (const std::size_t n = std::fread(part, 1, sizeof part, pipe)) out.text.append(part, n);
  const int ended = ::pclose(pipe);
  if (WIFEXITED(ended)) out.status = WEXITSTATUS(ended);
  return out;
}

}  // namespace penrig::testing
