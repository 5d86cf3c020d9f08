#pragma once

#include <filesystem>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig {

/// Replaces the file whole or not at all: a temporary file beside it, fsync, rename, fsync of the folder. Whoever reads
/// sees the old bytes or the new ones. A link stays, and leads to the new bytes. Errc::no_space, ::io, or ::usage for
/// what is no file but a folder, a device or a pipe, and for a folder that is not there; the message names it.
Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

/// fsync of a folder: a new name in it is durable only then. Errc::no_space or ::io; the message names the folder.
Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace penrig
