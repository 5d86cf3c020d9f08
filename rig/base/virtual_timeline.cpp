#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "rig/base/timeline.hpp"
#include "rig/base/virtual_machine.hpp"

namespace penrig {
namespace asio = boost::asio;

namespace {

class VirtualTimeline final : public Timeline {
 public:
  VirtualTimeline() : Timeline(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE) {}

  TimePoint now() const override { return now_; }
  std::int64_t utc_ns(TimePoint t) const override {
    std::int64_t ns = kVirtualEpochUtcNs + t.since_start.count();
    for (const auto& [from, by] : clock_steps_) ns += t >= from ? by.count() : 0;
    return ns;
  }
  bool is_virtual() const override { return true; }

  Awaitable<void> run_blocking(std::function<void()> work) override {
    work();
    if (blocking_takes_ > Nanoseconds{0}) co_await sleep_for(blocking_takes_);
  }
  Awaitable<void> run_computing(std::function<void()> work) override {
    work();
    co_return;
  }
  void step_clock(Nanoseconds by) { clock_steps_.emplace_back(now_, by); }
  void make_blocking_take(Nanoseconds time) { blocking_takes_ = time; }

  int run(Awaitable<int> main) override {
    std::optional<int> value;
    asio::co_spawn(io_, std::move(main), [&](const std::exception_ptr& e, int v) {
      if (e) {
        task_failed_ = e;
      } else {
        value = v;
      }
    });
    // Within one operation of the loop: Asio keeps memory for what follows in a thread only while one runs.
    asio::post(io_, [&] {
      while (!value && !task_failed_) go_on();
      io_.stop();
    });
    io_.restart();
    io_.run();
    if (task_failed_) std::rethrow_exception(std::exchange(task_failed_, nullptr));
    return *value;
  }

 private:
  /// What was begun, who was woken, or the next of those who wait.
  void go_on() {
    if (io_.poll_one() > 0) return;
    if (!ready_.empty()) {
      Ready next = std::move(ready_.front());
      ready_.pop_front();
      std::move(next.handler)(next.notified);
      return;
    }
    do {
      if (idle() || earliest() >= kNever)
        throw std::logic_error("virtual time stands still: all wait and nothing has a deadline");
      now_ = std::max(now_, earliest());
    } while (serve_first_due(now_) == Due::looked);
  }

  TimePoint now_;
  std::vector<std::pair<TimePoint, Nanoseconds>> clock_steps_;
  Nanoseconds blocking_takes_{0};
};

}  // namespace

void step_wall_clock(Timeline& timeline, Nanoseconds by) {
  if (auto* machine = dynamic_cast<VirtualTimeline*>(&timeline)) machine->step_clock(by);
}

void make_blocking_work_take(Timeline& timeline, Nanoseconds time) {
  if (auto* machine = dynamic_cast<VirtualTimeline*>(&timeline)) machine->make_blocking_take(time);
}

std::unique_ptr<Timeline> make_virtual_timeline() { return std::make_unique<VirtualTimeline>(); }

}  // namespace penrig
