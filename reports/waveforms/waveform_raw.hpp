#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/capture/byte_source.hpp"
#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// What a raw waveform file begins with, and what those of old do: both are read.
inline constexpr std::string_view kRawMagic = "penrig waveform 2\n", kRawMagicOfOld = "penrig waveform 1\n";
/// Of a file that begins so.
bool is_raw(std::string_view begin);

/// A raw waveform file that grows: a head of text, differences of counts in pieces, a tail of text
/// (reports/CAPTURES.md). For those who have some more disk and little time: next to nothing is computed. Written from
/// front to back, at most eight channels.
class RawEncoder final : public WaveformEncoder {
 public:
  /// output outlives the encoder.
  RawEncoder(const WaveformFormat& format, WaveformOutput& output);

  bool process(std::span<const std::int32_t* const> channels, std::size_t samples) override;
  bool finish(const WaveformTags& more) override;

 private:
  void put_piece(std::span<const std::int32_t* const> channels, std::size_t from, std::size_t samples);
  void put_begun();
  bool flush();

  WaveformOutput& output_;
  const std::size_t channels_;
  std::string held_;                 ///< bytes that were not written yet
  std::vector<std::int32_t> begun_;  ///< a piece that is not whole yet, channel after channel
  std::size_t begun_samples_ = 0;
  std::uint64_t samples_ = 0;
};

/// Reads what RawEncoder wrote, and what it wrote once. A file that is cut off, counts beyond its bits, pieces that
/// cannot be and what is behind them and is no text are Errc::bad_data; another head is Errc::usage.
/// @param begin  bytes that were taken off the source already, maybe all; is_raw().
Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source);

}  // namespace penrig
