#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penrig {

/// Where a FLAC file's bytes go. The encoder comes back to its head when the sums are known.
class FlacOutput {
 public:
  virtual ~FlacOutput() = default;
  /// False: no more can be written; the encoder stops.
  virtual bool write(std::string_view bytes) = 0;
  virtual bool seek(std::uint64_t offset) = 0;
};

struct FlacFormat {
  std::size_t channels = 1;
  int bits = 24;
  double sample_rate_hz = 0;                                ///< for players; the tag says the rate
  std::vector<std::pair<std::string, std::string>> tags{};  ///< Vorbis comments, in order
  std::size_t padding_bytes = 0;       ///< room for tags that are not known yet (rewrite_tags()); 0: none
  std::uint64_t samples_estimate = 0;  ///< a channel; 0: unknown
};

/// A FLAC stream that grows. Lossless; which bytes come out is a function of samples and format alone.
class FlacEncoder {
 public:
  /// output outlives the encoder.
  FlacEncoder(const FlacFormat& format, FlacOutput& output);
  ~FlacEncoder();
  FlacEncoder(const FlacEncoder&) = delete;
  FlacEncoder& operator=(const FlacEncoder&) = delete;

  /// False: the format cannot be (the names of tags, more than eight channels), or the output failed.
  bool good() const;
  /// One span a channel, all of one length, every count within the format's bits.
  bool process(std::span<const std::int32_t* const> channels, std::size_t samples);
  /// Writes what is left and the sums. Nothing may come afterwards.
  bool finish();
  /// After finish(): writes the tags anew, in the room of the old ones and the padding. False: they do not fit.
  bool rewrite_tags(const std::vector<std::pair<std::string, std::string>>& tags);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig
