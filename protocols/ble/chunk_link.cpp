#include "protocols/ble/chunk_link.hpp"

#include <limits>
#include <utility>

namespace penrig::ble {
namespace {

constexpr TimePoint kAwake{Nanoseconds{std::numeric_limits<std::int64_t>::min()}};

/// Shared: whoever still waits when the link is destroyed has to come home.
struct ChunkEnd {
  ChunkEnd(Timeline& t, std::unique_ptr<ChunkPort> p, ChunkConfig config, ChunkRole role, std::string link_name)
      : timeline(t),
        name(std::move(link_name)),
        port(std::move(p)),
        core(config, role, name),
        changed(t),
        output(t),
        earlier(t) {}

  Timeline& timeline;
  std::string name;
  std::unique_ptr<ChunkPort> port;
  ChunkCore core;
  Event changed;  ///< something can be read, was sent, or is lost
  Event output, earlier;
  TimePoint timer_wakes = kAwake;
  bool sending = false, over = false;

  /// To be called after everything that was done to the core.
  void turn() {
    changed.notify_all();
    if (core.has_chunk()) output.notify_all();
    if (core.lost() || core.next_deadline() < timer_wakes) earlier.notify_all();
  }
  /// Says the last word, and ends what carries it.
  void shut() {
    if (std::exchange(over, true)) return;
    const auto last = core.take_chunk(TimePoint{});  // it may be the timeline's own end that ends this: no time to ask
    port->close(last ? std::span<const std::byte>(*last) : std::span<const std::byte>{});
    turn();
    output.notify_all();
    earlier.notify_all();
  }
};

using EndPtr = std::shared_ptr<ChunkEnd>;

Awaitable<void> receive_chunks(EndPtr end) {
  while (!end->over) {
    const Result<std::vector<std::byte>> chunk = co_await end->port->receive();
    if (end->over) break;
    if (!chunk) {
      end->core.ended(chunk.error());
      end->shut();
      break;
    }
    end->core.chunk_arrived(end->timeline.now(), *chunk);
    end->turn();
  }
}

Awaitable<void> send_chunks(EndPtr end) {
  while (!end->over) {
    if (end->core.lost()) {
      end->shut();
      break;
    }
    const std::size_t unsent = end->core.unsent();
    auto chunk = end->core.take_chunk(end->timeline.now());
    if (!chunk) {
      co_await end->output.wait_until(kNever);
      continue;
    }
    end->sending = end->core.unsent() != unsent;  // a writer waits for its own bytes, not for what follows them
    const Result<void> sent = co_await end->port->send(std::move(*chunk));
    end->sending = false;
    if (!sent && !end->over) {
      end->core.ended(sent.error());
      end->shut();
    }
    end->turn();
  }
}

Awaitable<void> watch_deadlines(EndPtr end) {
  while (!end->over) {
    if (end->core.lost()) {
      end->shut();
      break;
    }
    end->timer_wakes = end->core.next_deadline();
    co_await end->earlier.wait_until(end->timer_wakes);
    end->timer_wakes = kAwake;
    if (end->over) break;
    end->core.time_passed(end->timeline.now());
    end->turn();
  }
}

Awaitable<Result<std::size_t>> read_chunks(EndPtr end, std::span<std::byte> into) {
  for (;;) {
    if (end->core.readable()) {
      const std::size_t count = end->core.read(into);
      end->turn();
      co_return count;
    }
    if (const auto& lost = end->core.lost()) {
      Error why = *lost;
      co_return why;
    }
    co_await end->changed.wait_until(kNever);
  }
}

Awaitable<Result<void>> write_chunks(EndPtr end, std::span<const std::byte> bytes) {
  if (!end->core.lost()) {
    end->core.write(bytes);
    end->turn();
  }
  for (;;) {
    if (const auto& lost = end->core.lost()) {
      Error why = *lost;
      co_return why;
    }
    if (end->core.unsent() == 0 && !end->sending) co_return Result<void>{};
    co_await end->changed.wait_until(kNever);
  }
}

Awaitable<void> let_go_of(EndPtr end) { co_await end->port->let_go(); }

void start(const EndPtr& end) {
  end->timeline.spawn(receive_chunks(end));
  end->timeline.spawn(send_chunks(end));
  end->timeline.spawn(watch_deadlines(end));
}

class ChunkLink final : public ByteLink {
 public:
  explicit ChunkLink(EndPtr end) : end_(std::move(end)) {}
  ~ChunkLink() override { finish(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return read_chunks(end_, into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return write_chunks(end_, bytes); }
  void close() noexcept override { finish(); }
  Awaitable<void> let_go() override { return let_go_of(end_); }
  const std::string& name() const override { return end_->name; }
  std::optional<double> payload_bits_per_s() const override { return std::nullopt; }

 private:
  void finish() noexcept {
    end_->core.close();
    end_->shut();
  }
  EndPtr end_;
};

}  // namespace

Awaitable<Result<std::unique_ptr<ByteLink>>> open_chunk_link(Timeline& timeline, std::unique_ptr<ChunkPort> port,
                                                             std::string name, ChunkConfig config,
                                                             std::uint32_t nonce) {
  auto end = std::make_shared<ChunkEnd>(timeline, std::move(port), config, ChunkRole::host, std::move(name));
  end->core.open(timeline.now(), nonce);
  start(end);
  while (!end->core.is_open() && !end->core.lost()) co_await end->changed.wait_until(kNever);
  std::unique_ptr<ByteLink> link = std::make_unique<ChunkLink>(end);
  if (const auto& lost = end->core.lost()) {
    Error why = *lost;
    link->close();
    co_await link->let_go();
    co_return why;
  }
  co_return link;
}

std::unique_ptr<ByteLink> make_pen_chunk_link(Timeline& timeline, std::unique_ptr<ChunkPort> port, std::string name,
                                              ChunkConfig config) {
  auto end = std::make_shared<ChunkEnd>(timeline, std::move(port), config, ChunkRole::pen, std::move(name));
  start(end);
  return std::make_unique<ChunkLink>(end);
}

}  // namespace penrig::ble
