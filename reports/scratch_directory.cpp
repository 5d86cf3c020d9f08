#include "reports/scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "rig/base/result.hpp"

namespace penrig {

ScratchDirectory::ScratchDirectory(const std::filesystem::path& beneath) {
  std::error_code error;
  const auto folder = beneath.empty() ? std::filesystem::temp_directory_path(error) : beneath;
  std::string name = (folder / ("penrig-" + std::string(6, 'X'))).string();  // mkdtemp() fills in the end
  if (error || ::mkdtemp(name.data()) == nullptr) {
    const std::error_code why = error ? error : std::error_code(errno, std::generic_category());
    const char* const asked_for = std::getenv("TMPDIR");
    throw ErrorException(fail(why == std::errc::no_space_on_device ? Errc::no_space : Errc::io,
                              fmt::format("{}: no folder for temporary files can be made: {} (set TMPDIR to another)",
                                          error && asked_for != nullptr ? asked_for : name, why.message())));
  }
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path folder_in_memory() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::path();
}

}  // namespace penrig
