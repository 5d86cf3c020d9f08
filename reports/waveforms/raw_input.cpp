#include "reports/waveforms/raw_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "reports/waveforms/waveform.hpp"

namespace penrig {

bool RawInput::more() {
  std::array<char, std::size_t{1} << 14U> part;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into at once
  const Result<std::size_t> got = source_(part.data(), part.size());
  if (!got) {
    error_ = got.error();
    return false;
  }
  if (*got == 0) return false;
  std::string joined;
  joined.reserve(held_.size() + *got);
  joined.append(held_).append(part.data(), *got);
  kept_ = std::move(joined);
  held_ = kept_;
  return true;
}

Error RawInput::cut_off(std::size_t samples) const {
  if (error_) return *error_;
  return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} samples and no end", samples));
}

Error beyond_bits(std::span<const std::int32_t> counts, std::uint64_t first_sample, std::size_t channel, int bits) {
  const std::int32_t most = most_counts(bits);
  const auto found = std::ranges::find_if(counts, [&](std::int32_t x) { return x > most || x < -most - 1; });
  return fail(Errc::bad_data, fmt::format("sample {} of channel {} is {} counts, {} bits end at {}",
                                          first_sample + static_cast<std::uint64_t>(found - counts.begin()), channel,
                                          *found, bits, most));
}

Error too_many_samples() {
  return fail(Errc::usage, fmt::format("more than {} samples a channel (cut the file)", kMostWaveformSamples));
}

}  // namespace penrig
