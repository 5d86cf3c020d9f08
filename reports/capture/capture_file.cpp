#include "reports/capture/capture_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "reports/capture/capture_channel.hpp"
#include "reports/capture/capture_csv.hpp"
#include "reports/capture/csv_line.hpp"
#include "reports/waveforms/decode_waveform.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

Mistake of_whole_file(const std::string& path, std::string message) {
  Mistake mistake;
  mistake.file = path;
  mistake.message = std::move(message);
  return mistake;
}

std::string names_of(const Waveform& waveform) {
  std::string text;
  for (std::size_t i = 0; i < waveform.channels.size(); ++i) {
    const std::string& name = waveform.channels[i].name;
    text += fmt::format("{}{}", i == 0 ? "" : ", ",
                        name.empty() ? fmt::format("channel {} has no name", i) : shown(name, 30));
  }
  return text;
}

ReadCapture from_waveform(const std::string& path, WaveformForm form, Waveform waveform) {
  ReadCapture read;
  CaptureFile& file = read.file;
  file.path = path;
  file.format = form == WaveformForm::raw ? "raw" : "FLAC";
  file.sample_rate_hz = waveform.sample_rate_hz;
  file.start_utc = waveform.start_utc;
  file.calibration = waveform.calibration;
  if (!waveform.unchecked.empty()) file.notes.push_back(waveform.unchecked);
  if (!waveform.gaps.empty()) {
    read.mistakes.push_back(of_whole_file(
        path, fmt::format("samples were lost while it was taken, the tag GAPS says: {}: a record with holes carries no "
                          "number (cut the file before or behind it, and leave the tag out)",
                          shown(waveform.gaps, 200))));
    read.in_the_data = true;
    return read;
  }
  file.rows = waveform.channels.front().counts.size();
  for (std::size_t i = 0; i < waveform.channels.size(); ++i) {
    WaveformChannel& channel = waveform.channels[i];
    const CaptureChannel kind = capture_channel(channel.name, channel.unit);
    if (!kind.mistake.empty()) {
      read.mistakes.push_back(of_whole_file(path, fmt::format("channel {}: {}", i, kind.mistake)));
      continue;
    }
    std::optional<CaptureColumn>* const into = kind.quantity == CaptureQuantity::position ? &file.position_mm
                                               : kind.quantity == CaptureQuantity::force  ? &file.force_n
                                               : kind.quantity == CaptureQuantity::time   ? &file.time_s
                                                                                          : nullptr;
    if (into == nullptr) {
      file.ignored.push_back(channel.name.empty() ? fmt::format("channel {}", i) : channel.name);
      continue;
    }
    if (*into) {
      read.mistakes.push_back(of_whole_file(
          path, fmt::format("channels {} and {} are both called {}", (*into)->place - 1, i, shown(channel.name))));
      continue;
    }
    CaptureColumn column;
    column.name = channel.name;
    column.place = i + 1;
    column.exponent = kind.exponent;
    column.values.resize(channel.counts.size());
    for (std::size_t k = 0; k < channel.counts.size(); ++k) {
      column.values[k] = channel.counts[k] * channel.scale + channel.offset;
    }
    if (kind.exponent != 0) {
      for (double& v : column.values) v = times_power_of_ten(v, kind.exponent);
    }
    // Counts can be had back where no offset stands between.
    column.resolution = channel.offset == 0 ? std::abs(times_power_of_ten(channel.scale, kind.exponent)) : 0;
    std::vector<std::int32_t>().swap(channel.counts);
    *into = std::move(column);
  }
  if (read.mistakes.empty() && !file.position_mm && !file.force_n) {
    read.mistakes.push_back(of_whole_file(
        path, fmt::format("none of its channels is called position or force: {} (write tags CHANNEL0_NAME=position, "
                          "CHANNEL0_UNIT=mm, CHANNEL0_SCALE=…)",
                          names_of(waveform))));
  }
  return read;
}

}  // namespace

std::size_t CaptureFile::line_of(std::size_t row) const {
  const auto behind =
      std::ranges::upper_bound(line_marks, row, std::ranges::less{}, [](const LineMark& m) { return m.row; });
  if (behind == line_marks.begin()) return 0;
  const LineMark& mark = *std::prev(behind);
  return mark.line + (row - mark.row);
}

ReadCapture read_capture(const std::string& path, const ByteSource& source, std::uint64_t bytes,
                         const ReadProgress& progress) {
  std::array<char, kWaveformMagicBytes> head{};
  std::size_t held = 0;
  while (held < head.size()) {
    const Result<std::size_t> got = source(head.data() + held, head.size() - held);
    if (!got) {
      ReadCapture read;
      read.mistakes.push_back(of_whole_file(path, got.error().message));
      return read;
    }
    if (*got == 0) break;
    held += *got;
  }
  const std::string_view begin(head.data(), held);
  const std::optional<WaveformForm> form = waveform_form(begin);
  if (!form) return read_capture_csv(path, begin, source, bytes, progress);
  Result<Waveform> waveform = decode_waveform(begin, source);
  if (waveform) return from_waveform(path, *form, std::move(*waveform));
  ReadCapture read;
  read.mistakes.push_back(of_whole_file(path, waveform.error().message));
  read.in_the_data = waveform.error().code == Errc::bad_data;
  return read;
}

Mistake mistake_in_row(const CaptureFile& file, std::size_t row, std::size_t place, std::string message) {
  Mistake mistake = of_whole_file(file.path, std::move(message));
  const std::size_t line = file.line_of(row);
  if (line == 0) return mistake;
  const Result<ByteSource> source = open_bytes(file.path);
  if (!source) return mistake;
  std::vector<char> part(1U << 20U);
  std::string text;
  std::size_t at = 1;
  for (bool done = false; !done;) {
    const Result<std::size_t> got = (*source)(part.data(), part.size());
    if (!got || *got == 0) break;
    std::string_view rest(part.data(), *got);
    while (!rest.empty() && !done) {
      const std::size_t end = rest.find('\n');
      if (at == line) text += rest.substr(0, end);
      if (end == std::string_view::npos) break;
      done = at == line;
      ++at;
      rest.remove_prefix(end + 1);
    }
  }
  if (text.ends_with('\r')) text.pop_back();
  if (at < line) return mistake;  // a pipe: what was read is gone
  mistake.line = static_cast<int>(std::min<std::size_t>(line, INT32_MAX));
  mistake.column = 1;
  mistake.length = static_cast<int>(std::max<std::size_t>(1, utf8_count(text)));
  const std::vector<CsvCell> cells = split_csv_line(text, file.separator);
  if (place > 0 && place <= cells.size()) {
    mistake.column = static_cast<int>(utf8_count(std::string_view(text).substr(0, cells[place - 1].at))) + 1;
    mistake.length = static_cast<int>(std::max<std::size_t>(1, utf8_count(cells[place - 1].text)));
  }
  mistake.source_line = std::move(text);
  return mistake;
}

}  // namespace penrig
