#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "protocols/links.hpp"

namespace penrig {
namespace {

/// One direction. Shared by both ends, and by whoever still waits in a read when an end is destroyed.
struct Pipe {
  Pipe(Timeline& t, std::string link) : timeline(t), name(std::move(link)), changed(t) {}

  struct Piece {
    TimePoint arrives;
    std::vector<std::byte> bytes;
    std::size_t read = 0;
  };

  Error ended() const { return fail(Errc::link_lost, name + ": the stream has ended"); }

  Timeline& timeline;
  const std::string name;
  Event changed;
  std::deque<Piece> pieces;
  std::vector<std::byte> spare;  ///< memory of the piece that was read last, for the next that is written
  bool writer_closed = false, reader_closed = false;
  TimePoint closing_arrives;
};

using PipePtr = std::shared_ptr<Pipe>;

Awaitable<Result<std::size_t>> read_pipe(PipePtr pipe, std::span<std::byte> into) {
  for (;;) {
    const TimePoint now = pipe->timeline.now();
    TimePoint next = kNever;
    if (pipe->reader_closed) break;
    if (!pipe->pieces.empty()) {
      auto& piece = pipe->pieces.front();
      if (piece.arrives <= now) {
        const std::size_t count = std::min(into.size(), piece.bytes.size() - piece.read);
        std::copy_n(piece.bytes.begin() + static_cast<std::ptrdiff_t>(piece.read), count, into.begin());
        piece.read += count;
        if (piece.read == piece.bytes.size()) {
          pipe->spare = std::move(piece.bytes);
          pipe->pieces.pop_front();
        }
        co_return count;
      }
      next = piece.arrives;
    } else if (pipe->writer_closed) {
      if (pipe->closing_arrives <= now) break;
      next = pipe->closing_arrives;
    }
    co_await pipe->changed.wait_until(next);
  }
  co_return pipe->ended();
}

Result<void> write_into(Pipe& pipe, std::span<const std::byte> bytes, Nanoseconds latency) {
  if (pipe.writer_closed || pipe.reader_closed) return pipe.ended();
  if (!bytes.empty()) {
    pipe.spare.assign(bytes.begin(), bytes.end());
    pipe.pieces.push_back({pipe.timeline.now() + latency, std::exchange(pipe.spare, {})});
    pipe.changed.notify_all();
  }
  return {};
}

Awaitable<Result<void>> write_pipe(PipePtr pipe, std::span<const std::byte> bytes, Nanoseconds latency) {
  co_return write_into(*pipe, bytes, latency);
}

class MemoryLink final : public ByteLink {
 public:
  MemoryLink(PipePtr in, PipePtr out, Nanoseconds latency)
      : in_(std::move(in)), out_(std::move(out)), latency_(latency) {}
  ~MemoryLink() override { end(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return read_pipe(in_, into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    return write_pipe(out_, bytes, latency_);
  }
  bool takes_at_once() const override { return true; }
  Result<void> write_at_once(std::span<const std::byte> bytes) override { return write_into(*out_, bytes, latency_); }
  void close() noexcept override { end(); }
  const std::string& name() const override { return in_->name; }
  std::optional<double> payload_bits_per_s() const override { return std::nullopt; }

 private:
  void end() noexcept {
    if (std::exchange(ended_, true)) return;
    in_->reader_closed = true;
    out_->writer_closed = true;
    out_->closing_arrives = out_->timeline.now() + latency_;
    in_->changed.notify_all();
    out_->changed.notify_all();
  }

  PipePtr in_, out_;
  Nanoseconds latency_;
  bool ended_ = false;
};

}  // namespace

std::pair<std::unique_ptr<ByteLink>, std::unique_ptr<ByteLink>> make_memory_link(Timeline& timeline, std::string name,
                                                                                 Nanoseconds latency) {
  auto there = std::make_shared<Pipe>(timeline, name);
  auto back = std::make_shared<Pipe>(timeline, std::move(name));
  return {std::make_unique<MemoryLink>(back, there, latency), std::make_unique<MemoryLink>(there, back, latency)};
}

}  // namespace penrig
