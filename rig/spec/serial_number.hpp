#pragma once

#include <cstddef>
#include <string>

namespace penrig {

inline constexpr std::size_t kLongestSerialNumber = 64;

/// Whether a serial number is one of a product's (Product::serial_pattern): the whole of it, 64 bytes at most. One that
/// is too much work for its pattern is none.
bool fits_serial_pattern(const std::string& serial_number, const std::string& pattern);

}  // namespace penrig
