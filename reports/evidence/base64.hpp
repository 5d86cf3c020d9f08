#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penrig {

/// RFC 4648 base64 with padding, in one line.
std::string base64_of(std::string_view bytes);
/// The bytes; nothing if `text` is not exactly what base64_of() would write for them (no line breaks, no other form).
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace penrig
