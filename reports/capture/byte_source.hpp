#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "rig/base/result.hpp"

namespace penrig {

/// Writes the next bytes, at most `most`, and says how many; 0 is the end. Errors: Errc::io.
using ByteSource = std::function<Result<std::size_t>(char* into, std::size_t most)>;

/// Reads a file, a pipe or a device. Keeps it open as long as the source lives.
/// Errc::usage: no such file, a directory, not readable; the message names no path.
Result<ByteSource> open_bytes(const std::string& path);

/// Reads from text in memory, which must outlive the source.
ByteSource bytes_of(std::string_view text);

}  // namespace penrig
