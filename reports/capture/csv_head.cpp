#include "reports/capture/csv_head.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "reports/capture/csv_line.hpp"
#include "reports/capture/csv_number.hpp"
#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {
namespace {

constexpr std::size_t kMostColumns = 4096;

bool all_numbers(const std::vector<CsvCell>& cells) {
  return std::ranges::all_of(cells, [](const CsvCell& cell) {
    double value = 0;
    int decimals = 0;
    const std::string copy = std::string(cell.text) + '\n';
    const char* const stopped = read_csv_number(copy.data(), copy.data() + cell.text.size(), '.', value, decimals);
    return stopped == copy.data() + cell.text.size();
  });
}

std::string nothing_known(const std::vector<CsvCell>& cells) {
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

char separator_of(std::string_view line) {
  char separator = ',';
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', ';', '\t'}) {
    const auto count = std::ranges::count(line, candidate);
    if (count > most) {
      most = count;
      separator = candidate;
    }
  }
  return separator;
}

}  // namespace

CsvHead read_csv_head(std::string_view line) {
  CsvHead head;
  const auto mistake = [&](std::size_t at, std::size_t length, std::string message, bool in_line = true) {
    head.mistakes.push_back({at, length, std::move(message), in_line});
  };
  if (line.find('\r') != std::string_view::npos) {
    mistake(0, 1, "the lines end in CR alone (save it with LF or CR LF)", false);
    return head;
  }
  head.separator = separator_of(line);
  const std::vector<CsvCell> cells = split_csv_line(line, head.separator);
  if (cells.size() > kMostColumns) {
    mistake(0, 1, "more than 4096 columns: no capture has so many", false);
    return head;
  }
  if (all_numbers(cells)) {
    mistake(0, line.size(),
            "numbers where the header belongs (write t_s,position_mm,force_N above them, in the order of the columns)");
    return head;
  }
  std::array<std::size_t, 4> first{};  // place of the column of a quantity, from 1
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const CsvCell& cell = cells[c];
    const CaptureChannel channel = capture_channel(cell.text);
    if (!channel.mistake.empty()) mistake(cell.at, cell.length, channel.mistake);
    if (channel.quantity != CaptureQuantity::other) {
      std::size_t& place = first.at(static_cast<std::size_t>(channel.quantity));
      if (place != 0) {
        mistake(
            cell.at, cell.length,
            fmt::format("'{}' again says what column {} ('{}') says already (rename the one that is not to be read)",
                        shown(cell.text), place, shown(cells[place - 1].text)));
      }
      place = c + 1;
    }
    head.columns.push_back({channel.quantity, channel.exponent, std::string(cell.text)});
  }
  const bool any = first[static_cast<std::size_t>(CaptureQuantity::position)] != 0 ||
                   first[static_cast<std::size_t>(CaptureQuantity::force)] != 0;
  if (!any && head.mistakes.empty()) mistake(0, line.size(), nothing_known(cells));
  return head;
}

}  // namespace penrig
