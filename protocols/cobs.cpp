#include "protocols/cobs.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace penrig {
namespace {

constexpr std::size_t kLongestRun = 254;
constexpr std::size_t kCopied = 32;  ///< bytes at a time, where so many more than a run has may be touched

}  // namespace

void append_cobs(std::span<const std::byte> plain, std::vector<std::byte>& into) {
  for (;;) {
    const std::size_t reach = std::min(plain.size(), kLongestRun);
    const void* zero = reach == 0 ? nullptr : std::memchr(plain.data(), 0, reach);
    const std::size_t run =
        zero == nullptr ? reach : static_cast<std::size_t>(static_cast<const std::byte*>(zero) - plain.data());
    into.push_back(static_cast<std::byte>(run + 1));
    into.insert(into.end(), plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(run));
    if (zero != nullptr) {
      plain = plain.subspan(run + 1);  // a zero at the very end needs the empty run that follows it
    } else {
      plain = plain.subspan(run);
      if (plain.empty()) return;
    }
  }
}

std::optional<std::size_t> decode_cobs(std::span<const std::byte> stuffed, std::span<std::byte> into) {
  if (stuffed.empty() || into.size() < stuffed.size()) return std::nullopt;
  const std::byte* p = stuffed.data();
  const std::byte* const end = p + stuffed.size();
  std::byte* out = into.data();
  std::byte* const room_end = out + into.size();
  while (p != end) {
    const auto code = std::to_integer<std::size_t>(*p++);
    if (code == 0) return std::nullopt;
    const std::size_t run = code - 1;
    if (run > static_cast<std::size_t>(end - p)) return std::nullopt;
    // Runs are short, and a call for each costs more than what it copies.
    if (static_cast<std::size_t>(end - p) >= run + kCopied &&
        static_cast<std::size_t>(room_end - out) >= run + kCopied) {
      for (std::size_t i = 0; i < run; i += kCopied) std::memcpy(out + i, p + i, kCopied);
    } else {
      std::memcpy(out, p, run);
    }
    out += run;
    p += run;
    if (code != kLongestRun + 1 && p != end) *out++ = std::byte{0};
  }
  return static_cast<std::size_t>(out - into.data());
}

}  // namespace penrig
