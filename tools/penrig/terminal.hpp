#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace penrig::cli {

/// What may be written to where the output goes.
struct TerminalStyle {
  bool rewrites = false;      ///< a line can be rewritten in place
  bool colour = false;        ///< ANSI escapes for colour and weight
  bool ascii = false;         ///< nothing beyond ASCII
  std::size_t columns = 128;  ///< at most 128
};

/// Reads one variable of the environment; nullptr if it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Decides from the environment (NO_COLOR, TERM, COLUMNS, LC_ALL, LC_CTYPE, LANG) and the file.
/// @param is_terminal     whether the output is one.
/// @param window_columns  what the terminal says of its width; 0 = unknown. COLUMNS goes before it.
TerminalStyle detect_style(const Environment& environment, bool is_terminal, std::size_t window_columns);

/// The same for an open file descriptor of this process.
TerminalStyle detect_style(int file_descriptor);

/// The few inks there are: colour stands only where something was judged.
enum class Ink { plain, label, strong, pass, fail };

struct Span {
  std::string text;
  Ink ink = Ink::plain;
};
/// One line of output, without its end.
using Line = std::vector<Span>;

/// The text as it may be shown: control characters (a device chooses its own serial number) become '?', and where only
/// ASCII is allowed, every sign becomes its ASCII equivalent.
std::string shown(const TerminalStyle& style, std::string_view utf8);

/// Columns that shown text takes: one a code point.
std::size_t width(std::string_view shown_text);

/// The line with its inks, ending in a newline; no trailing blanks.
std::string render(const TerminalStyle& style, const Line& line);

/// Prints the lines on the standard output.
void print(const TerminalStyle& style, const std::vector<Line>& lines);

/// The text with the blanks that make it `columns` wide once it is shown, before it where it stands on the right; a
/// wider text stays whole.
std::string padded(const TerminalStyle& style, const std::string& text, std::size_t columns, bool right);

/// The shown lines of a text, broken at blanks but not at no-break spaces, each at most `columns` wide (a longer word
/// stays whole).
std::vector<std::string> wrap(const TerminalStyle& style, std::string_view text, std::size_t columns);

/// Lines that are no wider than the terminal: broken at blanks, and what follows stands `indent` columns in. A word
/// that is wider than that stays whole.
std::vector<Line> folded(const TerminalStyle& style, const std::vector<Line>& lines, std::size_t indent);

/// A word as a POSIX shell takes it back: in quotes where it needs them. For commands that are shown to be copied.
std::string shell_word(std::string_view word);

}  // namespace penrig::cli
