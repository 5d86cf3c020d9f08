#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "rig/record/waveform_record.hpp"

namespace penrig {

/// Folder of the waveforms beneath a folder of records, and of files that are being written: what is left there when no
/// run is being recorded was never named by a record, and may go.
std::filesystem::path waveform_folder(const std::filesystem::path& records);
std::filesystem::path incoming_folder(const std::filesystem::path& records);

inline constexpr std::string_view kTraceSuffix = ".pcapng";
/// ".flac", ".raw".
std::string suffix_of(WaveformForm form);

/// Where the file with this SHA-256 lies beneath the folder of records: "waveforms/3f/3fa9....flac".
/// @param sha256  64 lower-case hex digits.
/// @param suffix  of a waveform's form, or kTraceSuffix: a trace of the links, which lies beside the waveforms.
std::filesystem::path waveform_path(std::string_view sha256, std::string_view suffix);

std::filesystem::path waveform_path(const WaveformRecord& waveform);

}  // namespace penrig
