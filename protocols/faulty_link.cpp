#include "protocols/faulty_link.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "protocols/links.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// A writer waits while more than this is under way: about what a tty holds, and a DAQ's blocks of half a second.
constexpr std::size_t kHeldBytes = std::size_t{64} * 1024;
/// A piece that is to come after the next one comes after so long if there is none.
constexpr Nanoseconds kReorderWait = std::chrono::milliseconds{20};

struct Piece {
  TimePoint due;
  std::vector<std::byte> bytes;
  std::size_t read = 0;
};

/// One way of the link: what is under way, in the order in which it will come.
struct Way {
  Way(Timeline& t, std::uint64_t seed, const char* stream) : timeline(t), random(seed, stream), changed(t) {}

  bool idle() const { return faults == WayFaults{} && queue.empty() && !kept_back; }

  void admit(std::span<const std::byte> bytes) {
    std::vector<std::byte> left = damaged(bytes);
    const std::size_t step = faults.piece_bytes == 0 ? std::max<std::size_t>(left.size(), 1) : faults.piece_bytes;
    for (std::size_t at = 0; at < left.size(); at += step) {
      const auto begin = left.begin() + static_cast<std::ptrdiff_t>(at);
      std::vector<std::byte> piece(begin, begin + static_cast<std::ptrdiff_t>(std::min(step, left.size() - at)));
      const bool twice = faults.duplicate_per_piece > 0 && random.bernoulli(faults.duplicate_per_piece);
      if (!kept_back && faults.reorder_per_piece > 0 && random.bernoulli(faults.reorder_per_piece)) {
        kept_back = std::move(piece);
        kept_until = timeline.now() + kReorderWait;
        continue;
      }
      if (twice) push(piece, faults.delay);
      push(std::move(piece), faults.delay);
      if (kept_back) push(*std::exchange(kept_back, std::nullopt), faults.delay);
    }
    changed.notify_all();
  }

  /// Behind all that is due no later.
  void push(std::vector<std::byte> bytes, Nanoseconds later) {
    const TimePoint due = timeline.now() + later;
    waiting_bytes += bytes.size();
    const auto behind = std::find_if(queue.begin(), queue.end(), [due](const Piece& p) { return p.due > due; });
    queue.insert(behind, Piece{due, std::move(bytes)});
  }

  /// The piece that may pass now.
  Piece* ready() {
    const TimePoint now = timeline.now();
    if (kept_back && kept_until <= now) push(*std::exchange(kept_back, std::nullopt), Nanoseconds{0});
    return !faults.stalled && !queue.empty() && queue.front().due <= now ? &queue.front() : nullptr;
  }
  void took(std::size_t count) {
    waiting_bytes -= count;
    Piece& first = queue.front();
    first.read += count;
    if (first.read == first.bytes.size()) queue.pop_front();
  }
  TimePoint next() const {
    TimePoint at = kept_back ? kept_until : kNever;
    if (!faults.stalled && !queue.empty()) at = std::min(at, queue.front().due);
    return at;
  }

  void forget() {
    queue.clear();
    kept_back.reset();
    waiting_bytes = 0;
  }

  std::vector<std::byte> damaged(std::span<const std::byte> bytes) {
    std::vector<std::byte> left;
    left.reserve(bytes.size());
    for (std::byte b : bytes) {
      if (faults.drop_per_byte > 0 && random.bernoulli(faults.drop_per_byte)) continue;
      if (faults.corrupt_per_byte > 0 && random.bernoulli(faults.corrupt_per_byte)) {
        b ^= static_cast<std::byte>(1 + random.below(255));
      }
      left.push_back(b);
    }
    return left;
  }

  Timeline& timeline;
  Random random;
  Event changed;
  WayFaults faults;
  std::deque<Piece> queue;
  std::optional<std::vector<std::byte>> kept_back;
  TimePoint kept_until;
  std::size_t waiting_bytes = 0;
};

}  // namespace

/// Kept by the coroutines that carry the bytes, which may notice an end late.
struct FaultyChannel::Shared {
  Shared(Timeline& t, std::unique_ptr<ByteLink> i, std::uint64_t seed)
      : timeline(t), inner(std::move(i)), in(t, seed, "link faults inbound"), out(t, seed, "link faults outbound") {}

  /// How many of `count` bytes may still pass before the link closes or falls silent.
  std::size_t let_pass(std::size_t count) {
    std::uint64_t left = count;
    if (close_after_bytes != 0) left = std::min(left, close_after_bytes - passed);
    if (stall_after_bytes != 0) left = std::min(left, stall_after_bytes - passed);
    passed += left;
    return static_cast<std::size_t>(left);
  }
  bool to_close() const { return close_after_bytes != 0 && passed >= close_after_bytes; }
  bool silent() const { return stall_after_bytes != 0 && passed >= stall_after_bytes; }
  Error lost() const { return fail(Errc::link_lost, inner->name() + ": the stream has ended (injected fault)"); }

  void close() {
    if (std::exchange(closed, true)) return;
    inner->close();
    in.changed.notify_all();
    out.changed.notify_all();
  }

  Timeline& timeline;
  std::unique_ptr<ByteLink> inner;
  Way in, out;
  std::uint64_t ends = 0;  ///< which end is the present one; 0 = none was made yet
  bool attached = false, closed = false, writing = false;
  int carriers = 0;
  std::function<void()> on_first_byte;
  std::optional<Error> ended;  ///< why nothing comes any more
  std::uint64_t close_after_bytes = 0, stall_after_bytes = 0, passed = 0;
};

namespace {

using Shared = FaultyChannel::Shared;
using SharedPtr = std::shared_ptr<Shared>;

/// Takes from the inner link whatever comes.
Awaitable<void> carry_in(SharedPtr link) {
  std::vector<std::byte> buffer(kHeldBytes);
  const std::span<std::byte> room(buffer);
  while (!link->closed) {
    const Result<std::size_t> count = co_await link->inner->read_some(room);
    if (!count) {
      if (!link->closed) link->ended = count.error();
      break;
    }
    if (auto handler = std::exchange(link->on_first_byte, nullptr)) handler();
    const std::size_t passing = link->silent() || link->to_close() ? 0 : link->let_pass(*count);
    if (link->attached) link->in.admit(room.first(passing));
    if (link->to_close()) break;  // whoever reads closes when all of it has come
  }
  --link->carriers;
  link->in.changed.notify_all();
}

/// Gives the inner link what is due.
Awaitable<void> carry_out(SharedPtr link) {
  while (!link->closed) {
    const Piece* piece = link->writing ? nullptr : link->out.ready();
    if (piece == nullptr) {
      co_await link->out.changed.wait_until(link->writing ? kNever : link->out.next());
      continue;
    }
    const std::vector<std::byte> bytes = piece->bytes;
    link->out.took(bytes.size());
    link->writing = true;
    const std::span<const std::byte> all(bytes);
    const Result<void> written = co_await link->inner->write_all(all);
    link->writing = false;
    link->out.changed.notify_all();
    if (!written) link->close();
  }
  --link->carriers;
}

Awaitable<Result<std::size_t>> read_end(SharedPtr link, std::uint64_t end, std::span<std::byte> into) {
  for (;;) {
    if (link->closed || link->ends != end) co_return link->lost();
    if (Piece* piece = link->in.ready()) {
      const std::size_t count = std::min(into.size(), piece->bytes.size() - piece->read);
      std::copy_n(piece->bytes.begin() + static_cast<std::ptrdiff_t>(piece->read), count, into.begin());
      link->in.took(count);
      co_return count;
    }
    const bool all_came = link->in.queue.empty() && !link->in.kept_back;
    if (all_came && link->ended) co_return *link->ended;
    if (all_came && link->to_close()) {
      link->close();
      continue;
    }
    co_await link->in.changed.wait_until(link->in.next());
  }
}

Awaitable<Result<void>> write_end(SharedPtr link, std::uint64_t end, std::span<const std::byte> bytes) {
  if (link->closed || link->ends != end) co_return link->lost();
  const bool bounded = link->close_after_bytes + link->stall_after_bytes != 0;
  if (!bounded && link->out.idle() && !link->writing) {
    link->writing = true;
    const Result<void> written = co_await link->inner->write_all(bytes);
    link->writing = false;
    link->out.changed.notify_all();
    co_return written;
  }
  const std::size_t passing = link->silent() || link->to_close() ? 0 : link->let_pass(bytes.size());
  link->out.admit(bytes.first(passing));
  // Beyond what such a link holds, and for ever once nothing passes any more.
  const auto held_up = [&] {
    return link->to_close() ? link->out.waiting_bytes > 0 : link->silent() || link->out.waiting_bytes > kHeldBytes;
  };
  while (!link->closed && link->ends == end && held_up()) {
    const bool told = co_await link->out.changed.wait_until(kNever);
    if (!told) break;  // virtual time ran out
  }
  if (link->to_close()) link->close();
  if (link->closed || link->ends != end) co_return link->lost();
  co_return Result<void>{};
}

class FaultyEnd final : public ByteLink {
 public:
  FaultyEnd(SharedPtr link, std::uint64_t end) : link_(std::move(link)), end_(end) {}
  ~FaultyEnd() override { shut(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return read_end(link_, end_, into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return write_end(link_, end_, bytes); }
  void close() noexcept override { shut(); }
  const std::string& name() const override { return link_->inner->name(); }
  std::optional<double> payload_bits_per_s() const override { return link_->inner->payload_bits_per_s(); }
  LinkFacts facts() const override { return link_->inner->facts(); }

 private:
  void shut() noexcept {
    if (link_->ends == end_) link_->close();
  }

  SharedPtr link_;
  std::uint64_t end_;
};

std::unique_ptr<ByteLink> new_end(const SharedPtr& link) {
  link->attached = true;
  return std::make_unique<FaultyEnd>(link, ++link->ends);
}

SharedPtr start_carriers(Timeline& timeline, std::unique_ptr<ByteLink> inner, std::uint64_t seed) {
  auto link = std::make_shared<Shared>(timeline, std::move(inner), seed);
  link->carriers = 2;
  timeline.spawn(carry_in(link));
  timeline.spawn(carry_out(link));
  return link;
}

}  // namespace

FaultyChannel::FaultyChannel(Timeline& timeline, std::unique_ptr<ByteLink> inner, std::uint64_t seed)
    : shared_(start_carriers(timeline, std::move(inner), seed)) {}
FaultyChannel::~FaultyChannel() { shared_->close(); }

std::unique_ptr<ByteLink> FaultyChannel::end() { return new_end(shared_); }

void FaultyChannel::cut_off() {
  ++shared_->ends;
  shared_->attached = false;
  shared_->in.forget();
  shared_->in.changed.notify_all();
  shared_->out.changed.notify_all();
}

void FaultyChannel::set(const WayFaults& out, const WayFaults& in) {
  shared_->out.faults = out;
  shared_->in.faults = in;
  shared_->out.changed.notify_all();
  shared_->in.changed.notify_all();
}

void FaultyChannel::send(std::vector<std::byte> bytes, Nanoseconds later) {
  shared_->out.push(std::move(bytes), later + shared_->out.faults.delay);
  shared_->out.changed.notify_all();
}

void FaultyChannel::on_first_byte(std::function<void()> handler) { shared_->on_first_byte = std::move(handler); }

void FaultyChannel::close() { shared_->close(); }
bool FaultyChannel::closed() const { return shared_->closed || shared_->ended.has_value(); }
bool FaultyChannel::running() const { return shared_->carriers > 0 || shared_->writing; }

std::unique_ptr<ByteLink> make_faulty_link(Timeline& timeline, std::unique_ptr<ByteLink> inner, LinkFaults faults) {
  SharedPtr link = start_carriers(timeline, std::move(inner), faults.seed);
  link->in.faults.drop_per_byte = link->out.faults.drop_per_byte = faults.drop_per_byte;
  link->in.faults.corrupt_per_byte = link->out.faults.corrupt_per_byte = faults.corrupt_per_byte;
  link->in.faults.delay = faults.extra_delay;
  link->out.faults.duplicate_per_piece = faults.duplicate_per_write;
  link->out.faults.piece_bytes = faults.split_writes ? 1 : 0;
  link->stall_after_bytes = faults.stall_after_bytes;
  link->close_after_bytes = faults.close_after_bytes;
  return new_end(link);
}

}  // namespace penrig
