#pragma once

#include <cstddef>
#include <string>

namespace penrig {

inline constexpr std::size_t kLongestSerialNumber = 64;

/// Why a product's serial numbers cannot be told by this pattern (Product::serial_pattern), and what to do; empty: they
/// can. It is a regular expression of ECMAScript that is matched without going back, so that no serial number takes
/// more than its length times the pattern's: no back-reference, and look aheads (`(?=`, `(?!`) only at its beginning,
/// one behind the other and none in another.
std::string why_no_serial_pattern(const std::string& pattern);

/// Why a serial number is none of a product's: its length, or what they look like. Empty: it is one.
std::string why_no_serial_number(const std::string& serial_number, const std::string& pattern);

/// Whether a serial number is one of a product's: the whole of it, 64 bytes at most. One that is too much work for its
/// pattern is none.
bool fits_serial_pattern(const std::string& serial_number, const std::string& pattern);

}  // namespace penrig
