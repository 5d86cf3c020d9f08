#pragma once

#include <cstdio>
#include <cstdlib>

namespace penrig::fuzz {

/// What must hold for every input.
inline void demand(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: this does not hold: %s\n", what);
  std::abort();
}

}  // namespace penrig::fuzz
