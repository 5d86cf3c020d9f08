#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace penrig {

/// PENRIG_TEST_SEED, or always the same one; said, so that a failure can be had again.
inline std::uint64_t test_seed() {
  const char* given = std::getenv("PENRIG_TEST_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20260101;
  std::cout << "PENRIG_TEST_SEED=" << seed << "\n";
  return seed;
}

}  // namespace penrig
