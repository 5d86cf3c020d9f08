#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rig/base/result.hpp"

namespace penrig {

namespace wire {
class Envelope;
}

/// The longest frame, without its delimiter. A receiver needs no more memory than this.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{32} * 1024;

/// Ends every frame, and goes ahead of a session's first one so that garbage before it is flushed.
inline constexpr std::byte kFrameDelimiter{0x00};

/// A frame: COBS(payload + its CRC-32C, little endian) + delimiter.
/// Errc::protocol if the payload is empty or the frame would be longer than kMaxFrameBytes.
Result<std::vector<std::byte>> encode_frame(std::span<const std::byte> payload);

/// A frame around one message.
/// @param memory  that the frame may use, of one that nobody needs any more.
Result<std::vector<std::byte>> encode_frame(const wire::Envelope& envelope, std::vector<std::byte> memory = {});

/// Takes a stream of bytes apart. A bad frame (stuffing, check, length) is dropped and counted; the next one is good.
/// Holds at most kMaxFrameBytes of an unfinished frame.
class FrameDecoder {
 public:
  /// Feeds bytes as they came, cut anywhere. on_payload(std::span<const std::byte>) is called for every good frame, in
  /// order; the span is valid during the call.
  template <class OnPayload>
  void feed(std::span<const std::byte> bytes, OnPayload&& on_payload) {
    while (!bytes.empty()) {
      if (const auto payload = take(bytes)) on_payload(*payload);
    }
  }

  /// Frames that were dropped: broken stuffing, wrong check, or too long.
  std::uint64_t bad_frames() const { return bad_frames_; }

  /// Forgets an unfinished frame.
  void reset();

 private:
  /// Consumes up to and including one delimiter; the payload if a good frame ended there.
  std::optional<std::span<const std::byte>> take(std::span<const std::byte>& bytes);
  std::optional<std::span<const std::byte>> open(std::span<const std::byte> frame);

  std::vector<std::byte> unfinished_, plain_;
  bool too_long_ = false;
  std::uint64_t bad_frames_ = 0;
};

}  // namespace penrig
