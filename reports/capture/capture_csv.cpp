#include "reports/capture/capture_csv.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "reports/capture/csv_head.hpp"
#include "reports/capture/csv_line.hpp"
#include "reports/capture/csv_number.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

constexpr std::size_t kBuffer = 1U << 20U;      ///< also the longest line
constexpr std::size_t kMostRows = 200'000'000;  ///< 5 GB of numbers; an hour at 50 kS/s is 180 million
constexpr std::size_t kBlock = 4096;            ///< rows whose digits are looked at together

/// A column as it is read.
struct Column : CsvColumn {
  int decimals = 0;           ///< most digits behind the point, in this block of rows
  int fewest = 99, most = 0;  ///< of that, over the blocks: numbers of six digits have ever fewer as they grow
  std::vector<double> values{};
  bool wanted() const { return quantity != CaptureQuantity::other; }
};

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
          at = read_csv_number(at, end, point_, row_[c], column.decimals);
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
      if (hole_) return refuse_hole();
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].wanted()) columns_[c].values.push_back(row_[c]);
    }
    last_is_comment_ = false;
    if (++rows_ % kBlock == 0) end_block();
  }

  /// Rows count the time where no column says it: one that is missing would move all behind it.
  void refuse_hole() {
    const bool comment = !without_blanks(hole_->text).empty();
    read_.in_the_data = true;
    mistake(hole_->line, 0, hole_->text.size(),
            !comment && columns_.size() == 1
                ? fmt::format("{} is empty in this row: a record with holes carries no number (cut the file before or "
                              "behind it)",
                              shown(columns_.front().name))
                : fmt::format("{} between rows, and no column of times: whether rows are missing here cannot be seen "
                              "(write a column t_s, or cut the file before or behind it)",
                              comment ? "a comment" : "an empty line"),
            hole_->text);
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
      if (rows_ > 0 && !has_time_ && !hole_) hole_ = Hole{line_, std::string(line)};
      return;
    }
    has_header_ ? take_row(line) : take_header(line);
  }

  void take_header(std::string_view line) {
    CsvHead head = read_csv_head(line);
    for (CsvHead::Mistake& m : head.mistakes) {
      mistake(line_, m.at, m.length, std::move(m.message), m.in_line ? line : std::string_view{});
    }
    if (failed_) return;
    separator_ = head.separator;
    for (CsvColumn& column : head.columns) columns_.push_back({std::move(column)});
    has_time_ = std::ranges::find(columns_, CaptureQuantity::time, &Column::quantity) != columns_.end();
    row_.resize(columns_.size());
    has_header_ = true;
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
    const char* const stopped =
        read_csv_number(copy.data(), copy.data() + text.size(), point_, row_[c], column.decimals);
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
      CaptureColumn out{column.name, c + 1, std::move(column.values), column.exponent, step};
      (column.quantity == CaptureQuantity::time       ? file.time_s
       : column.quantity == CaptureQuantity::position ? file.position_mm
                                                      : file.force_n) = std::move(out);
    }
  }

  /// A line without numbers that stands between rows, if no more than the number of rows says when they were taken.
  struct Hole {
    std::size_t line;
    std::string text;
  };

  const ByteSource& source_;
  std::uint64_t bytes_;
  const ReadProgress& progress_;
  ReadCapture read_;
  std::vector<char> buffer_;
  std::vector<Column> columns_;
  std::vector<double> row_;
  std::size_t line_ = 0, rows_ = 0, skipped_ = 0, marked_ = SIZE_MAX;
  char separator_ = ',', point_ = '.';
  std::optional<Hole> hole_;
  bool has_time_ = false;
  bool has_header_ = false, failed_ = false, open_end_ = false, last_line_ = false, last_is_comment_ = false;
};

}  // namespace

ReadCapture read_capture_csv(const std::string& path, std::string_view begin, const ByteSource& source,
                             std::uint64_t bytes, const ReadProgress& progress) {
  return Reader(path, source, bytes, progress).read(begin);
}

}  // namespace penrig
