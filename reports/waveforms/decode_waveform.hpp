#pragma once

#include <optional>
#include <string_view>

#include "reports/capture/byte_source.hpp"
#include "reports/waveforms/waveform.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

/// Bytes that tell which form a waveform file has.
inline constexpr std::size_t kWaveformMagicBytes = 18;

/// Of a file that begins so; nothing: it is no waveform.
std::optional<WaveformForm> waveform_form(std::string_view begin);

/// Reads a waveform of any form that reports/CAPTURES.md describes; errors as decode_flac() and decode_raw().
/// @param begin  bytes that were taken off the source already, kWaveformMagicBytes or all there are.
Result<Waveform> decode_waveform(std::string_view begin, const ByteSource& source);

/// The same of a whole file.
Result<Waveform> decode_waveform(std::string_view file);

}  // namespace penrig
