#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "reports/capture/byte_source.hpp"
#include "reports/waveforms/waveform.hpp"

namespace penrig {

/// A FLAC file's bytes, tags as reports/CAPTURES.md says. Lossless: decode_flac() gives the same counts and, to the
/// bit, the same scales. Errc::usage: no channel, more than eight, unequal lengths, counts beyond `bits`, a rate that
/// is none.
Result<std::string> encode_flac(const Waveform& waveform);

/// Writes it whole or not at all; errors also as replace_file().
Result<void> write_flac(const std::filesystem::path& file, const Waveform& waveform);

/// Takes samples of all channels side by side; false: no more.
using FlacFrameSink = std::function<bool(std::span<const std::int32_t* const> channels, std::size_t samples)>;

/// Hands on the samples of a whole file, frame by frame, and nothing that its tags say. Errors: as decode_flac(), and
/// Errc::aborted where the sink wants no more.
Result<void> for_each_flac_frame(std::string_view file, const FlacFrameSink& sink);

/// Reads what encode_flac() or any other encoder wrote. Frames with a wrong checksum, a file that ends before all its
/// samples came, and a wrong MD5 of all samples are Errc::bad_data; what is no FLAC or lacks sampling rate or scale is
/// Errc::usage.
/// @param begin  bytes that were taken off the source already.
Result<Waveform> decode_flac(std::string_view begin, const ByteSource& source);

}  // namespace penrig
