#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "reports/waveforms/raw_input.hpp"
#include "reports/waveforms/waveform.hpp"
#include "reports/waveforms/waveform_encoder.hpp"
#include "rig/base/sample_codec.hpp"

namespace penrig {

/// Bytes of each number in the head of a block of a raw waveform file (reports/CAPTURES.md): samples of each channel,
/// at most kMaxBlockSamples; bytes of each channel, 0 where it stands on.
inline constexpr std::size_t kRawNumberBytes = 2;

/// One channel of a raw waveform file that grows.
class RawChannel {
 public:
  /// Appends its part of the next block, as it came where that goes on from the block before in this file, else packed
  /// anew; nothing where it stands as it stood.
  /// @param block  1 to kMaxBlockSamples samples.
  void append(const ChannelBlock& block, std::string& into);

 private:
  SamplePacker packer_;
};

/// Appends a block of all channels, all of one length.
void append_raw_block(std::span<RawChannel> channels, std::span<const ChannelBlock> block, std::string& into);

/// Appends the mark of the end of all blocks.
void append_end_of_raw_blocks(std::string& into);

/// Fills the channels with what the blocks hold, and takes the mark of their end.
std::optional<Error> take_raw_blocks(RawInput& input, Waveform& waveform);

}  // namespace penrig
