#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "protocols/ble/chunk_link.hpp"

namespace penrig::ble {

/// What two ports in memory do to chunks; shared by both, and changed while they live.
struct MemoryAir {
  explicit MemoryAir(Timeline& t) : timeline(t), changed(t) {}
  Timeline& timeline;
  Event changed;
  bool deaf = false;  ///< chunks are taken and come nowhere
  std::uint64_t lose_next = 0;
  Nanoseconds slow{0};  ///< until a chunk is taken
  std::uint64_t passed = 0;
};

/// One end of a pair.
class MemoryPort final : public ChunkPort {
 public:
  struct Way {
    std::deque<std::vector<std::byte>> chunks;
    bool closed = false;
  };
  MemoryPort(std::shared_ptr<MemoryAir> air, std::shared_ptr<Way> in, std::shared_ptr<Way> out)
      : air_(std::move(air)), in_(std::move(in)), out_(std::move(out)) {}

  Awaitable<Result<std::vector<std::byte>>> receive() override { return receive_from(air_, in_); }
  Awaitable<Result<void>> send(std::vector<std::byte> chunk) override {
    const auto air = air_;
    if (air->slow > Nanoseconds{0}) co_await air->timeline.sleep_for(air->slow);
    put(std::move(chunk));
    co_return Result<void>{};
  }
  void close(std::span<const std::byte> last) noexcept override {
    if (in_->closed) return;
    if (!last.empty()) put({last.begin(), last.end()});
    in_->closed = true;
    if (!air_->deaf) out_->closed = true;
    air_->changed.notify_all();
  }

 private:
  void put(std::vector<std::byte> chunk) {
    ++air_->passed;
    if (air_->deaf || out_->closed) return;
    if (air_->lose_next > 0) {
      --air_->lose_next;
      return;
    }
    out_->chunks.push_back(std::move(chunk));
    air_->changed.notify_all();
  }
  static Awaitable<Result<std::vector<std::byte>>> receive_from(std::shared_ptr<MemoryAir> air,
                                                                std::shared_ptr<Way> way) {
    for (;;) {
      if (!way->chunks.empty()) {
        std::vector<std::byte> chunk = std::move(way->chunks.front());
        way->chunks.pop_front();
        co_await air->timeline.sleep_for(std::chrono::milliseconds{5});
        co_return chunk;
      }
      if (way->closed) break;
      co_await air->changed.wait_until(kNever);
    }
    Error ended = fail(Errc::link_lost, "memory: the port was closed");
    co_return ended;
  }
  std::shared_ptr<MemoryAir> air_;
  std::shared_ptr<Way> in_, out_;
};

inline std::pair<std::unique_ptr<ChunkPort>, std::unique_ptr<ChunkPort>> memory_ports(
    const std::shared_ptr<MemoryAir>& air) {
  auto there = std::make_shared<MemoryPort::Way>(), back = std::make_shared<MemoryPort::Way>();
  return {std::make_unique<MemoryPort>(air, back, there), std::make_unique<MemoryPort>(air, there, back)};
}

}  // namespace penrig::ble
