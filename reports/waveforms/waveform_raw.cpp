#include "reports/waveforms/waveform_raw.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "reports/waveforms/count_range.hpp"
#include "reports/waveforms/raw_piece.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig {

namespace {

using Tags = std::map<std::string, std::string>;

constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kFlushBytes = std::size_t{64} << 10U;  ///< more than a touch or a short setting has
constexpr std::size_t kMostText = std::size_t{64} << 10U;    ///< bytes of head or tail
constexpr std::size_t kPieceHeadBytes = 2;

/// A line of its own: what would end it becomes a blank.
void append_line(std::string& text, const std::string& name, std::string value) {
  std::ranges::replace_if(
      value, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text.append(name).append("=").append(value).append("\n");
}

/// How many samples a piece has; 0: there is none any more.
void append_piece_head(std::string& bytes, std::size_t samples) {
  bytes.push_back(static_cast<char>(samples & 0xFFU));
  bytes.push_back(static_cast<char>(samples >> 8U));
}

std::size_t piece_samples_at(const char* from) {
  return std::size_t{static_cast<unsigned char>(from[0])} | std::size_t{static_cast<unsigned char>(from[1])} << 8U;
}

constexpr std::int32_t most_counts(int bits) { return (1 << (bits - 1)) - 1; }

std::int32_t count_at(const char* from) {
  const auto byte = [from](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(from[i])} << (8 * i); };
  return static_cast<std::int32_t>(byte(0) | byte(1) | byte(2) | byte(3));
}

/// Bytes that were read and not used yet, and how more of them come.
class PieceReader {
 public:
  /// begin: outlives this; of it nothing is copied that is used before more is read.
  PieceReader(std::string_view begin, const ByteSource& source) : held_(begin), source_(source) {}

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
  /// Reads on until that many are held; false: as more().
  bool has(std::size_t bytes) {
    while (held_.size() < bytes) {
      if (!more()) return false;
    }
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
std::optional<std::string> take_head(PieceReader& reader) {
  if (!is_raw(reader.held())) return std::nullopt;
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

/// @param counts  of which one is beyond; the first of them is that sample of the channel.
Error beyond(std::span<const std::int32_t> counts, std::uint64_t first_sample, std::size_t channel, int bits) {
  const std::int32_t most = most_counts(bits);
  const auto found = std::ranges::find_if(counts, [&](std::int32_t x) { return x > most || x < -most - 1; });
  return fail(Errc::bad_data, fmt::format("sample {} of channel {} is {} counts, {} bits end at {}",
                                          first_sample + static_cast<std::uint64_t>(found - counts.begin()), channel,
                                          *found, bits, most));
}

/// Of the first version: fills the channels with counts as they stand, instant after instant, `samples` each.
std::optional<Error> take_counts(PieceReader& reader, std::uint64_t samples, Waveform& waveform) {
  const std::size_t instant = kCountBytes * waveform.channels.size();
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
      if (!all_within(into, most_counts(waveform.bits))) return beyond(into, at, c, waveform.bits);
    }
    reader.drop(n * instant);
    at += n;
  }
  return std::nullopt;
}

/// Samples of the whole pieces that the bytes begin with, as their heads say.
std::size_t samples_in_pieces(std::string_view bytes, std::size_t channels) {
  for (std::size_t samples = 0;;) {
    if (bytes.size() < kPieceHeadBytes) return samples;
    const std::size_t n = piece_samples_at(bytes.data());
    if (n == 0 || n > kRawPieceSamples) return samples;
    bytes.remove_prefix(kPieceHeadBytes);
    for (std::size_t c = 0; c < channels; ++c) {
      const auto part = bytes.size() < RawPart::kHeadBytes ? std::nullopt : raw_part(bytes);
      if (!part || bytes.size() < part->bytes(n)) return samples;
      bytes.remove_prefix(part->bytes(n));
    }
    samples += n;
  }
}

/// Of a piece of n samples: puts one channel's behind those that it has.
std::optional<Error> take_part(PieceReader& reader, std::size_t n, std::size_t channel, Waveform& waveform) {
  std::vector<std::int32_t>& counts = waveform.channels[channel].counts;
  const auto cut_off = [&] {
    if (reader.error()) return *reader.error();
    return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} samples and no end", counts.size()));
  };
  if (!reader.has(RawPart::kHeadBytes)) return cut_off();
  const std::optional<RawPart> part = raw_part(reader.held());
  if (!part) {
    return fail(Errc::bad_data, fmt::format("sample {} of channel {} begins a piece with differences that no file has",
                                            counts.size(), channel));
  }
  if (!reader.has(part->bytes(n))) return cut_off();
  std::array<std::int32_t, kRawPieceSamples> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into at once
  const std::span<std::int32_t> came = std::span(room).first(n);
  if (!read_raw_part(*part, reader.held(), most_counts(waveform.bits), came))
    return beyond(came, counts.size(), channel, waveform.bits);
  counts.insert(counts.end(), came.begin(), came.end());
  reader.drop(part->bytes(n));
  return std::nullopt;
}

/// Fills the channels with what the pieces hold, and takes the mark of their end.
std::optional<Error> take_pieces(PieceReader& reader, Waveform& waveform) {
  // What is here already is seen to be: memory for it can be taken at once.
  const std::size_t here = samples_in_pieces(reader.held(), waveform.channels.size());
  for (WaveformChannel& channel : waveform.channels)
    channel.counts.reserve(std::min<std::size_t>(here, kMostWaveformSamples));
  for (std::size_t at = 0;;) {
    if (!reader.has(kPieceHeadBytes)) {
      if (reader.error()) return reader.error();
      return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} samples and no end", at));
    }
    const std::size_t n = piece_samples_at(reader.held().data());
    reader.drop(kPieceHeadBytes);
    if (n == 0) return std::nullopt;
    if (n > kRawPieceSamples) {
      return fail(Errc::bad_data,
                  fmt::format("sample {} begins a piece of {}, the longest have {}", at, n, kRawPieceSamples));
    }
    at += n;
    if (at > kMostWaveformSamples)
      return fail(Errc::usage, fmt::format("more than {} samples a channel (cut the file)", kMostWaveformSamples));
    for (std::size_t c = 0; c < waveform.channels.size(); ++c) {
      if (auto error = take_part(reader, n, c, waveform)) return error;
    }
  }
}

/// The lines behind the samples, up to the end of the file.
std::optional<Error> take_tail(PieceReader& reader, Tags& tags) {
  while (reader.held().size() <= kMostText && reader.more()) {
  }
  if (reader.error()) return reader.error();
  if (reader.held().size() > kMostText) return fail(Errc::bad_data, "there is more behind its samples than tags");
  return take_lines(reader.held(), Errc::bad_data, tags);
}

/// What is behind the head, of the first version.
std::optional<Error> take_rest_of_old(PieceReader& reader, Tags& tags, Waveform& waveform) {
  const auto samples = whole(tags, "SAMPLES", 0, kMostWaveformSamples);
  if (!samples) {
    return fail(Errc::usage, fmt::format("its head must say SAMPLES (up to {})", kMostWaveformSamples));
  }
  if (*samples == 0) return fail(Errc::usage, "the file holds no samples");
  // The head may claim anything: memory is taken for what a file of this kind usually holds, the rest as it comes.
  for (WaveformChannel& channel : waveform.channels) {
    channel.counts.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*samples, 8'000'000)));
  }
  if (auto error = take_counts(reader, *samples, waveform)) return error;
  return take_tail(reader, tags);
}

/// What is behind the head.
std::optional<Error> take_rest(PieceReader& reader, Tags& tags, Waveform& waveform) {
  if (auto error = take_pieces(reader, waveform)) return error;
  const std::size_t samples = waveform.channels.front().counts.size();
  Tags tail;
  if (auto error = take_tail(reader, tail)) return error;
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

bool is_raw(std::string_view begin) { return begin.starts_with(kRawMagic) || begin.starts_with(kRawMagicOfOld); }

RawEncoder::RawEncoder(const WaveformFormat& format, WaveformOutput& output)
    : output_(output), channels_(format.channels), held_(kRawMagic) {
  for (const auto& [name, value] : format.tags) append_line(held_, name, value);
  append_line(held_, "CHANNELS", fmt::to_string(format.channels));
  append_line(held_, "BITS", fmt::to_string(format.bits));
  held_ += "\n";
}

bool RawEncoder::process(std::span<const std::int32_t* const> channels, std::size_t samples) {
  if (channels.size() != channels_ || channels_ == 0 || channels_ > kMostWaveformChannels) return false;
  samples_ += samples;
  for (std::size_t done = 0; done < samples;) {
    const std::size_t left = samples - done;
    if (begun_samples_ == 0 && left >= kRawPieceSamples) {  // from where they are
      put_piece(channels, done, kRawPieceSamples);
      done += kRawPieceSamples;
    } else {
      if (begun_.empty()) begun_.resize(channels_ * kRawPieceSamples);
      const std::size_t n = std::min(left, kRawPieceSamples - begun_samples_);
      for (std::size_t c = 0; c < channels_; ++c)
        std::copy_n(channels[c] + done, n, begun_.data() + c * kRawPieceSamples + begun_samples_);
      begun_samples_ += n;
      done += n;
      if (begun_samples_ == kRawPieceSamples) put_begun();
    }
    if (held_.size() >= kFlushBytes && !flush()) return false;
  }
  return true;
}

void RawEncoder::put_piece(std::span<const std::int32_t* const> channels, std::size_t from, std::size_t samples) {
  // It never grows again: what is held now is less than what is written at once.
  constexpr RawPart kLargest{RawPart::kMostWidth, RawPart::kMostOrder};
  held_.reserve(std::max(held_.size(), kFlushBytes) + kPieceHeadBytes + channels_ * kLargest.bytes(kRawPieceSamples));
  append_piece_head(held_, samples);
  for (const std::int32_t* channel : channels) append_raw_part(held_, {channel + from, samples});
}

void RawEncoder::put_begun() {
  std::array<const std::int32_t*, kMostWaveformChannels> channels{};
  for (std::size_t c = 0; c < channels_; ++c) channels[c] = begun_.data() + c * kRawPieceSamples;
  put_piece(std::span(channels).first(channels_), 0, std::exchange(begun_samples_, 0));
}

bool RawEncoder::flush() {
  const bool good = output_.write(held_);
  held_.clear();
  return good;
}

bool RawEncoder::finish(const WaveformTags& more) {
  if (begun_samples_ > 0) put_begun();
  append_piece_head(held_, 0);
  for (const auto& [name, value] : more) append_line(held_, name, value);
  append_line(held_, "SAMPLES", fmt::to_string(samples_));  // last: where it is, nothing is cut off
  return flush();
}

Result<Waveform> decode_raw(std::string_view begin, const ByteSource& source) {
  PieceReader reader(begin, source);
  const std::optional<std::string> head = take_head(reader);
  if (reader.error()) return *reader.error();
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
  const bool old = begin.starts_with(kRawMagicOfOld);
  if (const auto error = old ? take_rest_of_old(reader, tags, waveform) : take_rest(reader, tags, waveform))
    return *error;
  if (const auto error = apply_tags(tags, waveform)) return *error;
  if (!(waveform.sample_rate_hz > 0)) return fail(Errc::usage, "its head does not say SAMPLE_RATE_HZ");
  return waveform;
}

}  // namespace penrig
