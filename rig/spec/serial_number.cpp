#include "rig/spec/serial_number.hpp"

#include <regex>

namespace penrig {

bool fits_serial_pattern(const std::string& serial_number, const std::string& pattern) {
  if (serial_number.size() > kLongestSerialNumber) return false;
  try {
    return std::regex_match(serial_number, std::regex(pattern, std::regex::ECMAScript));
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace penrig
