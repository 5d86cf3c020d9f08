#include "reports/waveforms/raw_of_old.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "reports/waveforms/count_range.hpp"
#include "reports/waveforms/raw_piece.hpp"

namespace penrig {

namespace {

constexpr std::size_t kCountBytes = 4;
constexpr std::size_t kPieceHeadBytes = 2;

std::int32_t count_at(const char* from) {
  const auto byte = [from](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(from[i])} << (8 * i); };
  return static_cast<std::int32_t>(byte(0) | byte(1) | byte(2) | byte(3));
}

/// Samples of the whole pieces that the bytes begin with, as their heads say.
std::size_t samples_in_pieces(std::string_view bytes, std::size_t channels) {
  for (std::size_t samples = 0;;) {
    if (bytes.size() < kPieceHeadBytes) return samples;
    const std::size_t n = raw_number_at(bytes.data());
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
std::optional<Error> take_part(RawInput& input, std::size_t n, std::size_t channel, Waveform& waveform) {
  std::vector<std::int32_t>& counts = waveform.channels[channel].counts;
  if (!input.has(RawPart::kHeadBytes)) return input.cut_off(counts.size());
  const std::optional<RawPart> part = raw_part(input.held());
  if (!part) {
    return fail(Errc::bad_data, fmt::format("sample {} of channel {} begins a piece with differences that no file has",
                                            counts.size(), channel));
  }
  if (!input.has(part->bytes(n))) return input.cut_off(counts.size());
  std::array<std::int32_t, kRawPieceSamples> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into at once
  const std::span<std::int32_t> came = std::span(room).first(n);
  if (!read_raw_part(*part, input.held(), most_counts(waveform.bits), came))
    return beyond_bits(came, counts.size(), channel, waveform.bits);
  counts.insert(counts.end(), came.begin(), came.end());
  input.drop(part->bytes(n));
  return std::nullopt;
}

}  // namespace

std::optional<Error> take_raw_counts(RawInput& input, std::uint64_t samples, Waveform& waveform) {
  const std::size_t instant = kCountBytes * waveform.channels.size();
  for (std::uint64_t at = 0; at < samples;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(samples - at, input.held().size() / instant));
    if (n == 0) {
      if (input.more()) continue;
      if (input.error()) return input.error();
      return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} of its {} samples", at, samples));
    }
    for (std::size_t c = 0; c < waveform.channels.size(); ++c) {
      std::vector<std::int32_t>& counts = waveform.channels[c].counts;
      const std::size_t had = counts.size();
      counts.resize(had + n);
      const std::span<std::int32_t> into = std::span(counts).subspan(had);
      const char* from = input.held().data() + kCountBytes * c;
      for (std::int32_t& count : into) {
        count = count_at(from);
        from += instant;
      }
      if (!all_within(SeenCounts(into), most_counts(waveform.bits))) return beyond_bits(into, at, c, waveform.bits);
    }
    input.drop(n * instant);
    at += n;
  }
  return std::nullopt;
}

std::optional<Error> take_raw_pieces(RawInput& input, Waveform& waveform) {
  // What is here already is seen to be: memory for it can be taken at once.
  const std::size_t here = samples_in_pieces(input.held(), waveform.channels.size());
  for (WaveformChannel& channel : waveform.channels)
    channel.counts.reserve(std::min<std::size_t>(here, kMostWaveformSamples));
  for (std::size_t at = 0;;) {
    if (!input.has(kPieceHeadBytes)) return input.cut_off(at);
    const std::size_t n = raw_number_at(input.held().data());
    input.drop(kPieceHeadBytes);
    if (n == 0) return std::nullopt;
    if (n > kRawPieceSamples) {
      return fail(Errc::bad_data,
                  fmt::format("sample {} begins a piece of {}, the longest have {}", at, n, kRawPieceSamples));
    }
    at += n;
    if (at > kMostWaveformSamples) return too_many_samples();
    for (std::size_t c = 0; c < waveform.channels.size(); ++c) {
      if (auto error = take_part(input, n, c, waveform)) return error;
    }
  }
}

}  // namespace penrig
