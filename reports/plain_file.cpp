#include "reports/plain_file.hpp"

#include <system_error>

namespace penrig {

std::string why_no_file(const std::filesystem::path& path) {
  std::error_code nobody_knows;
  const std::filesystem::file_status there = std::filesystem::status(path, nobody_knows);
  const bool is_other = std::filesystem::exists(there) && !std::filesystem::is_regular_file(there);
  return is_other ? "it is no file but a directory, a pipe or a device" : "";
}

}  // namespace penrig
