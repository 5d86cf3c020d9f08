#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <FLAC/stream_encoder.h>

#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"

// What benches of codec and waveforms work on, and FLAC itself on the same samples.

namespace penrig {

struct PenCounts {
  std::vector<std::int32_t> force, position, stage;
};

/// Standard deviations, counts.
struct CountsNoise {
  double force = 8, position = 0.8, stage = 0.5;
};

/// A pen of 3 mm at 150 strokes a second, 50 kS/s: 0.1 um and 0.2 mN a count. A needle that goes in meets 0.2 N/mm, and
/// friction of a tenth of that on its way out; the stage stands.
inline PenCounts pen_counts(std::size_t samples, const CountsNoise& noise) {
  Random random(1, "pen counts");
  const auto count = [](double value) { return static_cast<std::int32_t>(std::lround(value)); };
  PenCounts c;
  for (std::size_t i = 0; i < samples; ++i) {
    const double turns = static_cast<double>(i) * 150 / 50'000;
    const double z = 15'000 * (1 - sin_cos_turns(turns).cos);
    const double inside = z > 15'000 ? z - 15'000 : 0;
    const bool going_in = turns - std::floor(turns) < 0.5;
    c.position.push_back(count(z + noise.position * random.normal()));
    c.force.push_back(count((going_in ? 0.1 : -0.01) * inside + noise.force * random.normal()));
    c.stage.push_back(count(-40'000 + noise.stage * random.normal()));
  }
  return c;
}

/// Where libFLAC's bytes go; seek and tell may be missing.
struct FlacSink {
  FLAC__StreamEncoderWriteCallback write = nullptr;
  FLAC__StreamEncoderSeekCallback seek = nullptr;
  FLAC__StreamEncoderTellCallback tell = nullptr;
  void* client = nullptr;
};

/// A plain loop over libFLAC: channels of 24 bits at 50 kS/s.
template <std::size_t Channels>
bool encode_flac(std::array<const FLAC__int32*, Channels> channels, std::size_t samples, unsigned level,
                 const FlacSink& sink) {
  FLAC__StreamEncoder* const encoder = FLAC__stream_encoder_new();
  bool good = FLAC__stream_encoder_set_compression_level(encoder, level) &&
              FLAC__stream_encoder_set_channels(encoder, Channels) &&
              FLAC__stream_encoder_set_bits_per_sample(encoder, 24) &&
              FLAC__stream_encoder_set_sample_rate(encoder, 50'000) &&
              FLAC__stream_encoder_init_stream(encoder, sink.write, sink.seek, sink.tell, nullptr, sink.client) ==
                  FLAC__STREAM_ENCODER_INIT_STATUS_OK;
  good = good && FLAC__stream_encoder_process(encoder, channels.data(), static_cast<unsigned>(samples));
  good = FLAC__stream_encoder_finish(encoder) && good;
  FLAC__stream_encoder_delete(encoder);
  return good;
}

}  // namespace penrig
