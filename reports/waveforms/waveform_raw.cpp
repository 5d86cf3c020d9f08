#include "reports/waveforms/waveform_raw.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "reports/waveforms/count_range.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kPartBytes = std::size_t{1} << 12U;
constexpr std::size_t kLeastHeld = std::size_t{64} << 10U;  ///< a touch, or a short setting
constexpr std::size_t kFlushBytes = std::size_t{256} << 10U;
constexpr std::size_t kMostText = std::size_t{64} << 10U;  ///< bytes of head or tail
constexpr std::size_t kMostChannels = 8;
constexpr std::size_t kSampleDigits = 20;

/// A line of its own: what would end it becomes a blank.
void append_line(std::string& text, const std::string& name, std::string value) {
  std::ranges::replace_if(
      value, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text.append(name).append("=").append(value).append("\n");
}

void put_count(char* to, std::int32_t count) {
  const auto word = static_cast<std::uint32_t>(count);
  to[0] = static_cast<char>(word & 0xFFU);
  to[1] = static_cast<char>((word >> 8U) & 0xFFU);
  to[2] = static_cast<char>((word >> 16U) & 0xFFU);
  to[3] = static_cast<char>(word >> 24U);
}

std::int32_t count_at(const char* from) {
  const auto byte = [from](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(from[i])} << (8 * i); };
  return static_cast<std::int32_t>(byte(0) | byte(1) | byte(2) | byte(3));
}

/// Bytes that were read and not used yet, and how more of them come.
class Reader {
 public:
  /// begin: outlives this; of it nothing is copied that is used before more is read.
  Reader(std::string_view begin, const ByteSource& source) : held_(begin), source_(source) {}

  std::string_view held() const { return held_; }
  void drop(std::size_t bytes) { held_.remove_prefix(bytes); }
  /// Reads on; false: that was the end, or error() is set.
  bool more() {
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
  const std::optional<Error>& error() const { return error_; }

 private:
  std::string kept_;
  std::string_view held_;
  const ByteSource& source_;
  std::optional<Error> error_;
};

/// "NAME=VALUE" a line.
std::optional<Error> take_lines(std::string_view text, Errc code, std::map<std::string, std::string>& tags) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t equals = line.find('=');
    if (line.size() == text.size() || equals == std::string_view::npos || equals == 0) {
      return fail(code, fmt::format("a line of its text is no NAME=VALUE: '{}'", shown(std::string(line), 40)));
    }
    tags.emplace(line.substr(0, equals), line.substr(equals + 1));
    text.remove_prefix(line.size() + 1);
  }
  return std::nullopt;
}

/// A whole number of the head; nothing if it is none, or is not within least and most.
std::optional<std::uint64_t> whole(const std::map<std::string, std::string>& tags, const char* name,
                                   std::uint64_t least, std::uint64_t most) {
  const auto found = tags.find(name);
  if (found == tags.end()) return std::nullopt;
  const std::string& text = found->second;
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

/// The head, without its magic and its empty line; nothing if it does not end.
std::optional<std::string> take_head(Reader& reader) {
  if (!reader.held().starts_with(kRawMagic)) return std::nullopt;
  for (;;) {
    const std::size_t end = reader.held().substr(0, kMostText).find("\n\n");
    if (end != std::string_view::npos) {
      std::string head(reader.held().substr(0, end + 1));
      reader.drop(end + 2);
      return head.substr(kRawMagic.size());
    }
    if (reader.held().size() >= kMostText || !reader.more()) return std::nullopt;
  }
}

/// Fills the channels, `samples` each.
std::optional<Error> take_counts(Reader& reader, std::uint64_t samples, Waveform& waveform) {
  const std::size_t instant = kCountBytes * waveform.channels.size();
  const std::int32_t most = (1 << (waveform.bits - 1)) - 1;
  for (std::uint64_t at = 0; at < samples;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(samples - at, reader.held().size() / instant));
    if (n == 0) {
      if (reader.more()) continue;
      if (reader.error()) return reader.error();
      return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} of its {} samples", at, samples));
    }
    for (std::size_t c = 0; c < waveform.channels.size(); ++c) {
      std::vector<std::int32_t>& counts = waveform.channels[c].counts;
      const std::size_t had = counts.size();
      counts.resize(had + n);
      const std::span<std::int32_t> into = std::span(counts).subspan(had);
      const char* from = reader.held().data() + kCountBytes * c;
      for (std::int32_t& count : into) {
        count = count_at(from);
        from += instant;
      }
      if (all_within(into, most)) continue;
      const auto beyond = std::ranges::find_if(counts, [&](std::int32_t x) { return x > most || x < -most - 1; });
      return fail(Errc::bad_data, fmt::format("sample {} of channel {} is {} counts, {} bits end at {}",
                                              beyond - counts.begin(), c, *beyond, waveform.bits, most));
    }
    reader.drop(n * instant);
    at += n;
  }
  return std::nullopt;
}

}  // namespace

RawEncoder::RawEncoder(const WaveformFormat& format, WaveformOutput& output)
    : output_(output), channels_(format.channels), held_(kRawMagic) {
  for (const auto& [name, value] : format.tags) append_line(held_, name, value);
  append_line(held_, "CHANNELS", fmt::to_string(format.channels));
  append_line(held_, "BITS", fmt::to_string(format.bits));
  held_ += "SAMPLES=";
  samples_at_ = held_.size();
  held_.append(kSampleDigits, '0').append("\n\n");
}

bool RawEncoder::process(std::span<const std::int32_t* const> channels, std::size_t samples) {
  if (channels.size() != channels_) return false;
  const std::size_t instant = kCountBytes * channels_;
  held_.reserve(std::max(held_.size() + samples * instant, kLeastHeld));  // most files fit without growing again
  std::array<char, kPartBytes> part;  // NOLINT(cppcoreguidelines-pro-type-member-init): written at once
  for (std::size_t done = 0; done < samples;) {
    const std::size_t n = std::min(samples - done, part.size() / instant);
    for (std::size_t c = 0; c < channels_; ++c) {
      char* to = part.data() + kCountBytes * c;
      for (std::size_t i = done; i < done + n; ++i, to += instant) put_count(to, channels[c][i]);
    }
    held_.append(part.data(), n * instant);
    done += n;
  }
  samples_ += samples;
  return held_.size() < kFlushBytes || flush();
}

bool RawEncoder::flush() {
  const bool good = output_.write(held_);
  written_ += held_.size();
  held_.clear();
  return good;
}

bool RawEncoder::finish(const WaveformTags& more) {
  for (const auto& [name, value] : more) append_line(held_, name, value);
  const std::string digits = fmt::format("{:0{}}", samples_, kSampleDigits);
  if (written_ == 0) {
    held_.replace(static_cast<std::size_t>(samples_at_), kSampleDigits, digits);
    return flush();
  }
  return flush() && output_.seek(samples_at_) && output_.write(digits);
}

Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source) {
  Reader reader(begin, source);
  const std::optional<std::string> head = take_head(reader);
  if (reader.error()) return *reader.error();
  if (!head) return fail(Errc::usage, "this is no raw waveform, or its head does not end");
  std::map<std::string, std::string> tags;
  if (const auto error = take_lines(*head, Errc::usage, tags)) return *error;
  const auto channels = whole(tags, "CHANNELS", 1, kMostChannels), bits = whole(tags, "BITS", 16, 24);
  const auto samples = whole(tags, "SAMPLES", 0, kMostWaveformSamples);
  if (!channels || !bits || !samples) {
    return fail(Errc::usage, fmt::format("its head must say CHANNELS (1 to {}), BITS (16 to 24) and SAMPLES (up to {})",
                                         kMostChannels, kMostWaveformSamples));
  }
  if (*samples == 0) return fail(Errc::usage, "the file holds no samples");
  Waveform waveform;
  waveform.bits = static_cast<int>(*bits);
  waveform.channels.resize(static_cast<std::size_t>(*channels));
  // The head may claim anything: memory is taken for what a file of this kind usually holds, the rest as it comes.
  for (WaveformChannel& channel : waveform.channels) {
    channel.counts.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*samples, 8'000'000)));
  }
  if (const auto error = take_counts(reader, *samples, waveform)) return *error;
  while (reader.held().size() <= kMostText && reader.more()) {
  }
  if (reader.error()) return *reader.error();
  if (reader.held().size() > kMostText) return fail(Errc::bad_data, "there is more behind its samples than tags");
  if (const auto error = take_lines(reader.held(), Errc::bad_data, tags)) return *error;
  if (const auto error = apply_tags(tags, waveform)) return *error;
  if (!(waveform.sample_rate_hz > 0)) return fail(Errc::usage, "its head does not say SAMPLE_RATE_HZ");
  return waveform;
}

}  // namespace penrig
