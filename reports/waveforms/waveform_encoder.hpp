#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "reports/waveforms/waveform_tags.hpp"
#include "rig/base/seen_counts.hpp"

namespace penrig {

/// Where the bytes of a waveform file go. The encoder comes back to its head when the sums are known.
class WaveformOutput {
 public:
  virtual ~WaveformOutput() = default;
  /// False: no more can be written; the encoder stops.
  virtual bool write(std::string_view bytes) = 0;
  virtual bool seek(std::uint64_t offset) = 0;
  /// All that was written; the output is empty then, and goes on from its start. Nothing: it cannot be read back.
  virtual std::optional<std::string> take_back() = 0;
};

struct WaveformFormat {
  std::size_t channels = 1;
  int bits = 24;
  double sample_rate_hz = 0;  ///< for players; the tag says the rate
  WaveformTags tags{};
  std::size_t more_tags_bytes = 0;     ///< room for tags that only finish() brings; 0: none come
  std::uint64_t samples_estimate = 0;  ///< a channel; 0: unknown
};

/// What one channel brings: counts, and the bytes that they came in (rig/base/sample_codec.hpp); empty: none.
struct ChannelBlock {
  SeenCounts seen;
  std::span<const std::byte> packed{};
};

/// A waveform file that grows. Lossless; which bytes come out is a function of what comes and of the format alone, and
/// of process() it is the same however the samples are cut.
class WaveformEncoder {
 public:
  virtual ~WaveformEncoder() = default;
  /// One span a channel, all of one length, every count within the format's bits. False: the output failed, or the
  /// format cannot be (the names of tags, too many channels).
  virtual bool process(std::span<const std::int32_t* const> channels, std::size_t samples) = 0;
  /// The same of samples that may have come packed: who keeps them so need not pack them again.
  virtual bool process_block(std::span<const ChannelBlock> channels);
  /// Writes what is left, the sums, and tags that were not known before. Nothing may come afterwards.
  virtual bool finish(const WaveformTags& more) = 0;
};

}  // namespace penrig
