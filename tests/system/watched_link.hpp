#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocols/message_name.hpp"
#include "tests/system/framewise_link.hpp"

namespace penrig::test {

/// What a test does to a link, and sees on it; shared by those of all connections.
struct WatchedWire {
  bool cut = false;                                     ///< no byte arrives any more, in either direction
  bool no_samples = false;                              ///< sample blocks get lost
  std::vector<std::pair<TimePoint, std::string>> sent;  ///< every message that the host handed to the link
};

/// Parses what the host writes; `wire` outlives it.
class WatchedLink final : public FramewiseLink {
 public:
  WatchedLink(Timeline& timeline, std::unique_ptr<ByteLink> inner, WatchedWire& wire)
      : FramewiseLink(std::move(inner)), timeline_(timeline), wire_(wire) {}

  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    (void)for_each_frame({bytes.begin(), bytes.end()}, [&](std::span<const std::byte> frame) {
      if (const auto message = message_in(frame)) wire_.sent.emplace_back(timeline_.now(), message_name(*message));
    });
    if (wire_.cut) co_return Result<void>{};
    co_return co_await inner().write_all(bytes);
  }

 private:
  bool arrives() override { return !wire_.cut; }
  void arrived(std::span<const std::byte> frame, Bytes& ready) override {
    if (wire_.no_samples) {
      const auto message = message_in(frame);
      if (message && message->has_sample_block()) return;
    }
    ready.insert(ready.end(), frame.begin(), frame.end());
  }

  Timeline& timeline_;
  WatchedWire& wire_;
};

}  // namespace penrig::test
