#include "reports/waveforms/waveform_tags.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

std::optional<double> tag_number(const std::map<std::string, std::string>& tags, const std::string& name,
                                 std::optional<Error>& error) {
  const auto found = tags.find(name);
  if (found == tags.end()) return std::nullopt;
  const std::string& text = found->second;
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    error = fail(Errc::usage, fmt::format("the tag {} is no number: '{}'", name, shown(text)));
    return std::nullopt;
  }
  return value;
}

std::string tag_text(const std::map<std::string, std::string>& tags, const std::string& name) {
  const auto found = tags.find(name);
  return found == tags.end() ? "" : found->second;
}

/// Others may stand as often as somebody likes: a recording has many artists.
bool is_read(std::string_view name) {
  constexpr std::array<std::string_view, 7> kRead{"SAMPLE_RATE_HZ", "START_UTC", "CALIBRATION", "GAPS",
                                                  "CHANNELS",       "BITS",      "SAMPLES"};
  return name.starts_with("CHANNEL") || std::ranges::find(kRead, name) != kRead.end();
}

}  // namespace

std::string exact_text(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

void append_channel_tags(WaveformTags& tags, std::size_t channel, const std::string& name, const std::string& unit,
                         double scale, double offset) {
  const std::string prefix = fmt::format("CHANNEL{}_", channel);
  tags.emplace_back(prefix + "NAME", name);
  tags.emplace_back(prefix + "UNIT", unit);
  tags.emplace_back(prefix + "SCALE", exact_text(scale));
  tags.emplace_back(prefix + "OFFSET", exact_text(offset));
}

std::string standing_tag(std::size_t channel) { return fmt::format("CHANNEL{}_STANDS_AT", channel); }

std::optional<Error> add_standing_channels(const std::map<std::string, std::string>& tags, Waveform& waveform) {
  if (waveform.channels.empty() || waveform.bits < 1) return std::nullopt;
  const std::size_t samples = waveform.channels.front().counts.size();
  const std::int64_t most = (std::int64_t{1} << (waveform.bits - 1)) - 1;  // a stranger's may have 32
  while (waveform.channels.size() < kMostWaveformChannels) {
    const std::string tag = standing_tag(waveform.channels.size());
    const auto found = tags.find(tag);
    if (found == tags.end()) break;
    const std::string& text = found->second;
    std::int32_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (status != std::errc{} || end != text.data() + text.size() || count > most || count < -most - 1) {
      return fail(Errc::usage, fmt::format("the tag {} is '{}', expected a count of {} bits, {} to {}", tag,
                                           shown(text), waveform.bits, -most - 1, most));
    }
    waveform.channels.emplace_back().counts.assign(samples, count);
  }
  return std::nullopt;
}

std::optional<Error> take_tag(std::map<std::string, std::string>& tags, std::string name, std::string value) {
  const auto [there, is_new] = tags.try_emplace(std::move(name), value);
  if (is_new || there->second == value || !is_read(there->first)) return std::nullopt;
  return fail(Errc::usage,
              fmt::format("the tag {} stands there twice, as '{}' and as '{}' (leave the one that is true; "
                          "in FLAC: metaflac --remove-tag={} first, then --set-tag={}=…)",
                          shown(there->first, 40), shown(there->second, 40), shown(value, 40), shown(there->first, 40),
                          shown(there->first, 40)));
}

WaveformTags tags_of(const Waveform& waveform) {
  WaveformTags tags{{"SAMPLE_RATE_HZ", exact_text(waveform.sample_rate_hz)}};
  if (!waveform.start_utc.empty()) tags.emplace_back("START_UTC", waveform.start_utc);
  if (!waveform.calibration.empty()) tags.emplace_back("CALIBRATION", waveform.calibration);
  if (!waveform.gaps.empty()) tags.emplace_back("GAPS", waveform.gaps);
  for (std::size_t i = 0; i < waveform.channels.size(); ++i) {
    const WaveformChannel& channel = waveform.channels[i];
    append_channel_tags(tags, i, channel.name, channel.unit, channel.scale, channel.offset);
  }
  return tags;
}

std::optional<Error> apply_tags(const std::map<std::string, std::string>& tags, Waveform& waveform) {
  std::optional<Error> error;
  const std::optional<double> rate = tag_number(tags, "SAMPLE_RATE_HZ", error);
  waveform.sample_rate_hz = rate.value_or(waveform.sample_rate_hz);
  if (rate && !(*rate > 0)) error = fail(Errc::usage, "the tag SAMPLE_RATE_HZ must be above 0");
  waveform.start_utc = tag_text(tags, "START_UTC");
  waveform.calibration = tag_text(tags, "CALIBRATION");
  waveform.gaps = tag_text(tags, "GAPS");
  for (std::size_t i = 0; i < waveform.channels.size(); ++i) {
    WaveformChannel& channel = waveform.channels[i];
    const std::string prefix = fmt::format("CHANNEL{}_", i);
    channel.name = tag_text(tags, prefix + "NAME");
    channel.unit = tag_text(tags, prefix + "UNIT");
    const std::optional<double> scale = tag_number(tags, prefix + "SCALE", error);
    if (!error && !channel.name.empty() && (!scale || *scale == 0)) {
      error = fail(Errc::usage,
                   fmt::format("channel {} is called {} and has no scale (write the tag {}SCALE, in the unit a count)",
                               i, shown(channel.name), prefix));
    }
    channel.scale = scale.value_or(1);
    channel.offset = tag_number(tags, prefix + "OFFSET", error).value_or(0);
  }
  return error;
}

}  // namespace penrig
