#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "rig/base/result.hpp"
#include "rig/measure/capture.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

/// The bytes of a waveform's file, wherever it lies: a folder of records, a bundle, an archive. Errc::bad_data: it is
/// not there or cannot be read; the message names the file.
using WaveformSource = std::function<Result<std::string>(const WaveformRecord&)>;

/// Files beneath a folder of records.
WaveformSource waveforms_in(std::filesystem::path records);

/// The samples that a record names, as they came: counts, ticks and gaps. Errc::bad_data, naming the file and what was
/// found: bytes with another SHA-256, no FLAC, other channels or another number of samples than the record says, parts
/// that do not follow each other within them.
Result<Capture> kept_capture(const WaveformRecord& waveform, std::string_view file);

}  // namespace penrig
