#include "protocols/tracing_link.hpp"

#include <utility>

namespace penrig {
namespace {

/// Shared with the coroutines that wait in it when the link is destroyed.
struct Traced {
  Timeline& timeline;
  std::unique_ptr<ByteLink> inner;
  std::unique_ptr<LinkTap> tap;
};

using TracedPtr = std::shared_ptr<Traced>;

Awaitable<Result<std::size_t>> read_traced(TracedPtr link, std::span<std::byte> into) {
  const Result<std::size_t> count = co_await link->inner->read_some(into);
  const TimePoint at = link->timeline.now();
  if (count) {
    link->tap->passed(at, LinkDirection::in, into.first(*count));
  } else {
    link->tap->failed(at, LinkDirection::in, count.error().message);
  }
  co_return count;
}

Awaitable<Result<void>> write_traced(TracedPtr link, std::span<const std::byte> bytes) {
  link->tap->passed(link->timeline.now(), LinkDirection::out, bytes);
  const Result<void> written = co_await link->inner->write_all(bytes);
  if (!written) link->tap->failed(link->timeline.now(), LinkDirection::out, written.error().message);
  co_return written;
}

class TracingLink final : public ByteLink {
 public:
  explicit TracingLink(TracedPtr link) : link_(std::move(link)) {}
  ~TracingLink() override { link_->inner->close(); }

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override { return read_traced(link_, into); }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override { return write_traced(link_, bytes); }
  void allow_rounds(bool allowed) override { link_->inner->allow_rounds(allowed); }
  void close() noexcept override { link_->inner->close(); }
  Awaitable<void> let_go() override { return link_->inner->let_go(); }
  const std::string& name() const override { return link_->inner->name(); }
  std::optional<double> payload_bits_per_s() const override { return link_->inner->payload_bits_per_s(); }
  LinkFacts facts() const override { return link_->inner->facts(); }

 private:
  TracedPtr link_;
};

}  // namespace

std::unique_ptr<ByteLink> make_tracing_link(Timeline& timeline, std::unique_ptr<ByteLink> inner,
                                            std::unique_ptr<LinkTap> tap) {
  return std::make_unique<TracingLink>(std::make_shared<Traced>(Traced{timeline, std::move(inner), std::move(tap)}));
}

}  // namespace penrig
