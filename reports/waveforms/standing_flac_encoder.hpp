#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "reports/waveforms/flac_encoder.hpp"
#include "reports/waveforms/waveform_encoder.hpp"

namespace penrig {

/// FLAC of which the last channel is a number among the tags, CHANNEL<n>_STANDS_AT, as long as it stands: a third of
/// what is encoded and summed up says nothing else. Should it move after all, what was written is read back and written
/// anew with all channels; which bytes come out stays a function of samples and format.
class StandingFlacEncoder final : public WaveformEncoder {
 public:
  /// @param format     of all channels, two or more.
  /// @param stands_at  the last one's first count.
  /// @param output     outlives the encoder.
  StandingFlacEncoder(WaveformFormat format, std::int32_t stands_at, WaveformOutput& output);

  bool process(std::span<const std::int32_t* const> channels, std::size_t samples) override;
  bool finish(const WaveformTags& more) override { return encoder_->finish(more); }

 private:
  bool write_all_channels();

  const WaveformFormat format_;
  const std::int32_t stands_at_;
  WaveformOutput& output_;
  std::unique_ptr<FlacEncoder> encoder_;
  bool stands_ = true;
  std::uint64_t samples_ = 0;
};

}  // namespace penrig
