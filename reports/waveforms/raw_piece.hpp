#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace penrig {

/// Samples of each piece of a raw waveform file of the second version but the last, which may be shorter; a file may
/// have no longer ones.
inline constexpr std::size_t kRawPieceSamples = 2048;

/// One channel's part of a piece (reports/CAPTURES.md): width, order, `order` starts of four bytes, one difference a
/// sample. All little endian. Sums of the differences, taken `order` times from their starts on, are the counts.
struct RawPart {
  unsigned width = 0;  ///< bytes a difference: 0 (all are zero), 1, 2 or 4
  unsigned order = 0;  ///< 1 or 2
  std::size_t bytes(std::size_t samples) const { return kHeadBytes + kStartBytes * order + width * samples; }

  static constexpr std::size_t kHeadBytes = 2, kStartBytes = 4;
  static constexpr unsigned kMostWidth = 4, kMostOrder = 2;
};

/// What the first RawPart::kHeadBytes of a part say; nothing: width or order is none of the above.
std::optional<RawPart> raw_part(std::string_view part);

/// Puts out the counts of a part.
/// @param bytes   from the part's first one on, kind.bytes(counts.size()) at least.
/// @return whether all of them lie within -most - 1 and most; most is 2^n - 1.
bool read_raw_part(const RawPart& kind, std::string_view bytes, std::int32_t most, std::span<std::int32_t> counts);

}  // namespace penrig
