#pragma once

#include <cstdint>
#include <optional>

#include "reports/waveforms/raw_input.hpp"
#include "reports/waveforms/waveform.hpp"

namespace penrig {

/// Of the first version: fills the channels with counts as they stand, instant after instant, `samples` each.
std::optional<Error> take_raw_counts(RawInput& input, std::uint64_t samples, Waveform& waveform);

/// Of the second version: fills the channels with what the pieces hold, and takes the mark of their end.
std::optional<Error> take_raw_pieces(RawInput& input, Waveform& waveform);

}  // namespace penrig
