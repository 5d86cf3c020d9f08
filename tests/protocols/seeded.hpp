#pragma once

#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace penrig {

/// Random numbers for a test. The seed is in every message that streams it; PENRIG_TEST_SEED gives it back.
class Seeded {
 public:
  Seeded() : seed_(from_environment()), state_(seed_) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  friend std::ostream& operator<<(std::ostream& os, const Seeded& s) {
    return os << "\nagain with PENRIG_TEST_SEED=" << s.seed_;
  }

 private:
  static std::uint64_t from_environment() {
    const char* text = std::getenv("PENRIG_TEST_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  }
  std::uint64_t seed_, state_;
};

inline std::string to_hex(std::span<const std::byte> bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto b : bytes) {
    text += kDigits[std::to_integer<std::size_t>(b) >> 4];
    text += kDigits[std::to_integer<std::size_t>(b) & 15];
  }
  return text;
}
inline std::string to_hex(std::string_view bytes) { return to_hex(std::as_bytes(std::span(bytes))); }

/// Pairs of digits; everything that is no digit is skipped.
inline std::string from_hex(std::string_view text) {
  std::string bytes;
  int digits = 0;
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) continue;
    value = value * 16 + static_cast<unsigned>(digit);
    if (++digits % 2 == 0) {
      bytes += static_cast<char>(value);
      value = 0;
    }
  }
  return bytes;
}

}  // namespace penrig
