#include "protocols/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <penrig.pb.h>

#include "protocols/cobs.hpp"
#include "protocols/crc32c.hpp"

namespace penrig {
namespace {

constexpr std::size_t kCheckBytes = 4;

/// @param frame  its memory is used.
/// @param write  puts the payload where it is told.
template <class Write>
Result<std::vector<std::byte>> frame_around(std::size_t size, std::vector<std::byte> frame, Write write) {
  std::array<std::byte, kMaxFrameBytes> plain;  // on the stack and not cleared: the longest frame is longer
  frame.clear();
  if (size > 0 && size + kCheckBytes < plain.size()) {
    write(plain.data());
    const std::uint32_t check = crc32c(std::span(plain).first(size));
    for (std::size_t i = 0; i < kCheckBytes; ++i) plain[size + i] = static_cast<std::byte>(check >> (8 * i));
    append_cobs(std::span(plain).first(size + kCheckBytes), frame);
  }
  if (frame.empty() || frame.size() > kMaxFrameBytes) {
    return fail(Errc::protocol,
                fmt::format("a message of {} bytes does not fit a frame (1 byte at least, {} at most with "
                            "its check and stuffing)",
                            size, kMaxFrameBytes));
  }
  frame.push_back(kFrameDelimiter);
  return frame;
}

}  // namespace

Result<std::vector<std::byte>> encode_frame(std::span<const std::byte> payload) {
  return frame_around(payload.size(), {}, [payload](std::byte* to) { std::ranges::copy(payload, to); });
}

Result<std::vector<std::byte>> encode_frame(const wire::Envelope& envelope, std::vector<std::byte> memory) {
  const std::size_t size = envelope.ByteSizeLong();
  return frame_around(size, std::move(memory),
                      [&](std::byte* to) { envelope.SerializeToArray(to, static_cast<int>(size)); });
}

void FrameDecoder::reset() {
  unfinished_.clear();
  too_long_ = false;
}

std::optional<std::span<const std::byte>> FrameDecoder::take(std::span<const std::byte>& bytes) {
  const void* found = std::memchr(bytes.data(), 0, bytes.size());
  const std::size_t run =
      found == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
  const auto part = bytes.first(run);
  bytes = bytes.subspan(found == nullptr ? run : run + 1);

  if (unfinished_.size() + part.size() > kMaxFrameBytes) {
    too_long_ = true;
    unfinished_.clear();
  }
  if (found == nullptr) {
    if (!too_long_) unfinished_.insert(unfinished_.end(), part.begin(), part.end());
    return std::nullopt;
  }
  if (too_long_) {
    reset();
    ++bad_frames_;
    return std::nullopt;
  }
  if (unfinished_.empty()) return open(part);  // whole frames in one piece are not copied
  unfinished_.insert(unfinished_.end(), part.begin(), part.end());
  const auto payload = open(unfinished_);
  unfinished_.clear();
  return payload;
}

std::optional<std::span<const std::byte>> FrameDecoder::open(std::span<const std::byte> frame) {
  if (frame.empty()) return std::nullopt;  // two delimiters in a row: nothing between them, nothing wrong
  plain_.resize(frame.size());
  const auto size = decode_cobs(frame, plain_);
  if (!size || *size <= kCheckBytes) {
    ++bad_frames_;
    return std::nullopt;
  }
  const auto payload = std::span<const std::byte>(plain_).first(*size - kCheckBytes);
  std::uint32_t check = 0;
  for (std::size_t i = 0; i < kCheckBytes; ++i) {
    check |= std::to_integer<std::uint32_t>(plain_[payload.size() + i]) << (8 * i);
  }
  if (check != crc32c(payload)) {
    ++bad_frames_;
    return std::nullopt;
  }
  return payload;
}

}  // namespace penrig
