#include "rig/spec/serial_number.hpp"

#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

/// No serial number needs more; the library bounds what repetitions make of it (error_space).
constexpr std::size_t kLongestPattern = 200;

/// Takes all ways through the pattern at once: going back and trying another doubles the time with every character.
std::regex compiled(const std::string& pattern) {
  return std::regex(pattern, std::regex::ECMAScript | std::regex::nosubs | std::regex_constants::__polynomial);
}

/// Each look ahead reads the rest anew, at every place where the pattern may have got to.
bool looks_ahead_inside(const std::string& pattern) {
  const std::size_t inside = pattern.starts_with('^') ? 2 : 1;
  return std::min(pattern.find("(?=", inside), pattern.find("(?!", inside)) != std::string::npos;
}

}  // namespace

std::string why_no_serial_pattern(const std::string& pattern) {
  if (pattern.size() > kLongestPattern)
    return fmt::format("the pattern has {} bytes (at most {})", pattern.size(), kLongestPattern);
  if (looks_ahead_inside(pattern)) {
    return fmt::format(
        "'{}' looks ahead behind its beginning, which may take for ever (write (?= or (?! first, or "
        "leave it out)",
        shown(pattern));
  }
  try {
    (void)compiled(pattern);
  } catch (const std::regex_error& e) {
    if (e.code() == std::regex_constants::error_complexity)
      return fmt::format("'{}' refers back to a group, which may take for ever (write out what it repeats)",
                         shown(pattern));
    return fmt::format("'{}' is no regular expression: {}", shown(pattern), shown(e.what()));
  }
  return {};
}

std::string why_no_serial_number(const std::string& serial_number, const std::string& pattern) {
  if (serial_number.size() > kLongestSerialNumber)
    return fmt::format("it has {} bytes, and they have {} at most", serial_number.size(), kLongestSerialNumber);
  return fits_serial_pattern(serial_number, pattern) ? "" : "they look like " + pattern;
}

bool fits_serial_pattern(const std::string& serial_number, const std::string& pattern) {
  if (serial_number.size() > kLongestSerialNumber || looks_ahead_inside(pattern)) return false;
  try {
    return std::regex_match(serial_number, compiled(pattern));
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace penrig
