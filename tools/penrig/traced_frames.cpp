#include "tools/penrig/traced_frames.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <penrig.pb.h>

#include "protocols/frame.hpp"
#include "protocols/frame_fault.hpp"
#include "protocols/message_name.hpp"

namespace penrig::cli {
namespace {

/// What a reader looks for, of messages that say more than their name.
std::string note_of(const wire::Envelope& envelope) {
  switch (envelope.body_case()) {
    case wire::Envelope::kHello:
      return fmt::format("version {}, session {:016x}", envelope.hello().protocol_version(),
                         envelope.hello().session_nonce());
    case wire::Envelope::kHelloReply:
      return fmt::format("version {}, session {:016x}, dead-man {} ms{}", envelope.hello_reply().protocol_version(),
                         envelope.hello_reply().session_nonce(), envelope.hello_reply().dead_man_ms(),
                         envelope.hello_reply().simulated() ? ", simulated" : "");
    case wire::Envelope::kRefusal:
      return envelope.refusal().text();
    case wire::Envelope::kGoodbye:
      return envelope.goodbye().text();
    case wire::Envelope::kSampleBlock:
      return fmt::format("block {}, {} samples from tick {}", envelope.sample_block().sequence(),
                         envelope.sample_block().count(), envelope.sample_block().first_tick());
    default:
      return "";
  }
}

void read_message(std::span<const std::byte> payload, TracedFrame& frame) {
  wire::Envelope envelope;
  if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    frame.bad = true;
    frame.note = "its check is right, and it is no message of this protocol";
    return;
  }
  frame.message = message_name(envelope);
  frame.request_id = envelope.request_id();
  frame.note = note_of(envelope);
}

}  // namespace

void TracedFrames::add(const TraceChunk& chunk) {
  TracedFrame frame;
  frame.utc_ns = chunk.utc_ns;
  frame.link = chunk.link;
  frame.direction = chunk.direction;
  if (!chunk.comment.empty()) {
    frame.note = std::string(chunk.comment);
    on_frame_(frame);
  }
  Unfinished& unfinished = unfinished_[{chunk.link, chunk.direction}];
  auto left = std::as_bytes(std::span(chunk.bytes));
  while (!left.empty()) {
    const auto end = std::ranges::find(left, kFrameDelimiter);
    const auto part = left.first(static_cast<std::size_t>(end - left.begin()));
    const std::size_t room = kMaxFrameBytes + 1 - std::min(kMaxFrameBytes + 1, unfinished.bytes.size());
    const auto taken = part.first(std::min(part.size(), room));
    unfinished.bytes.insert(unfinished.bytes.end(), taken.begin(), taken.end());
    unfinished.beyond += part.size() - taken.size();
    unfinished.utc_ns = chunk.utc_ns;
    if (end == left.end()) return;
    left = left.subspan(part.size() + 1);
    if (unfinished.bytes.empty()) continue;  // two delimiters in a row: nothing between them, nothing wrong
    TracedFrame ended = frame;
    ended.bytes = unfinished.bytes.size() + unfinished.beyond + 1;
    unfinished.bytes.push_back(kFrameDelimiter);
    // Whether it is a frame the production decoder says; what is wrong with it is only explained.
    FrameDecoder decoder;
    bool whole = false;
    decoder.feed(unfinished.bytes, [&](std::span<const std::byte> payload) {
      whole = true;
      read_message(payload, ended);
    });
    if (!whole) {
      ended.bad = true;
      ended.note = frame_fault(std::span<const std::byte>(unfinished.bytes).first(unfinished.bytes.size() - 1));
    }
    unfinished = {};
    on_frame_(ended);
  }
}

void TracedFrames::finish() {
  for (auto& [from, unfinished] : unfinished_) {
    if (unfinished.bytes.empty()) continue;
    TracedFrame frame;
    frame.utc_ns = unfinished.utc_ns;
    frame.link = from.first;
    frame.direction = from.second;
    frame.bytes = unfinished.bytes.size() + unfinished.beyond;
    frame.note = "the beginning of a frame, and no end";
    on_frame_(frame);
    unfinished = {};
  }
}

}  // namespace penrig::cli
