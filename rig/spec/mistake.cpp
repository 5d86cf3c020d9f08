#include <algorithm>

#include <fmt/format.h>

#include "rig/spec/load.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

std::string render(const Mistake& mistake, bool colour, const Signs& signs) {
  const char* strong = colour ? "\x1b[1m" : "";
  const char* normal = colour ? "\x1b[0m" : "";
  const auto seen = [&](std::string_view text, std::size_t most) {
    const std::string safe = shown(text, most);
    return signs ? signs(safe) : safe;
  };
  const std::string file = seen(mistake.file, 4096), message = seen(mistake.message, 4096);
  if (mistake.line < 1) return fmt::format("{}{}:{} {}\n", strong, file, normal, message);
  std::string out = fmt::format("{}{}:{}:{}:{} {}\n", strong, file, mistake.line, mistake.column, normal, message);
  out += fmt::format("{:6} | {}\n", mistake.line, seen(mistake.source_line, kLongestLineShown));
  const std::size_t before = static_cast<std::size_t>(std::max(mistake.column, 1)) - 1;
  const std::size_t length = static_cast<std::size_t>(std::max(mistake.length, 1));
  if (before >= kLongestLineShown) return out;
  // A sign may take more columns, or fewer, than it is characters: "±" is "+-" in ASCII.
  const auto columns = [&](std::size_t characters) {
    const std::string_view part = utf8_first(mistake.source_line, characters);
    return characters - utf8_count(part) + utf8_count(seen(part, kLongestLineShown));
  };
  const std::size_t begin = columns(before), end = columns(std::min(before + length, kLongestLineShown));
  const std::size_t tildes = std::max(end, begin + 1) - begin - 1;
  out += fmt::format("       | {}{}^{}{}\n", std::string(begin, ' '), strong, std::string(tildes, '~'), normal);
  return out;
}

}  // namespace penrig
