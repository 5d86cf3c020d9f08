#include "reports/waveforms/waveform_raw.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "reports/waveforms/raw_input.hpp"
#include "reports/waveforms/raw_of_old.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

using Tags = std::map<std::string, std::string>;

constexpr std::size_t kFlushBytes = std::size_t{32} << 10U;  ///< more than a touch or a short setting has
constexpr std::size_t kMostText = std::size_t{64} << 10U;    ///< bytes of head or tail
/// Blocks that came with fewer samples are put together: their heads would weigh more than packing them anew costs.
constexpr std::size_t kFewSamples = 128;

/// A line of its own: what would end it becomes a blank.
void append_line(std::string& text, const std::string& name, std::string value) {
  std::ranges::replace_if(
      value, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text.append(name).append("=").append(value).append("\n");
}

/// "NAME=VALUE" a line.
std::optional<Error> take_lines(std::string_view text, Errc code, Tags& tags) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t equals = line.find('=');
    if (line.size() == text.size() || equals == std::string_view::npos || equals == 0) {
      return fail(code, fmt::format("a line of its text is no NAME=VALUE: '{}'", shown(std::string(line), 40)));
    }
    if (auto twice = take_tag(tags, std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))))
      return twice;
    text.remove_prefix(line.size() + 1);
  }
  return std::nullopt;
}

/// A whole number of the head; nothing if it is none, or is not within least and most.
std::optional<std::uint64_t> whole(const Tags& tags, const char* name, std::uint64_t least, std::uint64_t most) {
  const auto found = tags.find(name);
  if (found == tags.end()) return std::nullopt;
  const std::string& text = found->second;
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

/// The head, without its magic and its empty line; nothing if it does not end.
std::optional<std::string> take_head(RawInput& input) {
  if (!is_raw(input.held())) return std::nullopt;
  for (;;) {
    const std::size_t end = input.held().substr(0, kMostText).find("\n\n");
    if (end != std::string_view::npos) {
      std::string head(input.held().substr(0, end + 1));
      input.drop(end + 2);
      return head.substr(kRawMagic.size());
    }
    if (input.held().size() >= kMostText || !input.more()) return std::nullopt;
  }
}

/// The lines behind the samples, up to the end of the file.
std::optional<Error> take_tail(RawInput& input, Tags& tags) {
  while (input.held().size() <= kMostText && input.more()) {
  }
  if (input.error()) return input.error();
  if (input.held().size() > kMostText) return fail(Errc::bad_data, "there is more behind its samples than tags");
  return take_lines(input.held(), Errc::bad_data, tags);
}

/// What is behind the head, of the first version.
std::optional<Error> take_rest_of_first(RawInput& input, Tags& tags, Waveform& waveform) {
  const auto samples = whole(tags, "SAMPLES", 0, kMostWaveformSamples);
  if (!samples) {
    return fail(Errc::usage, fmt::format("its head must say SAMPLES (up to {})", kMostWaveformSamples));
  }
  if (*samples == 0) return fail(Errc::usage, "the file holds no samples");
  // The head may claim anything: memory is taken for what a file of this kind usually holds, the rest as it comes.
  for (WaveformChannel& channel : waveform.channels) {
    channel.counts.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*samples, 8'000'000)));
  }
  if (auto error = take_raw_counts(input, *samples, waveform)) return error;
  return take_tail(input, tags);
}

/// What is behind the head, of the versions after it.
std::optional<Error> take_rest(RawInput& input, bool is_second, Tags& tags, Waveform& waveform) {
  if (auto error = is_second ? take_raw_pieces(input, waveform) : take_raw_blocks(input, waveform)) return error;
  const std::size_t samples = waveform.channels.front().counts.size();
  Tags tail;
  if (auto error = take_tail(input, tail)) return error;
  const auto said = whole(tail, "SAMPLES", 0, kMostWaveformSamples);
  if (!said) return fail(Errc::bad_data, "the file is cut off: it does not end with SAMPLES");
  if (*said != samples) {
    return fail(Errc::bad_data, fmt::format("it holds {} samples and says that it has {}", samples, *said));
  }
  if (samples == 0) return fail(Errc::usage, "the file holds no samples");
  for (auto& [name, value] : tail) {
    if (auto twice = take_tag(tags, name, std::move(value))) return twice;
  }
  return std::nullopt;
}

}  // namespace

bool is_raw(std::string_view begin) {
  return begin.starts_with(kRawMagic) || begin.starts_with(kRawMagicOfSecond) || begin.starts_with(kRawMagicOfFirst);
}

RawEncoder::RawEncoder(const WaveformFormat& format, WaveformOutput& output)
    : output_(output), channels_(format.channels), held_(kRawMagic) {
  for (const auto& [name, value] : format.tags) append_line(held_, name, value);
  append_line(held_, "CHANNELS", fmt::to_string(format.channels));
  append_line(held_, "BITS", fmt::to_string(format.bits));
  held_ += "\n";
}

bool RawEncoder::process(std::span<const std::int32_t* const> channels, std::size_t samples) {
  if (channels.size() != channels_.size() || channels.empty() || channels.size() > kMostWaveformChannels) return false;
  for (std::size_t done = 0; done < samples;) {
    const std::size_t left = samples - done;
    if (begun_samples_ == 0 && left >= kMaxBlockSamples) {  // from where they are
      pack_block(channels, done, kMaxBlockSamples);
      done += kMaxBlockSamples;
    } else {
      if (begun_.empty()) begun_.resize(channels.size() * kMaxBlockSamples);
      const std::size_t n = std::min(left, kMaxBlockSamples - begun_samples_);
      for (std::size_t c = 0; c < channels.size(); ++c)
        std::copy_n(channels[c] + done, n, begun_.data() + c * kMaxBlockSamples + begun_samples_);
      begun_samples_ += n;
      done += n;
      if (begun_samples_ == kMaxBlockSamples) put_begun();
    }
    if (held_.size() >= kFlushBytes && !flush()) return false;
  }
  return true;
}

bool RawEncoder::process_block(std::span<const ChannelBlock> channels) {
  if (channels.size() != channels_.size() || channels.empty()) return false;
  const std::size_t samples = channels.front().seen.counts.size();
  const bool keeps = samples >= kFewSamples && samples <= kMaxBlockSamples && !channels.front().packed.empty();
  if (!keeps) return WaveformEncoder::process_block(channels);
  put_begun();
  if (held_.size() >= kFlushBytes && !flush()) return false;
  put_block(channels);
  return held_.size() < kFlushBytes || flush();
}

void RawEncoder::put_block(std::span<const ChannelBlock> channels) {
  // It never grows again: what is held now is less than what is written at once.
  held_.reserve(std::max(held_.size(), kFlushBytes) + kRawNumberBytes +
                channels.size() * (kRawNumberBytes + kMaxPackedBytes));
  append_raw_block(channels_, channels, held_);
  samples_ += channels.front().seen.counts.size();
}

void RawEncoder::pack_block(std::span<const std::int32_t* const> channels, std::size_t from, std::size_t samples) {
  std::vector<ChannelBlock> block;
  for (const std::int32_t* channel : channels)
    block.push_back({std::span<const std::int32_t>(channel + from, samples)});
  put_block(block);
}

void RawEncoder::put_begun() {
  if (begun_samples_ == 0) return;
  std::array<const std::int32_t*, kMostWaveformChannels> channels{};
  for (std::size_t c = 0; c < channels_.size(); ++c) channels[c] = begun_.data() + c * kMaxBlockSamples;
  pack_block(std::span(channels).first(channels_.size()), 0, std::exchange(begun_samples_, 0));
}

bool RawEncoder::flush() {
  const bool good = output_.write(held_);
  held_.clear();
  return good;
}

bool RawEncoder::finish(const WaveformTags& more) {
  put_begun();
  append_end_of_raw_blocks(held_);
  for (const auto& [name, value] : more) append_line(held_, name, value);
  append_line(held_, "SAMPLES", fmt::to_string(samples_));  // last: where it is, nothing is cut off
  return flush();
}

Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source) {
  RawInput input(begin, source);
  const std::optional<std::string> head = take_head(input);
  if (input.error()) return *input.error();
  if (!head) return fail(Errc::usage, "this is no raw waveform, or its head does not end");
  Tags tags;
  if (const auto error = take_lines(*head, Errc::usage, tags)) return *error;
  const auto channels = whole(tags, "CHANNELS", 1, kMostWaveformChannels), bits = whole(tags, "BITS", 16, 24);
  if (!channels || !bits)
    return fail(Errc::usage,
                fmt::format("its head must say CHANNELS (1 to {}) and BITS (16 to 24)", kMostWaveformChannels));
  Waveform waveform;
  waveform.bits = static_cast<int>(*bits);
  waveform.channels.resize(static_cast<std::size_t>(*channels));
  const bool is_first = begin.starts_with(kRawMagicOfFirst), is_second = begin.starts_with(kRawMagicOfSecond);
  const auto error = is_first ? take_rest_of_first(input, tags, waveform) : take_rest(input, is_second, tags, waveform);
  if (error) return *error;
  if (const auto error = apply_tags(tags, waveform)) return *error;
  if (!(waveform.sample_rate_hz > 0)) return fail(Errc::usage, "its head does not say SAMPLE_RATE_HZ");
  return waveform;
}

}  // namespace penrig
