#include "rig/spec/utf8.hpp"

#include <algorithm>
#include <array>

namespace penrig {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// Signs that are not seen and turn the text after them around, or end a line: what is read is not what is written.
bool turns_text(std::string_view sign) {
  static constexpr std::array<std::string_view, 14> kSigns{"\u061c", "\u200e", "\u200f", "\u2028", "\u2029",
                                                           "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
                                                           "\u2066", "\u2067", "\u2068", "\u2069"};
  return std::ranges::find(kSigns, sign) != kSigns.end();
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned char first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte_at(text, 1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool beyond = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

std::size_t utf8_count(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) i += std::max<std::size_t>(1, utf8_length(text.substr(i)));
  return count;
}

std::string_view utf8_first(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) end += std::max<std::size_t>(1, utf8_length(text.substr(end)));
  return text.substr(0, end);
}

std::string shown(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    if (count == most) return out + "…";
    const std::size_t length = utf8_length(text.substr(i));
    const unsigned char byte = byte_at(text, i);
    const bool c1_control = length == 2 && byte == 0xc2 && byte_at(text, i + 1) < 0xa0;
    if (byte == '\t') {
      out += ' ';
    } else if (length == 0 || byte < 0x20 || byte == 0x7f || c1_control || turns_text(text.substr(i, length))) {
      out += '?';
    } else {
      out += text.substr(i, length);
    }
    i += std::max<std::size_t>(1, length);
  }
  return out;
}

}  // namespace penrig
