#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <penrig.pb.h>

#include "protocols/links.hpp"
#include "protocols/session.hpp"

/// In a coroutine, where ASSERT_* cannot return.
#define CO_ASSERT_TRUE(condition) \
  do {                            \
    EXPECT_TRUE(condition);       \
    if (!(condition)) co_return;  \
  } while (false)

namespace penrig {

using std::chrono::milliseconds;

/// Runs a named coroutine lambda to its end on a timeline.
inline void run_on(Timeline& timeline, const std::function<Awaitable<void>()>& body) {
  auto main = [](const std::function<Awaitable<void>()>& b) -> Awaitable<int> {
    co_await b();
    co_return 0;
  };
  timeline.run(main(body));
}

inline wire::Envelope pen_status_request() {
  wire::Envelope e;
  e.mutable_pen_request()->mutable_get_status();
  return e;
}
inline wire::Envelope pen_start_request() {
  wire::Envelope e;
  e.mutable_pen_request()->mutable_start();
  return e;
}
inline wire::Envelope pen_stop_request() {
  wire::Envelope e;
  e.mutable_pen_request()->mutable_stop();
  return e;
}
inline wire::Envelope pen_jog_request(double crank_deg) {
  wire::Envelope e;
  e.mutable_pen_request()->mutable_jog()->set_crank_deg(crank_deg);
  return e;
}

/// A link whose i-th operation (reads and writes counted together, from 1) goes wrong.
class StepLink final : public ByteLink {
 public:
  enum class Fault { kEnd, kLoseBytes, kCorruptBytes };
  struct Plan {
    std::uint64_t step = 0;  // 0 = never
    Fault fault = Fault::kEnd;
    std::uint64_t taken = 0;
    bool from_then_on = false;
  };
  /// The plan outlives the link's coroutines: tests own it for their whole length.
  StepLink(std::unique_ptr<ByteLink> inner, Plan& plan) : inner_(std::move(inner)), plan_(plan) {}

  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> into) override {
    for (;;) {
      const Result<std::size_t> count = co_await inner_->read_some(into);
      if (!count || !strikes()) co_return count;
      if (plan_.fault == Fault::kEnd) {
        inner_->close();
        co_return lost();
      }
      if (plan_.fault == Fault::kCorruptBytes) {
        into[*count / 2] ^= std::byte{0x55};
        co_return count;
      }
    }
  }
  Awaitable<Result<void>> write_all(std::span<const std::byte> bytes) override {
    std::vector<std::byte> copy(bytes.begin(), bytes.end());
    if (strikes()) {
      if (plan_.fault == Fault::kEnd) {
        inner_->close();
        co_return lost();
      }
      if (plan_.fault == Fault::kLoseBytes) co_return Result<void>{};
      copy[copy.size() / 2] ^= std::byte{0x55};
    }
    const std::span<const std::byte> all(copy);
    co_return co_await inner_->write_all(all);
  }
  void close() noexcept override { inner_->close(); }
  const std::string& name() const override { return inner_->name(); }
  std::optional<double> payload_bits_per_s() const override { return inner_->payload_bits_per_s(); }

 private:
  bool strikes() {
    ++plan_.taken;
    return plan_.taken == plan_.step || (plan_.from_then_on && plan_.step != 0 && plan_.taken > plan_.step);
  }
  Error lost() const { return fail(Errc::link_lost, name() + ": step failed"); }
  std::unique_ptr<ByteLink> inner_;
  Plan& plan_;
};

/// A device that counts what it executed, and a host before it, over one link in memory.
class SessionBench {
 public:
  explicit SessionBench(SessionConfig config = {}, Nanoseconds latency = milliseconds{1},
                        StepLink::Plan* plan = nullptr, DeviceSession::Config device_config = {.is_pen = true})
      : timeline_(make_virtual_timeline()) {
    auto [host_end, device_end] = make_memory_link(*timeline_, "memory:pen", latency);
    host_link_ = std::move(host_end);
    if (plan != nullptr) host_link_ = std::make_unique<StepLink>(std::move(host_link_), *plan);
    device_link_ = std::move(device_end);
    device_ = std::make_unique<DeviceSession>(*timeline_, *device_link_, device_config,
                                              [this](const wire::Envelope& request) { return execute(request); });
    device_->on_dead_man([this] { ++dead_man; });
    device_->on_host_back([this] { ++host_back; });
    host_ = std::make_unique<HostSession>(*timeline_, *host_link_, std::move(config));
    host_->on_lost([this](const Error& e) { losses.push_back(e); });
  }

  /// Serves the device, runs the body, closes, and checks that both ends come to rest.
  void run(const std::function<Awaitable<void>()>& body) {
    const std::function<Awaitable<void>()> whole = [this, &body]() -> Awaitable<void> {
      timeline_->spawn(serve());
      co_await body();
      co_await host_->close();
      const TimePoint deadline = timeline_->now() + std::chrono::seconds{10};
      while (!device_ended && timeline_->now() < deadline) co_await timeline_->sleep_for(milliseconds{10});
      EXPECT_TRUE(device_ended.has_value()) << "the device still serves";
    };
    run_on(*timeline_, whole);
  }

  TimePoint in(Nanoseconds d) const { return timeline_->now() + d; }
  Timeline& timeline() { return *timeline_; }
  HostSession& host() { return *host_; }
  DeviceSession& device() { return *device_; }
  ByteLink& device_link() { return *device_link_; }
  ByteLink& host_link() { return *host_link_; }

  std::map<std::uint32_t, int> executions;  // by request id
  int dead_man = 0, host_back = 0;
  std::vector<Error> losses;
  std::optional<Error> device_ended;
  Nanoseconds work{0};
  std::optional<wire::Envelope> canned_reply;

 private:
  Awaitable<void> serve() { device_ended = co_await device_->serve(); }

  Awaitable<wire::Envelope> execute(const wire::Envelope& request) {
    ++executions[request.request_id()];
    if (work > Nanoseconds{0}) co_await timeline_->sleep_for(work);
    wire::Envelope reply;
    if (canned_reply) {
      reply = *canned_reply;
    } else if (request.pen_request().has_get_status()) {
      reply.mutable_pen_reply()->mutable_status()->set_stroke_count(42);
    } else {
      reply.mutable_done();
    }
    co_return reply;
  }

  std::unique_ptr<Timeline> timeline_;
  std::unique_ptr<ByteLink> host_link_, device_link_;
  std::unique_ptr<DeviceSession> device_;
  std::unique_ptr<HostSession> host_;
};

}  // namespace penrig
