#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "reports/scratch_directory.hpp"

namespace penrig::testing {

inline std::string bytes_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace penrig::testing
