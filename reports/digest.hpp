#pragma once

#include <string>
#include <string_view>

namespace penrig {

/// SHA-256 and SHA-512 of the bytes: 32 and 64 bytes.
std::string sha256(std::string_view bytes);
std::string sha512(std::string_view bytes);

/// SHA-256 of the bytes as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace penrig
