#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/capture/byte_source.hpp"
#include "reports/waveforms/raw_block.hpp"
#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// What a raw waveform file begins with, and what those of old do: all are read.
inline constexpr std::string_view kRawMagic = "penrig waveform 3\n", kRawMagicOfSecond = "penrig waveform 2\n",
                                  kRawMagicOfFirst = "penrig waveform 1\n";
/// Of a file that begins so.
bool is_raw(std::string_view begin);

/// A raw waveform file that grows: a head of text, packed blocks, a tail of text (reports/CAPTURES.md). For those who
/// have little time: blocks stay as they came off the link, and next to nothing is computed. Written from front to
/// back, at most eight channels.
class RawEncoder final : public WaveformEncoder {
 public:
  /// output outlives the encoder.
  RawEncoder(const WaveformFormat& format, WaveformOutput& output);

  bool process(std::span<const std::int32_t* const> channels, std::size_t samples) override;
  bool process_block(std::span<const ChannelBlock> channels) override;
  bool finish(const WaveformTags& more) override;

 private:
  void put_block(std::span<const ChannelBlock> channels);
  void pack_block(std::span<const std::int32_t* const> channels, std::size_t from, std::size_t samples);
  void put_begun();
  bool flush();

  WaveformOutput& output_;
  std::vector<RawChannel> channels_;
  std::string held_;                 ///< bytes that were not written yet
  std::vector<std::int32_t> begun_;  ///< a block that is not whole yet and did not come packed, channel after channel
  std::size_t begun_samples_ = 0;
  std::uint64_t samples_ = 0;
};

/// Reads what RawEncoder wrote, and what it wrote once. A file that is cut off, counts beyond its bits, blocks that
/// cannot be and what is behind them and is no text are Errc::bad_data; another head is Errc::usage.
/// @param begin  bytes that were taken off the source already, maybe all; is_raw().
Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source);

}  // namespace penrig
