#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  std::string gaps;         ///< where samples were lost, as a run writes it; empty: nowhere
  std::string unchecked;    ///< what its file does not say, and so was not held against its samples; empty: nothing
  std::vector<WaveformChannel> channels;
  int bits = 24;  ///< a sample: 16 or 24
};

inline constexpr std::size_t kMostWaveformChannels = 8;
/// The most samples a channel that a file is read for; it may claim anything.
inline constexpr std::uint64_t kMostWaveformSamples = 200'000'000;

}  // namespace penrig
