#include "reports/waveforms/decode_waveform.hpp"

#include <algorithm>

#include "reports/waveforms/waveform_flac.hpp"
#include "reports/waveforms/waveform_raw.hpp"

namespace penrig {

static_assert(kWaveformMagicBytes == kRawMagic.size() && kWaveformMagicBytes == kRawMagicOfSecond.size() &&
              kWaveformMagicBytes == kRawMagicOfFirst.size());

std::optional<WaveformForm> waveform_form(std::string_view begin) {
  if (begin.starts_with("fLaC")) return WaveformForm::flac;
  if (is_raw(begin)) return WaveformForm::raw;
  return std::nullopt;
}

Result<Waveform> decode_waveform(std::string_view begin, const ByteSource& source) {
  return waveform_form(begin) == WaveformForm::raw ? decode_raw(begin, source) : decode_flac(begin, source);
}

Result<Waveform> decode_waveform(std::string_view file) {
  if (waveform_form(file) == WaveformForm::raw)
    return decode_raw(file, bytes_of(std::string_view()));  // nothing is copied
  const std::size_t magic = std::min(file.size(), kWaveformMagicBytes);
  return decode_waveform(file.substr(0, magic), bytes_of(file.substr(magic)));
}

}  // namespace penrig
