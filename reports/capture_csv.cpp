#include "reports/capture_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "reports/capture_channel.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

constexpr std::size_t kBuffer = 1U << 20U;      ///< also the longest line
constexpr std::size_t kMostRows = 200'000'000;  ///< 5 GB of numbers; an hour at 50 kS/s is 180 million
constexpr std::size_t kMostColumns = 4096;
constexpr std::size_t kBlock = 4096;  ///< rows whose digits are looked at together

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A column as it is read.
struct Column {
  CaptureQuantity quantity = CaptureQuantity::other;
  int exponent = 0;
  int decimals = 0;           ///< most digits behind the point, in this block of rows
  int fewest = 99, most = 0;  ///< of that, over the blocks: numbers of six digits have ever fewer as they grow
  std::string name;
  std::vector<double> values;
  bool wanted() const { return quantity != CaptureQuantity::other; }
};

/// Reads a number at p, whose text ends at the latest at `end`. Where the digits are few enough the whole is exact:
/// an integer below 2^53 divided by a power of ten up to 10^22 is rounded once.
/// @return behind the number, or nullptr if there is none that is finite.
const char* read_number(const char* p, const char* end, char point, double& value, int& decimals) {
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

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

bool says_no_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  for (const std::string_view word :
       {"nan", "inf", "infinity", "null", "na", "n/a", "#n/a", "none", "1.#qnan", "1.#inf"}) {
    if (same_word(text, word)) return true;
  }
  return false;
}

class Reader {
 public:
  Reader(const std::string& path, const ByteSource& source, std::uint64_t bytes, const ReadProgress& progress)
      : source_(source), bytes_(bytes), progress_(progress) {
    read_.file.path = path;
    read_.file.format = "CSV";
  }

  ReadCapture read(std::string_view begin) {
    // One byte more than a line may take: a line feed stands behind what was read, so that no loop runs past it.
    buffer_.resize(std::max(kBuffer, begin.size()) + 1);
    std::memcpy(buffer_.data(), begin.data(), begin.size());
    std::size_t held = begin.size();
    std::uint64_t taken = held;
    bool end = false;
    while (!end && !failed_) {
      while (held < buffer_.size() - 1) {
        const Result<std::size_t> got = source_(buffer_.data() + held, buffer_.size() - 1 - held);
        if (!got) {
          mistake(0, 0, 1, got.error().message, {});
          return std::move(read_);
        }
        if (*got == 0) {
          end = true;
          break;
        }
        held += *got;
        taken += *got;
      }
      if (progress_) progress_(taken);
      if (taken == 0) break;
      const std::string_view all(buffer_.data(), held);
      std::size_t whole = all.rfind('\n') == std::string_view::npos ? 0 : all.rfind('\n') + 1;
      if (end && whole < held) {
        buffer_[held] = '\n';
        open_end_ = true;
        whole = held + 1;
      } else if (whole == 0) {
        refuse_endless_line(all);
        break;
      }
      take_lines(buffer_.data(), buffer_.data() + whole);
      held = whole > held ? 0 : held - whole;
      std::memmove(buffer_.data(), buffer_.data() + whole, held);
    }
    finish();
    return std::move(read_);
  }

 private:
  void mistake(std::size_t line, std::size_t at, std::size_t length, std::string message, std::string_view text) {
    Mistake m;
    m.file = read_.file.path;
    m.line = static_cast<int>(std::min<std::size_t>(line, INT32_MAX));
    m.column = static_cast<int>(utf8_count(text.substr(0, std::min(at, text.size())))) + 1;
    m.length = static_cast<int>(std::max<std::size_t>(1, utf8_count(text.substr(std::min(at, text.size()), length))));
    m.message = std::move(message);
    m.source_line = std::string(text.substr(0, 2000));
    read_.mistakes.push_back(std::move(m));
    failed_ = true;
  }

  void refuse_binary() {
    mistake(0, 0, 1, "this is neither text nor FLAC (export the capture as CSV with a header, or as FLAC)", {});
  }

  void refuse_endless_line(std::string_view all) {
    if (all.find('\0') != std::string_view::npos) {
      refuse_binary();
    } else if (all.find('\r') != std::string_view::npos) {
      mistake(line_ + 1, 0, 1, "the lines end in CR alone (save it with LF or CR LF)", {});
    } else {
      mistake(line_ + 1, 0, 1, "a line of more than 1 MiB: this is no CSV file", {});
    }
  }

  void take_lines(const char* p, const char* end) {
    while (p < end && !failed_) {
      if (has_header_) {
        p = take_fast_rows(p, end);
        if (p == end) break;
      }
      const char* const eol = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
      ++line_;
      std::string_view line(p, static_cast<std::size_t>(eol - p));
      if (line.ends_with('\r')) line.remove_suffix(1);
      last_line_ = open_end_ && eol + 1 == end;
      take_line(line);
      p = eol + 1;
    }
  }

  /// As many rows as need no second look; where they end.
  const char* take_fast_rows(const char* p, const char* end) {
    const std::size_t count = columns_.size();
    if (rows_ == 0) take_memory(static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p))) - p);
    while (p < end) {
      const char* at = p;
      for (std::size_t c = 0; c < count; ++c) {
        Column& column = columns_[c];
        if (column.wanted()) {
          while (*at == ' ') ++at;
          at = read_number(at, end, point_, row_[c], column.decimals);
          if (at == nullptr) return p;
        } else {
          while (*at != separator_ && *at != '\n' && *at != '"') ++at;
          if (*at == '"') return p;
        }
        if (c + 1 == count) break;
        if (*at != separator_) return p;
        ++at;
      }
      if (*at == '\r') ++at;
      if (*at != '\n' || rows_ >= kMostRows) return p;
      ++line_;
      keep_row();
      p = at + 1;
    }
    return p;
  }

  /// Rows are about as long as each other.
  void take_memory(std::ptrdiff_t bytes_a_row) {
    const std::uint64_t about = bytes_ / static_cast<std::uint64_t>(bytes_a_row + 1) * 17 / 16 + 16;
    for (Column& column : columns_) {
      if (column.wanted()) column.values.reserve(std::min<std::uint64_t>(about, kMostRows));
    }
  }

  void keep_row() {
    if (skipped_ != marked_) {
      read_.file.line_marks.push_back({rows_, line_});
      marked_ = skipped_;
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].wanted()) columns_[c].values.push_back(row_[c]);
    }
    last_is_comment_ = false;
    if (++rows_ % kBlock == 0) end_block();
  }

  void end_block() {
    for (Column& column : columns_) {
      if (!column.wanted()) continue;
      column.fewest = std::min(column.fewest, column.decimals);
      column.most = std::max(column.most, column.decimals);
      column.decimals = 0;
    }
  }

  void take_line(std::string_view line) {
    if (line_ == 1 && (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"))) {
      return mistake(1, 0, 1, "this is UTF-16 (save it as UTF-8)", {});
    }
    if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (line.find('\0') != std::string_view::npos) {
      return refuse_binary();
    }
    const std::string_view text = without_blanks(line);
    if (text.empty() || text.starts_with('#')) {
      ++skipped_;
      last_is_comment_ = true;
      return;
    }
    has_header_ ? take_row(line) : take_header(line);
  }

  void take_header(std::string_view line) {
    if (line.find('\r') != std::string_view::npos) {
      return mistake(line_, 0, 1, "the lines end in CR alone (save it with LF or CR LF)", {});
    }
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', ';', '\t'}) {
      const auto count = std::ranges::count(line, candidate);
      if (count > most) {
        most = count;
        separator_ = candidate;
      }
    }
    const std::vector<CsvCell> cells = split_csv_line(line, separator_);
    if (cells.size() > kMostColumns) return mistake(line_, 0, 1, "more than 4096 columns: no capture has so many", {});
    bool numbers = true;
    for (const CsvCell& cell : cells) {
      double value = 0;
      int decimals = 0;
      const std::string copy = std::string(cell.text) + '\n';
      const char* const stopped = read_number(copy.data(), copy.data() + cell.text.size(), '.', value, decimals);
      numbers = numbers && stopped == copy.data() + cell.text.size();
    }
    if (numbers) {
      return mistake(line_, 0, line.size(),
                     "numbers where the header belongs (write t_s,position_mm,force_N above them, in the order of the "
                     "columns)",
                     line);
    }
    std::array<std::size_t, 4> first{};  // place of the column of a quantity, from 1
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const CsvCell& cell = cells[c];
      const CaptureChannel channel = capture_channel(cell.text);
      Column column;
      column.quantity = channel.quantity;
      column.exponent = channel.exponent;
      column.name = std::string(cell.text);
      if (!channel.mistake.empty()) mistake(line_, cell.at, cell.length, channel.mistake, line);
      if (column.wanted()) {
        std::size_t& place = first.at(static_cast<std::size_t>(channel.quantity));
        if (place != 0) {
          mistake(line_, cell.at, cell.length,
                  fmt::format("'{}' again says what column {} ('{}') says already (rename the one that is not to be "
                              "read)",
                              shown(cell.text), place, shown(cells[place - 1].text)),
                  line);
        }
        place = c + 1;
      }
      columns_.push_back(std::move(column));
    }
    const bool any = first[static_cast<std::size_t>(CaptureQuantity::position)] != 0 ||
                     first[static_cast<std::size_t>(CaptureQuantity::force)] != 0;
    if (!any && !failed_) mistake(line_, 0, line.size(), nothing_known(cells), line);
    if (failed_) return;
    row_.resize(columns_.size());
    has_header_ = true;
  }

  std::string nothing_known(const std::vector<CsvCell>& cells) const {
    static constexpr std::array<std::string_view, 5> kKnown = {"t_s", "position_mm", "force_N", "position_um",
                                                               "force_mN"};
    std::string found;
    for (const CsvCell& cell : cells) {
      const auto meant = did_you_mean(cell.text, kKnown);
      found += fmt::format("{}{}{}", found.empty() ? "" : ", ", shown(cell.text, 30),
                           meant ? fmt::format(" (did you mean {}?)", *meant) : "");
      if (found.size() > 200) {
        found += ", …";
        break;
      }
    }
    return fmt::format(
        "the header names neither a position nor a force: {} (write t_s, position_mm, force_N, with any "
        "of , ; or tab between)",
        found);
  }

  void take_row(std::string_view line) {
    if (rows_ >= kMostRows) {
      return mistake(line_, 0, 1, fmt::format("more than {} rows (cut the file)", kMostRows), {});
    }
    std::vector<CsvCell> cells = split_csv_line(line, separator_);
    // A separator at the end of every row but not of the header is what some loggers write.
    if (cells.size() == columns_.size() + 1 && cells.back().text.empty()) cells.pop_back();
    if (cells.size() < columns_.size()) {
      return mistake(
          line_, line.empty() ? 0 : line.size() - 1, 1,
          fmt::format("{} of {} columns, {} is missing{}", cells.size(), columns_.size(),
                      shown(columns_[cells.size()].name), last_line_ ? " (the file is cut off in this row)" : ""),
          line);
    }
    if (cells.size() > columns_.size()) {
      const CsvCell& extra = cells[columns_.size()];
      const bool comma = separator_ == ',' && cells.size() == 2 * columns_.size();
      return mistake(
          line_, extra.at, extra.length,
          fmt::format("{} columns where the header has {}{}", cells.size(), columns_.size(),
                      comma ? " (a decimal comma? write a decimal point, or put ; between the columns)" : ""),
          line);
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].wanted() && !take_cell(cells[c], c, line)) return;
    }
    keep_row();
  }

  bool take_cell(const CsvCell& cell, std::size_t c, std::string_view line) {
    Column& column = columns_[c];
    std::string_view text = cell.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    if (rows_ == 0 && separator_ != ',' && text.find(',') != std::string_view::npos) point_ = ',';
    const std::string copy = std::string(text) + '\n';
    const char* const stopped = read_number(copy.data(), copy.data() + text.size(), point_, row_[c], column.decimals);
    if (stopped == copy.data() + text.size()) return true;
    std::string what;
    if (text.empty()) {
      what = fmt::format("{} is empty in this row", shown(column.name));
      read_.in_the_data = true;
    } else if (says_no_number(text)) {
      what = fmt::format("{} is {} in this row", shown(column.name), shown(text));
      read_.in_the_data = true;
    } else {
      const bool comma = text.find(',') != std::string_view::npos;
      what = fmt::format("'{}' is no number ({} needs one{})", shown(text), shown(column.name),
                         comma ? "; with a decimal point" : "");
    }
    if (read_.in_the_data) what += ": a record with holes carries no number (cut the file before or behind it)";
    mistake(line_, cell.at, cell.length, std::move(what), line);
    return false;
  }

  void finish() {
    if (failed_) return;
    CaptureFile& file = read_.file;
    if (!has_header_) {
      mistake(0, 0, 1,
              line_ == 0 ? "the file is empty"
                         : "nothing but comments and empty lines: a header and rows of numbers are needed",
              {});
      return;
    }
    if (rows_ == 0) return mistake(0, 0, 1, "a header and no row of numbers below it", {});
    file.rows = rows_;
    if (rows_ % kBlock != 0 && (rows_ < kBlock || rows_ % kBlock > kBlock / 8)) end_block();
    file.separator = separator_;
    if (open_end_ && !last_is_comment_) {
      file.notes.emplace_back("the last row has no line end: if the file is cut off there, its last number is too");
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      Column& column = columns_[c];
      if (!column.wanted()) {
        if (!column.name.empty()) file.ignored.push_back(column.name);
        continue;
      }
      if (column.exponent != 0) {
        for (double& v : column.values) v = times_power_of_ten(v, column.exponent);
      }
      // Stamps are as coarse as the coarsest; a position whose digits come and go has no step of its own.
      const bool even = column.fewest == column.most || column.quantity == CaptureQuantity::time;
      const double step =
          even && column.fewest <= 15 ? times_power_of_ten(1, std::max(column.exponent - column.fewest, -22)) : 0;
      CaptureColumn out{column.name, c + 1, std::move(column.values), step};
      (column.quantity == CaptureQuantity::time       ? file.time_s
       : column.quantity == CaptureQuantity::position ? file.position_mm
                                                      : file.force_n) = std::move(out);
    }
  }

  const ByteSource& source_;
  std::uint64_t bytes_;
  const ReadProgress& progress_;
  ReadCapture read_;
  std::vector<char> buffer_;
  std::vector<Column> columns_;
  std::vector<double> row_;
  std::size_t line_ = 0, rows_ = 0, skipped_ = 0, marked_ = SIZE_MAX;
  char separator_ = ',', point_ = '.';
  bool has_header_ = false, failed_ = false, open_end_ = false, last_line_ = false, last_is_comment_ = false;
};

}  // namespace

std::vector<CsvCell> split_csv_line(std::string_view line, char separator) {
  std::vector<CsvCell> cells;
  std::size_t at = 0;
  for (;;) {
    std::size_t from = at;
    while (from < line.size() && is_blank(line[from]) && line[from] != separator) ++from;
    CsvCell cell;
    cell.at = from;
    if (from < line.size() && line[from] == '"') {
      // A quote inside quotes is doubled; no head and no number of ours holds one, so it stays as it is written.
      const std::size_t open = from + 1;
      std::size_t end = open;
      while (end < line.size() && (line[end] != '"' || (end + 1 < line.size() && line[end + 1] == '"'))) {
        end += std::size_t{line[end] == '"' ? 2U : 1U};
      }
      const std::size_t close = std::min(end, line.size());
      end = std::min(line.find(separator, close), line.size());
      const bool clean = close < line.size() && without_blanks(line.substr(close + 1, end - close - 1)).empty();
      // What is left open, or goes on behind its quotes, stays as it is written, and is no number.
      cell.text = without_blanks(clean ? line.substr(open, close - open) : line.substr(from, end - from));
      cell.length = end - from;
      at = end;
    } else {
      const std::size_t end = std::min(line.find(separator, from), line.size());
      cell.text = without_blanks(line.substr(from, end - from));
      cell.length = cell.text.size();
      at = end;
    }
    cells.push_back(cell);
    if (at >= line.size()) return cells;
    ++at;
  }
}

ReadCapture read_capture_csv(const std::string& path, std::string_view begin, const ByteSource& source,
                             std::uint64_t bytes, const ReadProgress& progress) {
  return Reader(path, source, bytes, progress).read(begin);
}

}  // namespace penrig
