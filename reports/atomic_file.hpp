#pragma once

#include <filesystem>
#include <string_view>

#include "rig/base/result.hpp"

namespace penrig {

/// Replaces the file whole or not at all: a temporary file beside it, fsync, rename, fsync of the folder. Whoever reads
/// sees the old bytes or the new ones. A link stays, and leads to the new bytes. Errc::no_space, ::io, or ::usage for
/// what is no file but a folder, a device or a pipe, and for a folder that is not there; the message names it.
Result<void> replace_file(const std::filesystem::path& file, std::string_view bytes);

/// fsync of a folder: a new name in it is durable only then. Errors as of records_error().
Result<void> sync_folder(const std::filesystem::path& folder);

/// What keeps a file or folder of records from being written: Errc::no_space (with what helps) or ::io.
/// @param doing  what "cannot" stands before: "be written".
Error records_error(const std::filesystem::path& what, const char* doing, int error_number);

}  // namespace penrig
