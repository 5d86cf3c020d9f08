#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/waveforms/waveform.hpp"
#include "rig/base/result.hpp"

namespace penrig {

/// Names and values, in order, as reports/CAPTURES.md lists them.
using WaveformTags = std::vector<std::pair<std::string, std::string>>;

/// The shortest text that reads back as the same number.
std::string exact_text(double value);

/// "CHANNEL0_NAME", "CHANNEL0_UNIT" and so on.
void append_channel_tags(WaveformTags& tags, std::size_t channel, const std::string& name, const std::string& unit,
                         double scale, double offset);

/// "CHANNEL2_STANDS_AT": the tag of a channel that stands, in place of its counts.
std::string standing_tag(std::size_t channel);

/// Adds the channels behind those of a file that tags say to stand; eight in all, at most.
/// @param tags  names in capitals.
/// @return Errc::usage: a count is none that `bits` hold.
std::optional<Error> add_standing_channels(const std::map<std::string, std::string>& tags, Waveform& waveform);

/// Takes one more tag of a file.
/// @param name  in capitals.
/// @return Errc::usage: it is one that is read, and stands there already with another value.
std::optional<Error> take_tag(std::map<std::string, std::string>& tags, std::string name, std::string value);

/// All that a waveform says of itself.
WaveformTags tags_of(const Waveform& waveform);

/// Fills in what the tags say; the channels are there already. A rate that no tag says stays as it is.
/// @param tags  names in capitals.
/// @return Errc::usage: a rate or a scale is no number, or is missing where the channel has a name.
std::optional<Error> apply_tags(const std::map<std::string, std::string>& tags, Waveform& waveform);

}  // namespace penrig
