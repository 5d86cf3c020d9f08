#include "rig/measure/decision_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace penrig::text {

namespace {

/// A plain number of digits, point and '-' as documents write it.
std::string dressed(std::string plain) {
  const bool negative = !plain.empty() && plain.front() == '-';
  if (negative) plain.erase(0, 1);
  const bool zero = plain.find_first_of("123456789") == std::string::npos;
  const std::size_t whole = std::min(plain.find('.'), plain.size());
  if (plain.find('e') == std::string::npos && whole >= 5) {
    for (std::size_t at = whole; at > 3; at -= 3) plain.insert(at - 3, "\u2009");
  }
  return negative && !zero ? "−" + plain : plain;
}

}  // namespace

std::string fixed(double value, int decimals) {
  constexpr double kFarFromAll = 1e15;  // nobody counts the digits of what is not written out
  return std::abs(value) < kFarFromAll ? dressed(fmt::format("{:.{}f}", value, decimals)) : shortest(value);
}

std::string shortest(double value) { return dressed(fmt::format("{:.12g}", value)); }

int decimals_for(double uncertainty) {
  if (!(uncertainty > 0) || !std::isfinite(uncertainty)) return 3;
  int decimals = 0;
  for (double u = uncertainty; u < 9.95 && decimals < 6; u *= 10) ++decimals;
  return decimals;
}

}  // namespace penrig::text
