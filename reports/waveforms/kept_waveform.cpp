#include "reports/waveforms/kept_waveform.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "reports/digest.hpp"
#include "reports/waveforms/decode_waveform.hpp"
#include "reports/waveforms/waveform_path.hpp"

namespace penrig {

namespace {
/// A record may say anything of a file.
constexpr std::uint64_t kLeastAtOnce = 16U << 10U, kMostAtOnce = 16U << 20U;
}  // namespace

WaveformSource waveforms_in(std::filesystem::path records) {
  return [records = std::move(records)](const WaveformRecord& waveform) -> Result<std::string> {
    const std::filesystem::path file = records / waveform_path(waveform);
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(Errc::bad_data, fmt::format("{}: is not there, or cannot be read", file.string()));
    std::string bytes;
    const auto most = static_cast<std::size_t>(std::clamp(waveform.bytes + 1, kLeastAtOnce, kMostAtOnce));
    while (in.good()) {
      const std::size_t had = bytes.size();
      bytes.resize(had + most);  // one more than there should be: the end is seen at the first reading
      in.read(bytes.data() + had, static_cast<std::streamsize>(most));
      bytes.resize(had + static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad()) return fail(Errc::bad_data, fmt::format("{}: cannot be read", file.string()));
    return bytes;
  };
}

Result<Capture> kept_capture(const WaveformRecord& waveform, std::string_view file) {
  const auto refuse = [&](const std::string& why) {
    return fail(Errc::bad_data, fmt::format("{}: {}", waveform_path(waveform).generic_string(), why));
  };
  const std::string sha256 = sha256_hex(file);
  if (sha256 != waveform.sha256) {
    return refuse(fmt::format("its bytes have the SHA-256 {}: they are not those that were recorded", sha256));
  }
  Result<Waveform> decoded = decode_waveform(file);
  if (!decoded) return refuse(decoded.error().message);
  constexpr std::array<const char*, 3> kChannels{"force", "position", "stage"};
  if (decoded->channels.size() != kChannels.size()) {
    return refuse(fmt::format("it holds {} channels, a capture has {}", decoded->channels.size(), kChannels.size()));
  }
  for (std::size_t i = 0; i < kChannels.size(); ++i) {
    const WaveformChannel& channel = decoded->channels[i];
    if (channel.name != kChannels[i]) {
      return refuse(fmt::format("its channel {} is '{}', expected '{}'", i, channel.name, kChannels[i]));
    }
    if (channel.counts.size() != waveform.samples) {
      return refuse(fmt::format("it holds {} samples, the record says {}", channel.counts.size(), waveform.samples));
    }
  }
  std::uint64_t end = 0;
  for (const WaveformPart& part : waveform.parts) {
    if (part.samples == 0 || part.first_sample < end || part.first_sample > waveform.samples ||
        part.samples > waveform.samples - part.first_sample) {
      return refuse(
          fmt::format("a part of {} samples from sample {} on does not lie behind sample {} and within its {}",
                      part.samples, part.first_sample, end, waveform.samples));
    }
    end = part.first_sample + part.samples;
  }
  Capture capture;
  capture.first_tick = waveform.first_tick;
  capture.ticks_per_sample = waveform.ticks_per_sample;
  capture.force = std::move(decoded->channels[0].counts);
  capture.position = std::move(decoded->channels[1].counts);
  capture.stage = std::move(decoded->channels[2].counts);
  for (const WaveformGap& gap : waveform.gaps) {
    capture.gaps.push_back({static_cast<std::size_t>(gap.before_sample), gap.reason});
  }
  return capture;
}

}  // namespace penrig
