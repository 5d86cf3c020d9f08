#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// A FLAC stream that grows; the tags are its Vorbis comments.
class FlacEncoder final : public WaveformEncoder {
 public:
  /// output outlives the encoder.
  FlacEncoder(const WaveformFormat& format, WaveformOutput& output);
  ~FlacEncoder() override;
  FlacEncoder(const FlacEncoder&) = delete;
  FlacEncoder& operator=(const FlacEncoder&) = delete;

  bool good() const;
  bool process(std::span<const std::int32_t* const> channels, std::size_t samples) override;
  bool finish(const WaveformTags& more) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig
