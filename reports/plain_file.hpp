#pragma once

#include <filesystem>
#include <string>

namespace penrig {

/// "it is no file but a directory, a pipe or a device", of what would be waited for or never end where it is read.
/// Empty: it is a file, or a link to one; or it is not there or cannot be looked at, which opening it says.
std::string why_no_file(const std::filesystem::path& path);

}  // namespace penrig
