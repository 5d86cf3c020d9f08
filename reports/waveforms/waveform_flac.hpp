#pragma once

#include <filesystem>
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

/// Reads what encode_flac() or any other encoder wrote. Frames with a wrong checksum, a file that ends before all its
/// samples came, and a wrong MD5 of all samples are Errc::bad_data; what is no FLAC or lacks sampling rate or scale is
/// Errc::usage.
/// @param begin  bytes that were taken off the source already.
Result<Waveform> decode_flac(std::string_view begin, const ByteSource& source);

}  // namespace penrig
