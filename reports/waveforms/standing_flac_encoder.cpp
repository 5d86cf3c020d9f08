#include "reports/waveforms/standing_flac_encoder.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reports/waveforms/waveform_flac.hpp"

namespace penrig {
namespace {

WaveformFormat without_last(WaveformFormat format, std::int32_t stands_at) {
  --format.channels;
  format.tags.emplace_back(standing_tag(format.channels), fmt::to_string(stands_at));
  return format;
}

bool all_are(const std::int32_t* counts, std::size_t n, std::int32_t value) {
  std::uint32_t differ = 0;
  for (std::size_t i = 0; i < n; ++i) differ |= static_cast<std::uint32_t>(counts[i] ^ value);
  return differ == 0;
}

}  // namespace

StandingFlacEncoder::StandingFlacEncoder(WaveformFormat format, std::int32_t stands_at, WaveformOutput& output)
    : format_(std::move(format)),
      stands_at_(stands_at),
      output_(output),
      encoder_(std::make_unique<FlacEncoder>(without_last(format_, stands_at), output)) {}

bool StandingFlacEncoder::process(std::span<const std::int32_t* const> channels, std::size_t samples) {
  if (stands_ && !all_are(channels.back(), samples, stands_at_) && !write_all_channels()) return false;
  samples_ += samples;
  return encoder_->process(stands_ ? channels.first(channels.size() - 1) : channels, samples);
}

bool StandingFlacEncoder::write_all_channels() {
  if (!encoder_->finish({})) return false;
  const std::optional<std::string> narrow = output_.take_back();
  if (!narrow) return false;
  stands_ = false;
  encoder_ = std::make_unique<FlacEncoder>(format_, output_);
  if (samples_ == 0) return encoder_->good();
  std::vector<std::int32_t> last;
  std::vector<const std::int32_t*> all(format_.channels);
  const Result<void> again =
      for_each_flac_frame(*narrow, [&](std::span<const std::int32_t* const> channels, std::size_t n) {
        last.resize(n, stands_at_);
        std::ranges::copy(channels, all.begin());
        all.back() = last.data();
        return encoder_->process(all, n);
      });
  return bool(again);
}

}  // namespace penrig
