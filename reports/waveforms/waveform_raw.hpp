#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "reports/capture/byte_source.hpp"
#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// What a raw waveform file begins with.
inline constexpr std::string_view kRawMagic = "penrig waveform 1\n";

/// A raw waveform file that grows: a head of text, the counts as they are, a tail of text (reports/CAPTURES.md).
/// For those who have a large disk and little time: nothing is computed.
class RawEncoder final : public WaveformEncoder {
 public:
  /// output outlives the encoder.
  RawEncoder(const WaveformFormat& format, WaveformOutput& output);

  bool process(std::span<const std::int32_t* const> channels, std::size_t samples) override;
  bool finish(const WaveformTags& more) override;

 private:
  bool flush();

  WaveformOutput& output_;
  const std::size_t channels_;
  std::string held_;              ///< bytes that were not written yet
  std::uint64_t written_ = 0;     ///< bytes before them
  std::uint64_t samples_at_ = 0;  ///< where the head says how many there are
  std::uint64_t samples_ = 0;
};

/// Reads what RawEncoder wrote. A file that ends before all its samples came, counts beyond its bits and what is behind
/// the samples and is no text are Errc::bad_data; another head is Errc::usage.
/// @param begin  bytes that were taken off the source already, maybe all; they begin with kRawMagic.
Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source);

}  // namespace penrig
