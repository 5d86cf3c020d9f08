#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocols/byte_link.hpp"
#include "protocols/message_name.hpp"
#include "tests/system/frames_in_bytes.hpp"

namespace penrig::test {

/// What a test does to a link, and sees on it; shared by those of all connections.
struct WatchedWire {
  bool cut = false;                                     ///< no byte arrives any more, in either direction
  bool no_samples = false;                              ///< sample blocks get lost
  std::vector<std::pair<TimePoint, std::string>> sent;  ///< every message that the host handed to the link
};

/// Parses what the host writes; `wire` outlives it.
class WatchedLink final : public ByteLink {
 public:
  WatchedLink(Timeline& timeline, std::unique_ptr<ByteLink> inner, WatchedWire& wire)
      : timeline_(timeline), inner_(std::move(inner)), wire_(wire) {}

  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    (void)for_each_frame({bytes.begin(), bytes.end()}, [&](std::span<const std::byte> frame) {
      if (const auto message = message_in(frame)) wire_.sent.emplace_back(timeline_.now(), message_name(*message));
    });
    if (wire_.cut) co_return Result<void>{};
    co_return co_await inner_->write_all(bytes);
  }
  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    while (ready_.empty()) {
      std::vector<std::byte> buffer(std::size_t{64} * 1024);
      const std::span<std::byte> room(buffer);
      const Result<std::size_t> count = co_await inner_->read_some(room);
      if (!count) co_return count.error();
      if (wire_.cut) continue;
      unfinished_.insert(unfinished_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*count));
      unfinished_ = for_each_frame(std::move(unfinished_), [&](std::span<const std::byte> frame) {
        if (wire_.no_samples) {
          const auto message = message_in(frame);
          if (message && message->has_sample_block()) return;
        }
        ready_.insert(ready_.end(), frame.begin(), frame.end());
      });
    }
    const std::size_t n = std::min(into.size(), ready_.size());
    std::memcpy(into.data(), ready_.data(), n);
    ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(n));
    co_return n;
  }
  void close() noexcept override { inner_->close(); }
  const std::string& name() const override { return inner_->name(); }
  std::optional<double> payload_bits_per_s() const override { return inner_->payload_bits_per_s(); }

 private:
  Timeline& timeline_;
  std::unique_ptr<ByteLink> inner_;
  WatchedWire& wire_;
  std::vector<std::byte> unfinished_, ready_;
};

}  // namespace penrig::test
