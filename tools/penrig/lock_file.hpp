#pragma once

#include <string>

#include "rig/base/file_descriptor.hpp"
#include "rig/base/result.hpp"

namespace penrig::cli {

/// Holds a lock file for as long as the descriptor is open; the holder's pid stands in it. The kernel lets go when the
/// process ends, however it ends; the file stays.
/// Errc::locked says what is held, by which process and what to do; Errc::io: no lock can be taken there.
Result<FileDescriptor> take_lock_file(const std::string& path, const std::string& what);

}  // namespace penrig::cli
