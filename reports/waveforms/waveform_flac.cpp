#include "reports/waveforms/waveform_flac.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include <FLAC/stream_decoder.h>
#include <fmt/format.h>

#include "reports/atomic_file.hpp"
#include "reports/waveforms/flac_encoder.hpp"
#include "reports/waveforms/memory_output.hpp"
#include "reports/waveforms/waveform_tags.hpp"

namespace penrig {

namespace {

// ---- writing ----

Result<void> check(const Waveform& waveform) {
  const auto refuse = [](std::string why) { return fail(Errc::usage, "no waveform file: " + std::move(why)); };
  if (waveform.channels.empty() || waveform.channels.size() > kMostWaveformChannels) {
    return refuse(fmt::format("{} channels, from 1 to 8 fit", waveform.channels.size()));
  }
  if (waveform.bits != 16 && waveform.bits != 24) return refuse(fmt::format("{} bits a sample", waveform.bits));
  if (!(waveform.sample_rate_hz > 0) || !std::isfinite(waveform.sample_rate_hz)) return refuse("no sampling rate");
  const std::int32_t most = (1 << (waveform.bits - 1)) - 1;
  for (const WaveformChannel& channel : waveform.channels) {
    if (channel.counts.size() != waveform.channels.front().counts.size()) return refuse("channels of unequal length");
    if (!std::isfinite(channel.scale) || channel.scale == 0 || !std::isfinite(channel.offset)) {
      return refuse(fmt::format("{} has no scale", channel.name));
    }
    const auto beyond = std::ranges::find_if(channel.counts, [&](std::int32_t x) { return x > most || x < -most - 1; });
    if (beyond != channel.counts.end()) {
      return refuse(fmt::format("{} holds {} counts, {} bits end at {}", channel.name, *beyond, waveform.bits, most));
    }
  }
  return {};
}

// ---- reading ----

struct DecoderGone {
  void operator()(FLAC__StreamDecoder* decoder) const { FLAC__stream_decoder_delete(decoder); }
};

struct Decoding {
  std::string_view begin;
  const ByteSource* source = nullptr;
  const FlacFrameSink* sink = nullptr;  ///< takes the samples; none: the waveform does
  Waveform waveform;
  std::uint64_t samples = 0;                ///< a channel, that came
  std::map<std::string, std::string> tags;  ///< names in capitals
  std::uint64_t total = 0;                  ///< samples a channel, as the head says; 0: it does not
  double field_rate_hz = 0;
  int bits = 0;
  bool has_head = false;
  bool has_md5 = false;  ///< of all samples, in the head
  std::optional<Error> error;
};

FLAC__StreamDecoderReadStatus read_bytes(const FLAC__StreamDecoder*, FLAC__byte buffer[], std::size_t* bytes,
                                         void* client) {
  Decoding& d = *static_cast<Decoding*>(client);
  auto* const into = reinterpret_cast<char*>(buffer);  // NOLINT: bytes are bytes
  if (!d.begin.empty()) {
    const std::size_t n = std::min(*bytes, d.begin.size());
    std::memcpy(into, d.begin.data(), n);
    d.begin.remove_prefix(n);
    *bytes = n;
    return FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
  }
  const Result<std::size_t> got = (*d.source)(into, *bytes);
  if (!got) {
    d.error = got.error();
    return FLAC__STREAM_DECODER_READ_STATUS_ABORT;
  }
  *bytes = *got;
  return *got == 0 ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE;
}

FLAC__StreamDecoderWriteStatus take_samples(const FLAC__StreamDecoder*, const FLAC__Frame* frame,
                                            const FLAC__int32* const buffer[], void* client) {
  Decoding& d = *static_cast<Decoding*>(client);
  if (!d.has_head || frame->header.channels != d.waveform.channels.size()) {
    d.error = fail(Errc::bad_data, "the number of channels changes within the file");
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  const std::size_t n = frame->header.blocksize;
  if (d.samples + n > kMostWaveformSamples) {
    d.error = fail(Errc::usage, fmt::format("more than {} samples a channel (cut the file)", kMostWaveformSamples));
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  d.samples += n;
  if (d.sink != nullptr) {
    if ((*d.sink)({buffer, d.waveform.channels.size()}, n)) return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
    d.error = fail(Errc::aborted, "its samples are not wanted");
    return FLAC__STREAM_DECODER_WRITE_STATUS_ABORT;
  }
  for (std::size_t c = 0; c < d.waveform.channels.size(); ++c) {
    std::vector<std::int32_t>& counts = d.waveform.channels[c].counts;
    counts.insert(counts.end(), buffer[c], buffer[c] + n);
  }
  return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

void take_metadata(const FLAC__StreamDecoder*, const FLAC__StreamMetadata* metadata, void* client) {
  Decoding& d = *static_cast<Decoding*>(client);
  if (metadata->type == FLAC__METADATA_TYPE_STREAMINFO) {
    const FLAC__StreamMetadata_StreamInfo& info = metadata->data.stream_info;
    d.has_head = true;
    d.field_rate_hz = info.sample_rate;
    d.total = info.total_samples;
    d.bits = static_cast<int>(info.bits_per_sample);
    d.has_md5 = std::ranges::any_of(info.md5sum, [](FLAC__byte b) { return b != 0; });
    d.waveform.channels.resize(info.channels);
    // The head may claim anything: memory is taken for what a file of this kind usually holds, the rest as it comes.
    for (WaveformChannel& channel : d.waveform.channels) {
      if (d.sink != nullptr) break;
      channel.counts.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(d.total, 8'000'000)));
    }
  } else if (metadata->type == FLAC__METADATA_TYPE_VORBIS_COMMENT) {
    const FLAC__StreamMetadata_VorbisComment& comments = metadata->data.vorbis_comment;
    for (std::uint32_t i = 0; i < comments.num_comments; ++i) {
      const FLAC__StreamMetadata_VorbisComment_Entry& entry = comments.comments[i];
      if (entry.entry == nullptr) continue;
      const std::string_view text(reinterpret_cast<const char*>(entry.entry), entry.length);  // NOLINT: bytes
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) continue;
      std::string name(text.substr(0, equals));
      for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      if (auto twice = take_tag(d.tags, std::move(name), std::string(text.substr(equals + 1)))) {
        d.error = std::move(*twice);
        return;
      }
    }
  }
}

void take_error(const FLAC__StreamDecoder*, FLAC__StreamDecoderErrorStatus status, void* client) {
  Decoding& d = *static_cast<Decoding*>(client);
  if (d.error) return;
  d.error = fail(Errc::bad_data, fmt::format("the file is damaged after sample {}: {}", d.samples,
                                             FLAC__StreamDecoderErrorStatusString[status]));
}

/// The whole stream.
std::optional<Error> decode(Decoding& d) {
  const std::unique_ptr<FLAC__StreamDecoder, DecoderGone> decoder(FLAC__stream_decoder_new());
  if (!decoder) return fail(Errc::internal, "no memory for a FLAC decoder");
  FLAC__stream_decoder_set_md5_checking(decoder.get(), true);
  FLAC__stream_decoder_set_metadata_respond(decoder.get(), FLAC__METADATA_TYPE_VORBIS_COMMENT);
  if (FLAC__stream_decoder_init_stream(decoder.get(), read_bytes, nullptr, nullptr, nullptr, nullptr, take_samples,
                                       take_metadata, take_error, &d) != FLAC__STREAM_DECODER_INIT_STATUS_OK) {
    return fail(Errc::internal, "the FLAC decoder does not start");
  }
  bool good = true;
  // The first error ends it: a record with a hole is none.
  while (good && !d.error && FLAC__stream_decoder_get_state(decoder.get()) != FLAC__STREAM_DECODER_END_OF_STREAM) {
    good = FLAC__stream_decoder_process_single(decoder.get());
  }
  const bool md5 = FLAC__stream_decoder_finish(decoder.get());
  if (d.error) return d.error;
  if (!d.has_head || d.waveform.channels.empty()) return fail(Errc::usage, "this is no FLAC file");
  if (!good) return fail(Errc::bad_data, fmt::format("the file is damaged after sample {}", d.samples));
  if (d.total != 0 && d.samples != d.total) {
    return fail(Errc::bad_data, fmt::format("the file is cut off: it holds {} of its {} samples", d.samples, d.total));
  }
  if (d.samples == 0) return fail(Errc::usage, "the file holds no samples");
  if (!md5) return fail(Errc::bad_data, "the samples are not those that were written (their MD5 differs)");
  return std::nullopt;
}

/// An encoder that writes into a pipe cannot go back to the head, and nothing tells how many frames there were.
std::string unchecked(const Decoding& d) {
  if (d.total == 0) {
    return "the head does not say how many samples there are: an end that is cut off is not seen (encode into a file, "
           "not into a pipe)";
  }
  if (!d.has_md5) return "the head holds no MD5 of the samples: only the sums of the single frames were checked";
  return {};
}

}  // namespace

Result<std::string> encode_flac(const Waveform& waveform) {
  if (const Result<void> good = check(waveform); !good) return good.error();
  const std::size_t n = waveform.channels.front().counts.size(), channels = waveform.channels.size();
  MemoryOutput memory;
  WaveformFormat format;
  format.channels = channels;
  format.bits = waveform.bits;
  format.sample_rate_hz = waveform.sample_rate_hz;
  format.tags = tags_of(waveform);
  format.samples_estimate = n;
  FlacEncoder encoder(format, memory);
  if (!encoder.good()) return fail(Errc::usage, "the names of a waveform's channels cannot be written as tags");
  std::vector<const std::int32_t*> at;
  for (const WaveformChannel& channel : waveform.channels) at.push_back(channel.counts.data());
  for (std::size_t from = 0; from < n; from += 4096) {
    const std::size_t part = std::min<std::size_t>(4096, n - from);
    encoder.process(at, part);
    for (const std::int32_t*& channel : at) channel += part;
  }
  if (!encoder.finish({})) return fail(Errc::internal, "FLAC cannot hold this waveform");
  return std::move(memory.bytes);
}

Result<void> write_flac(const std::filesystem::path& file, const Waveform& waveform) {
  const Result<std::string> bytes = encode_flac(waveform);
  if (!bytes) return bytes.error();
  return replace_file(file, *bytes);
}

Result<void> for_each_flac_frame(std::string_view file, const FlacFrameSink& sink) {
  Decoding d;
  d.begin = file;
  const ByteSource nothing = bytes_of(std::string_view());
  d.source = &nothing;
  d.sink = &sink;
  if (const std::optional<Error> error = decode(d)) return *error;
  return {};
}

Result<Waveform> decode_flac(std::string_view begin, const ByteSource& source) {
  Decoding d;
  d.begin = begin;
  d.source = &source;
  if (const std::optional<Error> error = decode(d)) return *error;
  d.waveform.bits = d.bits;
  d.waveform.sample_rate_hz = d.field_rate_hz;
  d.waveform.unchecked = unchecked(d);
  if (const std::optional<Error> error = add_standing_channels(d.tags, d.waveform)) return *error;
  if (const std::optional<Error> error = apply_tags(d.tags, d.waveform)) return *error;
  if (!(d.waveform.sample_rate_hz > 0)) {
    return fail(Errc::usage,
                "the file says no sampling rate: its head has 0 and no tag gives it (write the tag SAMPLE_RATE_HZ)");
  }
  return std::move(d.waveform);
}

}  // namespace penrig
