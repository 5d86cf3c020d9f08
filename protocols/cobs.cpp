#include "protocols/cobs.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace penrig {
namespace {

constexpr std::size_t kLongestRun = 254;
constexpr std::size_t kCopied = 32;  ///< bytes at a time, where so many more than a run has may be touched

/// Runs are short, and a call for each, or a branch that is foretold wrongly, costs more than what it copies: more than
/// the run is copied where both sides have room for it.
void copy_run(const std::byte* from, const std::byte* end, std::size_t run, std::byte* into,
              const std::byte* room_end) {
  if (static_cast<std::size_t>(end - from) >= run + kCopied &&
      static_cast<std::size_t>(room_end - into) >= run + kCopied) {
    std::memcpy(into, from, kCopied);  // most are no longer, and some hold nothing
    for (std::size_t i = kCopied; i < run; i += kCopied) std::memcpy(into + i, from + i, kCopied);
  } else if (run > 0) {  // of no bytes at all there is no address either
    std::memcpy(into, from, run);
  }
}

}  // namespace

void append_cobs(std::span<const std::byte> plain, std::vector<std::byte>& into) {
  const std::size_t before = into.size();
  into.resize(before + plain.size() + plain.size() / kLongestRun + 1 + kCopied);
  const std::byte* p = plain.data();
  const std::byte* const end = p + plain.size();
  std::byte* out = into.data() + before;
  const std::byte* const room_end = into.data() + into.size();
  for (;;) {
    const std::size_t reach = std::min(static_cast<std::size_t>(end - p), kLongestRun);
    const void* zero = reach == 0 ? nullptr : std::memchr(p, 0, reach);
    const std::size_t run = zero == nullptr ? reach : static_cast<std::size_t>(static_cast<const std::byte*>(zero) - p);
    *out++ = static_cast<std::byte>(run + 1);
    copy_run(p, end, run, out, room_end);
    out += run;
    p += run;
    if (zero != nullptr) {
      ++p;  // a zero at the very end needs the empty run that follows it
    } else if (p == end) {
      break;
    }
  }
  into.resize(static_cast<std::size_t>(out - into.data()));
}

std::optional<std::size_t> decode_cobs(std::span<const std::byte> stuffed, std::span<std::byte> into) {
  if (stuffed.empty() || into.size() < stuffed.size()) return std::nullopt;
  const std::byte* p = stuffed.data();
  const std::byte* const end = p + stuffed.size();
  std::byte* out = into.data();
  const std::byte* const room_end = out + into.size();
  while (p != end) {
    const auto code = std::to_integer<std::size_t>(*p++);
    if (code == 0) return std::nullopt;
    const std::size_t run = code - 1;
    if (run > static_cast<std::size_t>(end - p)) return std::nullopt;
    copy_run(p, end, run, out, room_end);
    out += run;
    p += run;
    *out = std::byte{0};  // what stuffed it is a byte longer
    out += static_cast<std::size_t>(code != kLongestRun + 1) & static_cast<std::size_t>(p != end);
  }
  return static_cast<std::size_t>(out - into.data());
}

}  // namespace penrig
