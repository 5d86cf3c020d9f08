// libFuzzer target: any bytes through the readers of captures, CSV and FLAC. Nothing may crash or hang; there is a
// mistake with words, or columns of one length that are finite. What was read in one piece is the same in small ones.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "reports/capture/capture_file.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const penrig::ReadCapture& read) {
  for (const penrig::Mistake& mistake : read.mistakes) {
    demand(!mistake.message.empty() && mistake.length >= 1);
    demand(!penrig::render(mistake, true).empty());
  }
  if (!read.ok()) return;
  demand(read.file.rows > 0 && (read.file.position_mm || read.file.force_n));
  for (const auto* column : {&read.file.time_s, &read.file.position_mm, &read.file.force_n}) {
    if (!*column) continue;
    demand((*column)->values.size() == read.file.rows && (*column)->resolution >= 0);
    if (read.file.format != "CSV") continue;
    for (const double v : (*column)->values) demand(std::isfinite(v) || std::abs(v) > 1e300);
    demand(read.file.line_of(read.file.rows - 1) >= read.file.rows);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const penrig::ReadCapture read = penrig::read_capture("fuzz", penrig::bytes_of(bytes), size);
  check(read);
  penrig::ByteSource all = penrig::bytes_of(bytes);
  const penrig::ReadCapture pieces = penrig::read_capture(
      "fuzz", [&all](char* into, std::size_t most) { return all(into, std::min<std::size_t>(most, 3)); });
  demand(pieces.ok() == read.ok() && pieces.file.rows == read.file.rows);
  return 0;
}
