#include "reports/capture/csv_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "reports/capture/capture_channel.hpp"

namespace penrig {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

}  // namespace

const char* read_csv_number(const char* p, const char* end, char point, double& value, int& decimals) {
  const char* const begin = p;
  const bool negative = *p == '-';
  if (negative) ++p;
  std::uint64_t mantissa = 0;
  const char* const first = p;
  for (; is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
  std::ptrdiff_t digits = p - first, fraction = 0;
  if (*p == point) {
    const char* const behind = ++p;
    for (; is_digit(*p); ++p) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*p - '0');
    fraction = p - behind;
    digits += fraction;
  }
  if (digits == 0) return nullptr;
  const bool more = *p == 'e' || *p == 'E';
  if (!more && digits <= 18 && mantissa <= (std::uint64_t{1} << 53U)) {
    value = times_power_of_ten(static_cast<double>(mantissa), -static_cast<int>(fraction));
    if (negative) value = -value;
    decimals = std::max(decimals, static_cast<int>(fraction));
    return p;
  }
  int exponent = 0;
  if (more) {
    const char* at = p[1] == '+' ? p + 2 : p + 1;
    std::from_chars(at, end, exponent);
    exponent = std::clamp(exponent, -400, 400);
  }
  decimals = std::max(decimals, std::clamp(static_cast<int>(fraction) - exponent, 0, 99));
  if (point == '.') {
    const auto [stopped, error] = std::from_chars(begin, end, value);
    return error == std::errc{} && std::isfinite(value) ? stopped : nullptr;
  }
  std::array<char, 64> copy{};
  const auto length = static_cast<std::size_t>(std::min<std::ptrdiff_t>(end - begin, copy.size()));
  std::copy_n(begin, length, copy.begin());
  std::replace(copy.begin(), copy.end(), point, '.');
  const auto [stopped, error] = std::from_chars(copy.data(), copy.data() + length, value);
  return error == std::errc{} && std::isfinite(value) ? begin + (stopped - copy.data()) : nullptr;
}

bool says_no_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  for (const std::string_view word :
       {"nan", "inf", "infinity", "null", "na", "n/a", "#n/a", "none", "1.#qnan", "1.#inf"}) {
    if (same_word(text, word)) return true;
  }
  return false;
}

}  // namespace penrig
