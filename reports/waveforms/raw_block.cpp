#include "reports/waveforms/raw_block.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "reports/waveforms/count_range.hpp"

namespace penrig {

namespace {

void put_number(char* to, std::size_t number) {
  to[0] = static_cast<char>(number & 0xFFU);
  to[1] = static_cast<char>(number >> 8U);
}

/// Samples of the whole blocks that the bytes begin with, as their heads say.
std::size_t samples_in_blocks(std::string_view bytes, std::size_t channels) {
  const std::size_t head = kRawNumberBytes * (1 + channels);
  for (std::size_t samples = 0;;) {
    if (bytes.size() < head) return samples;
    const std::size_t n = raw_number_at(bytes.data());
    if (n == 0 || n > kMaxBlockSamples) return samples;
    std::size_t all = head;
    for (std::size_t c = 1; c <= channels; ++c) all += raw_number_at(bytes.data() + kRawNumberBytes * c);
    if (bytes.size() < all) return samples;
    bytes.remove_prefix(all);
    samples += n;
  }
}

/// What goes on where the samples of one channel ended.
class ChannelReader {
 public:
  /// Reads n samples of channel `number` out of their bytes, and puts them behind those that it has.
  std::optional<Error> take(std::string_view packed, std::size_t n, std::size_t number, Waveform& waveform) {
    std::vector<std::int32_t>& counts = waveform.channels[number].counts;
    const auto bad = [&](const std::string& what) {
      return fail(Errc::bad_data, fmt::format("sample {} of channel {} begins a block that cannot be: {}",
                                              counts.size(), number, what));
    };
    if (packed.empty()) {
      if (counts.empty()) return bad("it stands where it stood, and is the first");
      counts.resize(counts.size() + n, counts.back());
      unpacker_.go_on(std::span(counts).last(n));
      return std::nullopt;
    }
    std::array<std::int32_t, kMaxBlockSamples> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    const std::span<std::int32_t> came = std::span(room).first(n);
    const Result<void> good = unpacker_.unpack(std::as_bytes(std::span(packed)), came);
    if (!good) return bad(good.error().message);
    if (!all_within(SeenCounts(came), most_counts(waveform.bits)))
      return beyond_bits(came, counts.size(), number, waveform.bits);
    counts.insert(counts.end(), came.begin(), came.end());
    return std::nullopt;
  }

 private:
  SampleUnpacker unpacker_;
};

}  // namespace

void RawChannel::append(const ChannelBlock& block, std::string& into) {
  const auto& [counts, extremes] = block.seen;
  if (extremes.low == extremes.high && packer_.is_at(extremes.low)) {
    packer_.go_on(counts);
  } else if (!block.packed.empty() && packer_.is_continued_by(block.packed)) {
    into.append(reinterpret_cast<const char*>(block.packed.data()), block.packed.size());
    packer_.go_on(block.packed, counts);
  } else {
    packer_.pack(counts, into);
  }
}

void append_raw_block(std::span<RawChannel> channels, std::span<const ChannelBlock> block, std::string& into) {
  std::size_t head = into.size();
  into.resize(head + kRawNumberBytes * (1 + channels.size()));
  put_number(into.data() + head, block.front().seen.counts.size());
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const std::size_t had = into.size();
    channels[c].append(block[c], into);
    put_number(into.data() + (head += kRawNumberBytes), into.size() - had);
  }
}

void append_end_of_raw_blocks(std::string& into) { into.append(kRawNumberBytes, '\0'); }

std::optional<Error> take_raw_blocks(RawInput& input, Waveform& waveform) {
  const std::size_t channels = waveform.channels.size(), head = kRawNumberBytes * (1 + channels);
  // What is here already is seen to be: memory for it can be taken at once.
  const std::size_t here = samples_in_blocks(input.held(), channels);
  for (WaveformChannel& channel : waveform.channels)
    channel.counts.reserve(std::min<std::size_t>(here, kMostWaveformSamples));
  std::vector<ChannelReader> readers(channels);
  for (std::size_t at = 0;;) {
    if (!input.has(kRawNumberBytes)) return input.cut_off(at);
    const std::size_t n = raw_number_at(input.held().data());
    if (n == 0) {
      input.drop(kRawNumberBytes);
      return std::nullopt;
    }
    if (n > kMaxBlockSamples) {
      return fail(Errc::bad_data,
                  fmt::format("sample {} begins a block of {}, the longest have {}", at, n, kMaxBlockSamples));
    }
    if (at + n > kMostWaveformSamples) return too_many_samples();
    if (!input.has(head)) return input.cut_off(at);
    std::array<std::size_t, kMostWaveformChannels> bytes{};
    for (std::size_t c = 0; c < channels; ++c)
      bytes[c] = raw_number_at(input.held().data() + kRawNumberBytes * (1 + c));
    input.drop(head);
    for (std::size_t c = 0; c < channels; ++c) {
      if (!input.has(bytes[c])) return input.cut_off(at);
      if (auto error = readers[c].take(input.held().substr(0, bytes[c]), n, c, waveform)) return error;
      input.drop(bytes[c]);
    }
    at += n;
  }
}

}  // namespace penrig
