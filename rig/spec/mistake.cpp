#include <algorithm>

#include <fmt/format.h>

#include "rig/spec/load.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

// A longer line is no line that a person wrote; what is shown of it ends here.
constexpr std::size_t kLongestLine = 240;

}  // namespace

std::string render(const Mistake& mistake, bool colour) {
  const char* strong = colour ? "\x1b[1m" : "";
  const char* normal = colour ? "\x1b[0m" : "";
  const std::string file = shown(mistake.file, 4096), message = shown(mistake.message, 4096);
  if (mistake.line < 1) return fmt::format("{}{}:{} {}\n", strong, file, normal, message);
  std::string out = fmt::format("{}{}:{}:{}:{} {}\n", strong, file, mistake.line, mistake.column, normal, message);
  out += fmt::format("{:6} | {}\n", mistake.line, shown(mistake.source_line, kLongestLine));
  const std::size_t before = static_cast<std::size_t>(std::max(mistake.column, 1)) - 1;
  if (before < kLongestLine) {
    const std::size_t most = kLongestLine - before;
    const std::size_t length = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(mistake.length, 1)), 1, most);
    out += fmt::format("       | {}{}^{}{}\n", std::string(before, ' '), strong, std::string(length - 1, '~'), normal);
  }
  return out;
}

}  // namespace penrig
