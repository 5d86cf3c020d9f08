#pragma once

namespace penrig {

/// What a correction's note says where somebody switched it off (`--without`): nothing of that run is a PASS, and
/// studies leave it out.
inline constexpr const char* kSwitchedOff = "switched off by --without";

}  // namespace penrig
