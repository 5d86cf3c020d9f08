#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "protocols/forwarding_link.hpp"
#include "tests/system/frames_in_bytes.hpp"

namespace penrig::test {

/// A host's end of a link that looks at what arrives frame by frame.
class FramewiseLink : public ForwardingLink {
 public:
  using ForwardingLink::ForwardingLink;
  using Bytes = std::vector<std::byte>;

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    while (ready_.empty()) {
      Bytes buffer(std::size_t{64} * 1024);
      const std::span<std::byte> room(buffer);
      const Result<std::size_t> count = co_await inner().read_some(room);
      if (!count) co_return count.error();
      if (!arrives()) continue;
      unfinished_.insert(unfinished_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
      unfinished_ =
          for_each_frame(std::move(unfinished_), [&](std::span<const std::byte> frame) { arrived(frame, ready_); });
    }
    const std::size_t n = std::min(into.size(), ready_.size());
    std::memcpy(into.data(), ready_.data(), n);
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(n));
    co_return n;
  }

 protected:
  /// False: what has just come is lost.
  virtual bool arrives() { return true; }
  /// One whole frame came: appends what the host shall get of it.
  virtual void arrived(std::span<const std::byte> frame, Bytes& ready) = 0;

 private:
  Bytes unfinished_, ready_;
};

}  // namespace penrig::test
