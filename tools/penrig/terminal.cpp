#include "tools/penrig/terminal.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "rig/spec/utf8.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kColumnsMax = 128;
constexpr std::size_t kColumnsMin = 40;

std::string_view value_of(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool speaks_utf8(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = value_of(environment, name);
    if (value.empty()) continue;
    std::string lower(value);
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

struct Replacement {
  std::string_view sign, ascii;
};
constexpr std::array kReplacements = std::to_array<Replacement>({
    {"✓", "o"},     {"✗", "x"},     {"◇", "?"},  {"■", "#"},  {"▲", "!"},     {"●", "o"},     {"━", "="},
    {"╌", "."},     {"░", ":"},     {"╱", "/"},  {"│", "|"},  {"├", "|"},     {"┤", "|"},     {"┼", "|"},
    {"─", "-"},     {"←", "<"},     {"→", ">"},  {"−", "-"},  {"–", "-"},     {"±", "+-"},    {"≤", "<="},
    {"≥", ">="},    {"…", ".."},    {"µ", "u"},  {"μ", "u"},  {"×", "x"},     {"·", "*"},     {"°", " deg"},
    {"\u2009", ""}, {"\u202f", ""}, {"²", "^2"}, {"³", "^3"}, {"κ", "kappa"}, {"σ", "sigma"}, {"ν", "nu"},
    {"’", "'"},     {"√", "sqrt"},  {"Δ", "d"},
});

std::string_view escape(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::label:
      return "\x1b[2m";
    case Ink::strong:
      return "\x1b[1m";
    case Ink::pass:
      return "\x1b[1;38;5;32m";  // nearest to #0072B2 that is legible on black and on white
    case Ink::fail:
      return "\x1b[1;38;5;166m";  // nearest to #D55E00
  }
  return "";
}

}  // namespace

TerminalStyle detect_style(const Environment& environment, bool is_terminal, std::size_t window_columns) {
  TerminalStyle style;
  const bool dumb = value_of(environment, "TERM") == "dumb" || value_of(environment, "TERM").empty();
  style.rewrites = is_terminal && !dumb;
  style.colour = is_terminal && !dumb && value_of(environment, "NO_COLOR").empty();
  style.ascii = !speaks_utf8(environment);
  std::size_t columns = is_terminal && window_columns > 0 ? window_columns : kColumnsMax;
  const std::string_view wanted = value_of(environment, "COLUMNS");
  std::size_t number = 0;
  if (std::from_chars(wanted.data(), wanted.data() + wanted.size(), number).ec == std::errc{} && number > 0) {
    columns = number;
  }
  style.columns = std::clamp(columns, kColumnsMin, kColumnsMax);
  return style;
}

TerminalStyle detect_style(int file_descriptor) {
  winsize window{};
  const bool known = ioctl(file_descriptor, TIOCGWINSZ, &window) == 0;
  const auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  return detect_style(environment, isatty(file_descriptor) == 1, known ? window.ws_col : 0);
}

std::string shown(const TerminalStyle& style, std::string_view utf8) {
  const std::string safe = penrig::shown(utf8, utf8.size());  // whole signs, none of which steers a terminal
  std::string out;
  out.reserve(safe.size());
  for (std::string_view rest = safe; !rest.empty();) {
    const std::string_view sign = utf8_first(rest, 1);
    rest.remove_prefix(sign.size());
    if (sign == "\u00a0") {
      out += ' ';  // what a terminal shows is searched and copied
    } else if (style.ascii && sign.size() > 1) {
      const auto found = std::ranges::find(kReplacements, sign, &Replacement::sign);
      out += found == kReplacements.end() ? std::string_view{"?"} : found->ascii;
    } else {
      out += sign;
    }
  }
  return out;
}

std::size_t width(std::string_view shown_text) { return utf8_count(shown_text); }

std::string render(const TerminalStyle& style, const Line& line) {
  std::size_t last = line.size();
  while (last > 0 && line[last - 1].text.find_last_not_of(' ') == std::string::npos) --last;
  std::string out;
  for (std::size_t i = 0; i < last; ++i) {
    std::string text = shown(style, line[i].text);
    if (i + 1 == last) text.erase(text.find_last_not_of(' ') + 1);
    const std::string_view begin = style.colour ? escape(line[i].ink) : std::string_view{};
    out += begin;
    out += text;
    if (!begin.empty()) out += "\x1b[0m";
  }
  out += '\n';
  return out;
}

void print(const TerminalStyle& style, const std::vector<Line>& lines) {
  for (const Line& line : lines) std::cout << render(style, line);
}

std::string padded(const TerminalStyle& style, const std::string& text, std::size_t columns, bool right) {
  const std::size_t own = width(shown(style, text));
  const std::string blank(columns > own ? columns - own : 0, ' ');
  return right ? blank + text : text + blank;
}

std::vector<Line> folded(const TerminalStyle& style, const std::vector<Line>& lines, std::size_t indent) {
  std::vector<Line> out;
  for (const Line& line : lines) {
    Line now;
    std::size_t used = 0;
    std::string blanks;  // before the next word; those at the end of a line are nothing
    for (const Span& span : line) {
      for (std::size_t i = 0; i < span.text.size();) {
        const std::size_t from = std::min(span.text.find_first_not_of(' ', i), span.text.size());
        const std::size_t end = std::min(span.text.find(' ', from), span.text.size());
        blanks.append(from - i, ' ');
        i = end;
        if (from == end) continue;
        const std::string word = span.text.substr(from, end - from);
        const std::size_t wide = width(shown(style, word));
        if (!blanks.empty() && used > indent && used + blanks.size() + wide > style.columns) {
          out.push_back(std::exchange(now, {}));
          blanks.assign(indent, ' ');
          used = 0;
        }
        used += blanks.size() + wide;
        if (now.empty() || now.back().ink != span.ink) now.push_back({"", span.ink});
        now.back().text += std::exchange(blanks, {}) + word;
      }
    }
    out.push_back(std::move(now));
  }
  return out;
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::vector<std::string> wrap(const TerminalStyle& style, std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t from = text.find_first_not_of(" \n", i);
    if (from == std::string_view::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \n", from), text.size());
    const std::string word = shown(style, text.substr(from, end - from));
    if (!line.empty() && width(line) + 1 + width(word) > columns) lines.push_back(std::exchange(line, {}));
    if (!line.empty()) line += ' ';
    line += word;
    i = end;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace penrig::cli
