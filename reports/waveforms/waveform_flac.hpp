#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/capture/byte_source.hpp"

namespace penrig {

/// One channel of a waveform file: counts, and what makes quantities of them.
struct WaveformChannel {
  std::string name, unit;  ///< "position", "mm"
  double scale = 1;        ///< value = counts x scale + offset, in the unit
  double offset = 0;
  std::vector<std::int32_t> counts;
};

/// Raw streams of one phase, as they are kept: side by side, all of one length.
struct Waveform {
  double sample_rate_hz = 0;
  std::string start_utc;    ///< ISO 8601; empty: unknown
  std::string calibration;  ///< the certificate that the scales come from; empty: none
  std::vector<WaveformChannel> channels;
  int bits = 24;  ///< a sample: 16 or 24
};

/// A FLAC file's bytes, tags as reports/CAPTURES.md says. Lossless: decode_flac() gives the same counts and, to the
/// bit, the same scales. Errc::usage: no channel, more than eight, unequal lengths, counts beyond `bits`, a rate that
/// is none.
Result<std::string> encode_flac(const Waveform& waveform);

/// Writes it whole or not at all; errors also as replace_file().
Result<void> write_flac(const std::filesystem::path& file, const Waveform& waveform);

/// Reads what encode_flac() or any other encoder wrote. Frames with a wrong checksum, a file that ends before all its
/// samples came, and a wrong MD5 of all samples are Errc::bad_data; what is no FLAC or lacks sampling rate or scale is
/// Errc::usage.
/// @param begin  bytes that were taken off the source already.
Result<Waveform> decode_flac(std::string_view begin, const ByteSource& source);

}  // namespace penrig
