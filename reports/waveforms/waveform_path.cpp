#include "reports/waveforms/waveform_path.hpp"

#include <string>

namespace penrig {

namespace {
constexpr const char* kFolder = "waveforms";
}

std::filesystem::path waveform_folder(const std::filesystem::path& records) { return records / kFolder; }

std::filesystem::path incoming_folder(const std::filesystem::path& records) {
  return waveform_folder(records) / "incoming";
}

std::string suffix_of(WaveformForm form) { return std::string(".") + name_of(form); }

std::filesystem::path waveform_path(const WaveformRecord& waveform) {
  return waveform_path(waveform.sha256, suffix_of(waveform.form));
}

std::filesystem::path waveform_path(std::string_view sha256, std::string_view suffix) {
  return std::filesystem::path(kFolder) / std::string(sha256.substr(0, 2)) /
         (std::string(sha256) + std::string(suffix));
}

}  // namespace penrig
