#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "penrig.pb.h"
#include "protocols/frame.hpp"

namespace penrig::test {

/// The message of one frame, its delimiter included; none if it is no good frame.
inline std::optional<wire::Envelope> message_in(std::span<const std::byte> frame) {
  std::optional<wire::Envelope> message;
  FrameDecoder decoder;
  decoder.feed(frame, [&](std::span<const std::byte> payload) {
    wire::Envelope envelope;
    if (envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) message = std::move(envelope);
  });
  return message;
}

/// Calls on_frame for every whole frame, its delimiter included; returns what is left.
template <class OnFrame>
std::vector<std::byte> for_each_frame(std::vector<std::byte> bytes, OnFrame&& on_frame) {
  auto from = bytes.begin();
  for (auto end = std::find(from, bytes.end(), kFrameDelimiter); end != bytes.end();
       end = std::find(from, bytes.end(), kFrameDelimiter)) {
    on_frame(std::span<const std::byte>(&*from, static_cast<std::size_t>(end - from) + 1));
    from = end + 1;
  }
  return {from, bytes.end()};
}

}  // namespace penrig::test
