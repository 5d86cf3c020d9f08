#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace penrig {

/// Why what stands between two delimiters is no frame, in words: too long, broken stuffing, too short, wrong check.
/// Empty: it is one, and FrameDecoder takes it.
std::string frame_fault(std::span<const std::byte> between_delimiters);

}  // namespace penrig
