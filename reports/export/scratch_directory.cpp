#include "reports/export/scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "rig/base/result.hpp"

namespace penrig {

ScratchDirectory::ScratchDirectory() {
  std::error_code error;
  std::string name = (std::filesystem::temp_directory_path(error) / "penrig-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    const std::error_code why = error ? error : std::error_code(errno, std::generic_category());
    throw ErrorException(fail(
        why == std::errc::no_space_on_device ? Errc::no_space : Errc::io,
        fmt::format("{}: no folder for temporary files can be made: {} (set TMPDIR to another)", name, why.message())));
  }
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace penrig
