#pragma once

#include <optional>
#include <string>

namespace penrig {

/// Who holds a terminal, for a message: "penrig (pid 4711)", as far as /proc lets it be seen. First the holder of the
/// file lock on it, else another process that has it open.
/// @param device  canonical path.
std::optional<std::string> holder_of_port(const std::string& device);
/// Only the holder of the file lock: a pseudo-terminal is also held open by the simulator behind it.
std::optional<std::string> locker_of_port(const std::string& device);

}  // namespace penrig
