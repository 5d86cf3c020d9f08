#include "rig/spec/serial_number.hpp"

#include <cstddef>
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

// How the library reads a pattern: what stands behind a backslash or in a class is no parenthesis.

std::size_t behind_escape(const std::string& pattern, std::size_t at) {
  return at + (pattern.compare(at, 2, "\\c") == 0 ? 3 : 2);
}

/// `[A-Z\]]`, `[[:alpha:](]`: a name in it ends by itself.
std::size_t behind_class(const std::string& pattern, std::size_t at) {
  for (++at; at < pattern.size() && pattern[at] != ']';) {
    const char next = at + 1 < pattern.size() ? pattern[at + 1] : ']';
    if (pattern[at] == '\\') {
      at = behind_escape(pattern, at);
    } else if (pattern[at] == '[' && (next == '.' || next == ':' || next == '=')) {
      const std::size_t end = pattern.find(next, at + 2);
      at = end == std::string::npos ? pattern.size() : end + 2;
    } else {
      ++at;
    }
  }
  return at + 1;
}

std::size_t behind_one(const std::string& pattern, std::size_t at) {
  if (pattern[at] == '\\') return behind_escape(pattern, at);
  return pattern[at] == '[' ? behind_class(pattern, at) : at + 1;
}

/// Each look ahead reads the rest anew, at every place where the pattern may have got to. Those with which it begins
/// are at one place: each reads the serial number once more, and no more than once if there is none in it.
bool looks_ahead_inside(const std::string& pattern) {
  bool at_beginning = true;
  std::size_t open = 0;  // parentheses of the look ahead that we are in
  for (std::size_t at = pattern.starts_with('^') ? 1 : 0; at < pattern.size(); at = behind_one(pattern, at)) {
    const bool looks_ahead = pattern.compare(at, 3, "(?=") == 0 || pattern.compare(at, 3, "(?!") == 0;
    if (looks_ahead && (!at_beginning || open > 0)) return true;
    if (looks_ahead || (open > 0 && pattern[at] == '(')) {
      ++open;
    } else if (open == 0) {
      at_beginning = false;
    } else if (pattern[at] == ')') {
      --open;
    }
  }
  return false;
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
