#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "tests/system/framewise_link.hpp"

namespace penrig::test {

/// A pen that says something else of itself than it would.
class LyingLink final : public FramewiseLink {
 public:
  using Lie = std::function<void(wire::PenStatus&)>;
  LyingLink(std::unique_ptr<ByteLink> inner, Lie lie) : FramewiseLink(std::move(inner)), lie_(std::move(lie)) {}

 private:
  void arrived(std::span<const std::byte> frame, Bytes& ready) override {
    auto message = message_in(frame);
    if (!message || !message->has_pen_reply() || !message->pen_reply().has_status()) {
      ready.insert(ready.end(), frame.begin(), frame.end());
      return;
    }
    lie_(*message->mutable_pen_reply()->mutable_status());
    const std::vector<std::byte> changed = encode_frame(*message).value();
    ready.insert(ready.end(), changed.begin(), changed.end());
  }
  Lie lie_;
};

/// For VirtualRun::around_link: the pen lies, the DAQ does not.
inline auto lying_pen(LyingLink::Lie lie) {
  return [lie = std::move(lie)](Timeline&, std::unique_ptr<ByteLink> link, bool is_pen) -> std::unique_ptr<ByteLink> {
    if (!is_pen) return link;
    return std::make_unique<LyingLink>(std::move(link), lie);
  };
}

}  // namespace penrig::test
