#pragma once

#include <optional>

#include "rig/spec/load.hpp"

namespace penrig::cli {

/// What the plan's sample stream needs on the wire, in bytes a second, framing included: an estimate from the sample
/// codec's usual 1.15 bytes a sample for force and position, and next to nothing for a stage that stands.
double stream_bytes_per_s(const Plan& plan);

/// The mistake of asking a tty for more than 80 % of what its baud rate carries (8N1: ten bits a byte). None for
/// pseudo-terminals and USB CDC (ttyACM), where a baud rate means nothing.
/// @param rig_text, rig_file  for the place to show.
std::optional<Mistake> check_capacity(const Plan& plan, const SlotDescription& slot, std::string_view rig_text,
                                      const std::string& rig_file);

}  // namespace penrig::cli
