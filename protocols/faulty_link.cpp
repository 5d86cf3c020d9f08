#include <algorithm>
#include <utility>
#include <vector>

#include "protocols/links.hpp"
#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// Shared with the coroutines that wait in it when the link is destroyed.
struct Faulty {
  Faulty(Timeline& t, std::unique_ptr<ByteLink> i, LinkFaults f)
      : timeline(t),
        inner(std::move(i)),
        faults(f),
        in(f.seed, "link faults inbound"),
        out(f.seed, "link faults outbound"),
        closing(t) {}

  /// How many of `count` bytes may still pass before the link closes or stalls.
  std::size_t let_pass(std::size_t count) {
    std::uint64_t left = count;
    if (faults.close_after_bytes != 0) left = std::min(left, faults.close_after_bytes - passed);
    if (faults.stall_after_bytes != 0) left = std::min(left, faults.stall_after_bytes - passed);
    passed += left;
    return static_cast<std::size_t>(left);
  }
  bool to_close() const { return faults.close_after_bytes != 0 && passed >= faults.close_after_bytes; }
  bool stalled() const { return faults.stall_after_bytes != 0 && passed >= faults.stall_after_bytes; }

  void close() {
    closed = true;
    inner->close();
    closing.notify_all();
  }
  Error lost() const { return fail(Errc::link_lost, inner->name() + ": the stream has ended (injected fault)"); }

  std::vector<std::byte> damaged(std::span<const std::byte> bytes, Random& random) const {
    std::vector<std::byte> out_bytes;
    out_bytes.reserve(bytes.size());
    for (std::byte b : bytes) {
      if (faults.drop_per_byte > 0 && random.bernoulli(faults.drop_per_byte)) continue;
      if (faults.corrupt_per_byte > 0 && random.bernoulli(faults.corrupt_per_byte)) {
        b ^= static_cast<std::byte>(1 + random.below(255));
      }
      out_bytes.push_back(b);
    }
    return out_bytes;
  }

  Timeline& timeline;
  std::unique_ptr<ByteLink> inner;
  LinkFaults faults;
  Random in, out;
  Event closing;
  std::uint64_t passed = 0;
  bool closed = false;
};

using FaultyPtr = std::shared_ptr<Faulty>;

Awaitable<void> until_closed(FaultyPtr link) {
  while (!link->closed) {
    const bool told = co_await link->closing.wait_until(kNever);
    if (!told) break;  // virtual time ran out
  }
}

Awaitable<Result<std::size_t>> read_faulty(FaultyPtr link, std::span<std::byte> into) {
  for (;;) {
    if (link->to_close()) link->close();
    if (link->closed) co_return link->lost();
    if (link->stalled()) {
      co_await until_closed(link);
      co_return link->lost();
    }
    const Result<std::size_t> count = co_await link->inner->read_some(into);
    if (!count) co_return count;
    if (link->faults.extra_delay > Nanoseconds{0}) co_await link->timeline.sleep_for(link->faults.extra_delay);
    const std::size_t passing = link->let_pass(*count);
    const auto bytes = link->damaged(into.first(passing), link->in);
    std::copy(bytes.begin(), bytes.end(), into.begin());
    if (!bytes.empty()) co_return bytes.size();
  }
}

Awaitable<Result<void>> write_faulty(FaultyPtr link, std::span<const std::byte> bytes) {
  auto sent = link->damaged(bytes, link->out);
  if (link->faults.duplicate_per_write > 0 && link->out.bernoulli(link->faults.duplicate_per_write)) {
    const auto once = sent;
    sent.insert(sent.end(), once.begin(), once.end());
  }
  const std::size_t passing = link->stalled() || link->to_close() ? 0 : link->let_pass(sent.size());
  const bool all_pass = passing == sent.size();
  sent.resize(passing);
  const std::size_t step = link->faults.split_writes ? 1 : std::max<std::size_t>(1, sent.size());
  for (std::size_t at = 0; at < sent.size(); at += step) {
    if (link->closed) co_return link->lost();
    const std::span<const std::byte> part = std::span(sent).subspan(at, std::min(step, sent.size() - at));
    const Result<void> written = co_await link->inner->write_all(part);
    if (!written) co_return written;
  }
  if (all_pass && !link->closed) co_return Result<void>{};
  if (link->to_close()) link->close();
  if (link->stalled()) co_await until_closed(link);
  co_return link->lost();
}

class FaultyLink final : public ByteLink {
 public:
  explicit FaultyLink(FaultyPtr link) : link_(std::move(link)) {}
  ~FaultyLink() override { link_->close(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return read_faulty(link_, into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return write_faulty(link_, bytes); }
  void close() noexcept override { link_->close(); }
  const std::string& name() const override { return link_->inner->name(); }
  std::optional<double> payload_bits_per_s() const override { return link_->inner->payload_bits_per_s(); }

 private:
  FaultyPtr link_;
};

}  // namespace

std::unique_ptr<ByteLink> make_faulty_link(Timeline& timeline, std::unique_ptr<ByteLink> inner, LinkFaults faults) {
  return std::make_unique<FaultyLink>(std::make_shared<Faulty>(timeline, std::move(inner), faults));
}

}  // namespace penrig
