#include "reports/waveforms/waveform_encoder.hpp"

#include <algorithm>
#include <array>

#include "reports/waveforms/waveform.hpp"

namespace penrig {

bool WaveformEncoder::process_block(std::span<const ChannelBlock> channels) {
  std::array<const std::int32_t*, kMostWaveformChannels> at{};
  if (channels.empty() || channels.size() > at.size()) return false;
  std::ranges::transform(channels, at.begin(), [](const ChannelBlock& channel) { return channel.seen.counts.data(); });
  return process(std::span(at).first(channels.size()), channels.front().seen.counts.size());
}

}  // namespace penrig
