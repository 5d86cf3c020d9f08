#include "reports/waveforms/flac_encoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <FLAC/format.h>
#include <FLAC/metadata.h>
#include <FLAC/stream_encoder.h>

namespace penrig {

namespace {

/// Fixed predictors: 5 % larger than with those of level 5 on what a run records, at half the work, and a short capture
/// sets up no windows.
constexpr std::uint32_t kCompression = 0;
constexpr double kFastestField = 655'350;      ///< Hz: what the field of the stream can say
constexpr std::uint64_t kTagsAt = 4 + 4 + 34;  ///< behind the magic and the block with the sums
constexpr std::size_t kBlockHead = 4;
constexpr char kTagBlock = 4, kPaddingBlock = 1, kLastBlock = static_cast<char>(0x80);

struct EncoderGone {
  void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};
struct MetadataGone {
  void operator()(FLAC__StreamMetadata* metadata) const { FLAC__metadata_object_delete(metadata); }
};
using Metadata = std::unique_ptr<FLAC__StreamMetadata, MetadataGone>;

bool add_tag(FLAC__StreamMetadata* tags, const std::string& name, const std::string& value) {
  FLAC__StreamMetadata_VorbisComment_Entry entry;
  return FLAC__metadata_object_vorbiscomment_entry_from_name_value_pair(&entry, name.c_str(), value.c_str()) &&
         FLAC__metadata_object_vorbiscomment_append_comment(tags, entry, /*copy=*/false);
}

void append_length(std::string& bytes, std::size_t length) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>((length >> shift) & 0xFFU);
}

/// The body of a block of Vorbis comments.
std::string tag_block(const WaveformTags& tags) {
  std::string bytes;
  append_length(bytes, std::strlen(FLAC__VENDOR_STRING));
  bytes += FLAC__VENDOR_STRING;
  append_length(bytes, tags.size());
  for (const auto& [name, value] : tags) {
    append_length(bytes, name.size() + 1 + value.size());
    bytes.append(name).append("=").append(value);
  }
  return bytes;
}

std::string block_head(char kind, std::size_t length) {
  return {kind, static_cast<char>((length >> 16U) & 0xFFU), static_cast<char>((length >> 8U) & 0xFFU),
          static_cast<char>(length & 0xFFU)};
}

}  // namespace

struct FlacEncoder::Impl {
  WaveformOutput& output;
  WaveformTags all_tags;
  std::unique_ptr<FLAC__StreamEncoder, EncoderGone> encoder;
  Metadata tags, padding;
  std::uint64_t at = 0;           ///< where the next byte goes
  std::size_t room_for_tags = 0;  ///< of both blocks, with their heads
  bool good = false;

  static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder*, const FLAC__byte buffer[], std::size_t bytes,
                                              std::uint32_t, std::uint32_t, void* client) {
    Impl& self = *static_cast<Impl*>(client);
    const std::string_view text(reinterpret_cast<const char*>(buffer), bytes);  // NOLINT: bytes are bytes
    if (!self.output.write(text)) return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    self.at += bytes;
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
  }
  static FLAC__StreamEncoderSeekStatus seek(const FLAC__StreamEncoder*, FLAC__uint64 offset, void* client) {
    Impl& self = *static_cast<Impl*>(client);
    if (!self.output.seek(offset)) return FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR;
    self.at = offset;
    return FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
  }
  static FLAC__StreamEncoderTellStatus tell(const FLAC__StreamEncoder*, FLAC__uint64* offset, void* client) {
    *offset = static_cast<Impl*>(client)->at;
    return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
  }
};

FlacEncoder::FlacEncoder(const WaveformFormat& format, WaveformOutput& output)
    : impl_(new Impl{output, format.tags, {}, {}, {}, 0, 0, false}) {
  impl_->encoder.reset(FLAC__stream_encoder_new());
  impl_->tags.reset(FLAC__metadata_object_new(FLAC__METADATA_TYPE_VORBIS_COMMENT));
  impl_->padding.reset(FLAC__metadata_object_new(FLAC__METADATA_TYPE_PADDING));
  FLAC__StreamEncoder* const encoder = impl_->encoder.get();
  if (encoder == nullptr || !impl_->tags || !impl_->padding) return;
  bool good = true;
  for (const auto& [name, value] : format.tags) good = good && add_tag(impl_->tags.get(), name, value);
  impl_->padding->length = static_cast<std::uint32_t>(format.more_tags_bytes);
  std::array<FLAC__StreamMetadata*, 2> blocks{impl_->tags.get(), impl_->padding.get()};
  const double field = std::clamp(std::round(format.sample_rate_hz), 1.0, kFastestField);
  impl_->good = good && FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
                FLAC__stream_encoder_set_compression_level(encoder, kCompression) &&
                FLAC__stream_encoder_set_do_mid_side_stereo(encoder, false) &&
                FLAC__stream_encoder_set_channels(encoder, static_cast<std::uint32_t>(format.channels)) &&
                FLAC__stream_encoder_set_bits_per_sample(encoder, static_cast<std::uint32_t>(format.bits)) &&
                FLAC__stream_encoder_set_sample_rate(encoder, static_cast<std::uint32_t>(field)) &&
                FLAC__stream_encoder_set_total_samples_estimate(encoder, format.samples_estimate) &&
                FLAC__stream_encoder_set_metadata(encoder, blocks.data(), format.more_tags_bytes > 0 ? 2 : 1) &&
                FLAC__stream_encoder_init_stream(encoder, Impl::write, Impl::seek, Impl::tell, nullptr, impl_.get()) ==
                    FLAC__STREAM_ENCODER_INIT_STATUS_OK;
  if (format.more_tags_bytes > 0) {
    impl_->room_for_tags = 2 * kBlockHead + tag_block(format.tags).size() + format.more_tags_bytes;
  }
}

FlacEncoder::~FlacEncoder() = default;

bool FlacEncoder::good() const { return impl_->good; }

bool FlacEncoder::process(std::span<const std::int32_t* const> channels, std::size_t samples) {
  impl_->good = impl_->good && FLAC__stream_encoder_process(impl_->encoder.get(), channels.data(),
                                                            static_cast<std::uint32_t>(samples));
  return impl_->good;
}

bool FlacEncoder::finish(const WaveformTags& more) {
  impl_->good = impl_->good && FLAC__stream_encoder_finish(impl_->encoder.get());
  if (!impl_->good || more.empty()) return impl_->good;
  // In the room of the tags that stand there, and of the padding.
  impl_->all_tags.insert(impl_->all_tags.end(), more.begin(), more.end());
  const std::string body = tag_block(impl_->all_tags);
  if (2 * kBlockHead + body.size() > impl_->room_for_tags) return false;
  const std::size_t padding = impl_->room_for_tags - 2 * kBlockHead - body.size();
  const std::string bytes = block_head(kTagBlock, body.size()) + body +
                            block_head(static_cast<char>(kPaddingBlock | kLastBlock), padding) +
                            std::string(padding, '\0');
  return impl_->output.seek(kTagsAt) && impl_->output.write(bytes);
}

}  // namespace penrig
