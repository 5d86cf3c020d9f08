#include "rig/base/timeline.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <time.h>

#include "rig/base/look_out.hpp"
#include "rig/base/wall_clock.hpp"
#include "rig/base/watchdog.hpp"

namespace penrig {
namespace asio = boost::asio;

Timeline::Timeline(int concurrency_hint) : io_(concurrency_hint) {}

Timeline::~Timeline() {
  // Destroying a waiter destroys its coroutine, whose Events look into the queue: it must be whole then, without it.
  while (!queue_.empty()) take(std::prev(queue_.end()));
  while (!ready_.empty()) {
    const Ready gone = std::move(ready_.front());
    ready_.pop_front();
  }
}

Timeline::Key Timeline::arm(TimePoint deadline, Waiter waiter) {
  const Key key{deadline.since_start.count(), next_ticket_++};
  if (waiter.event != nullptr) waiter.event->waiting_.push_back(key);
  if (free_.empty()) {
    free_.push_back(waiters_.size());
    waiters_.emplace_back();
  }
  const auto place = find(key);
  const bool first = place == queue_.end();
  waiters_[free_.back()].emplace(std::move(waiter));
  queue_.insert(place, {key, free_.back()});
  free_.pop_back();
  if (first) earliest_changed();
  return key;
}

/// Where it stands, or where it would be inserted.
std::vector<Timeline::Entry>::iterator Timeline::find(Key key) {
  if (!queue_.empty() && queue_.back().key == key) return std::prev(queue_.end());  // time goes on to the earliest
  // Halved without a branch: which half it is cannot be foretold, and this is asked for all that waits.
  const auto later = [key](const Entry& entry) {
    return (entry.key.first > key.first) | ((entry.key.first == key.first) & (entry.key.second > key.second));
  };
  auto from = queue_.begin();
  auto left = queue_.size();
  for (; left > 1; left -= left / 2) {
    const auto half = static_cast<std::ptrdiff_t>(left / 2);
    from += later(from[half - 1]) ? half : 0;
  }
  return left == 1 && later(*from) ? std::next(from) : from;
}

Timeline::Waiter Timeline::take(std::vector<Entry>::iterator entry) {
  const std::size_t place = entry->waiter;
  queue_.erase(entry);
  Waiter waiter = std::move(*waiters_[place]);
  waiters_[place].reset();
  free_.push_back(place);
  return waiter;
}

void Timeline::wake(Key key, bool notified) {
  const auto entry = find(key);
  if (entry == queue_.end() || entry->key != key) return;
  Waiter waiter = take(entry);
  if (waiter.event != nullptr) std::erase(waiter.event->waiting_, key);
  resume(std::move(waiter.handler), notified);
}

Timeline::Key Timeline::bring_forward(Key key, TimePoint deadline) {
  const auto place = find(key);
  Entry entry = *place;
  queue_.erase(place);
  entry.key = {deadline.since_start.count(), next_ticket_++};
  const auto now_at = find(entry.key);
  const bool first = now_at == queue_.end();
  queue_.insert(now_at, entry);
  if (first) earliest_changed();
  return entry.key;
}

void Timeline::resume(asio::any_completion_handler<void(bool)> handler, bool notified) {
  ready_.push_back({std::move(handler), notified});
}

Timeline::Due Timeline::serve_first_due(TimePoint now) {
  if (queue_.empty() || earliest() > now) return Due::nothing;
  const Entry first = queue_.back();
  if (const Look& look = waiters_[first.waiter]->look) {
    if (const std::optional<TimePoint> next = look()) {
      look_again(*next);
      return Due::looked;
    }
  }
  wake(first.key, false);
  return Due::woke;
}

/// As if who waits had been woken and waited again, without the way there and back.
void Timeline::look_again(TimePoint at) {
  Entry entry = queue_.back();
  queue_.pop_back();
  if (Event* const event = waiters_[entry.waiter]->event) {
    std::erase(event->waiting_, entry.key);
    event->waiting_.emplace_back(at.since_start.count(), next_ticket_);
  }
  entry.key = {at.since_start.count(), next_ticket_++};
  queue_.insert(find(entry.key), entry);
}

void Timeline::spawn(Awaitable<void> task) {
  asio::co_spawn(io_, std::move(task), [this](const std::exception_ptr& e) {
    if (e && !task_failed_) {
      task_failed_ = e;
      io_.stop();
    }
  });
}

Awaitable<void> Timeline::sleep_until(TimePoint t, Look look) {
  auto initiate = [this, t, &look](auto handler) {
    Waiter waiter{std::move(handler), nullptr, std::move(look)};
    arm(t, std::move(waiter));
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void(bool)>(initiate, asio::use_awaitable);
}

Awaitable<void> Timeline::sleep_for(Nanoseconds d) { return sleep_until(now() + d); }

// No coroutine of its own: the one that Asio makes is enough, and this is what everything waits with.
Awaitable<bool> Event::wait_until(TimePoint deadline, Look look) {
  auto initiate = [this, deadline, look = std::move(look)](auto handler) mutable {
    Timeline::Waiter waiter{std::move(handler), this, std::move(look)};
    timeline_.arm(deadline, std::move(waiter));
  };
  return asio::async_initiate<decltype(asio::use_awaitable), void(bool)>(initiate, asio::use_awaitable);
}

void Event::notify_all() {
  std::vector<Timeline::Key> waiting = std::exchange(waiting_, {});
  for (const Timeline::Key& key : waiting) timeline_.wake(key, true);
  // They run later: nobody waits yet. Who waits next finds the memory there.
  waiting.clear();
  waiting_.swap(waiting);
}

void Event::wait_no_longer_than(TimePoint deadline) {
  for (Timeline::Key& key : waiting_) {
    if (key.first > deadline.since_start.count()) key = timeline_.bring_forward(key, deadline);
  }
}

namespace {

std::int64_t machine_utc_ns() {
  return std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class RealTimeline final : public Timeline {
 public:
  /// wall: the machine's clock, UTC in ns.
  explicit RealTimeline(std::function<std::int64_t()> wall)
      : Timeline(1),
        steady_start_(std::chrono::steady_clock::now()),
        wall_(std::move(wall)),
        utc_start_ns_(wall_()),
        timer_(io_) {}
  ~RealTimeline() override {
    std::deque<Computation> never;  // what nobody is at yet
    const std::lock_guard lock(computing_mutex_);
    never.swap(to_compute_);
  }

  TimePoint now() const override {
    return {std::chrono::duration_cast<Nanoseconds>(std::chrono::steady_clock::now() - steady_start_)};
  }
  std::int64_t utc_ns(TimePoint t) const override { return utc_start_ns_ + t.since_start.count(); }
  bool is_virtual() const override { return false; }
  Nanoseconds wall_ahead() const { return Nanoseconds{wall_() - utc_ns(now())}; }
  void follow_wall() { utc_start_ns_ += wall_ahead().count(); }

  Awaitable<void> run_blocking(std::function<void()> work) override { return run_in(blocking_, std::move(work)); }

  Awaitable<void> run_computing(std::function<void()> work) override {
    const auto begin = [this](Computation::Done done, std::function<void()> w) {
      compute({now(), std::move(w), std::move(done)});
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(begin, asio::use_awaitable,
                                                                                           std::move(work));
  }

  void run_woken() override {
    if (runs_woken_) return;  // whoever runs here may ask for the same: they come in their turn
    runs_woken_ = true;
    // Those who wake each other must not keep the loop from what comes from outside; and when the run is over, it is.
    for (int left = kWokenAtOnce; left > 0 && !ready_.empty() && !io_.stopped(); --left) {
      Ready next = std::move(ready_.front());
      ready_.pop_front();
      std::move(next.handler)(next.notified);
    }
    runs_woken_ = false;
    if (!ready_.empty()) run_woken_soon();
  }

  void look_out_until(TimePoint t) override { look_out_.until(t); }

  int run(Awaitable<int> main) override {
    std::optional<int> value;
    auto guard = asio::make_work_guard(io_);
    asio::co_spawn(io_, std::move(main), [&](const std::exception_ptr& e, int v) {
      if (e) {
        task_failed_ = e;
      } else {
        value = v;
      }
      io_.stop();
    });
    io_.restart();
    io_.run();
    if (task_failed_) std::rethrow_exception(std::exchange(task_failed_, nullptr));
    return value.value();
  }

 protected:
  void earliest_changed() override {
    armed_for_ = earliest();
    timer_.expires_at(steady_start_ + earliest().since_start);
    timer_.async_wait([this](boost::system::error_code ec) {
      if (!ec) time_came();
    });
  }
  void resume(asio::any_completion_handler<void(bool)> handler, bool notified) override {
    Timeline::resume(std::move(handler), notified);
    if (!serves_due_) run_woken_soon();
  }

 private:
  static constexpr int kWokenAtOnce = 64;
  /// All slots ask at the same points of the clock, and two who compute at the same time take more than one.
  static constexpr Nanoseconds kBehind = std::chrono::milliseconds{60};

  /// Since when it is asked for, and who waits for it.
  struct Computation {
    using Done = asio::any_completion_handler<void(std::exception_ptr)>;
    TimePoint since;
    std::function<void()> work;
    Done done;
  };

  void compute(Computation asked) {
    const std::lock_guard lock(computing_mutex_);
    to_compute_.push_back(std::move(asked));
    if (!computing_since_) {
      computing_since_ = to_compute_.front().since;
      asio::post(computing_, [this] { compute_all(); });
    } else if (is_behind(*computing_since_)) {
      ask_for_help();
    }
  }
  bool is_behind(TimePoint since) const { return now() - since > kBehind; }
  bool waits_too_long() const { return !to_compute_.empty() && is_behind(to_compute_.front().since); }
  void ask_for_help() {
    const unsigned most = std::max(2U, std::thread::hardware_concurrency()) - 1;
    if (helpers_ == most) return;
    try {
      if (!helping_) helping_.emplace(most);
    } catch (const std::system_error&) {
      return;  // no thread is to be had: who computes does it all, only later
    }
    ++helpers_;
    asio::post(*helping_, [this] { help(); });
  }

  /// In computing_.
  void compute_all() {
    std::unique_lock lock(computing_mutex_);
    while (!to_compute_.empty()) {
      computing_since_ = to_compute_.front().since;
      compute_first(lock);
      if (waits_too_long()) ask_for_help();
    }
    computing_since_.reset();
  }
  /// In helping_: once, and as long as something waits for too long.
  void help() {
    std::unique_lock lock(computing_mutex_);
    if (!to_compute_.empty()) compute_first(lock);
    while (waits_too_long()) compute_first(lock);
    --helpers_;
  }
  void compute_first(std::unique_lock<std::mutex>& lock) {
    Computation first = std::move(to_compute_.front());
    to_compute_.pop_front();
    lock.unlock();
    std::exception_ptr failed;
    try {
      first.work();
    } catch (...) {
      failed = std::current_exception();
    }
    first.work = nullptr;  // whoever waits may let go of what it refers to
    asio::post(io_, [done = std::move(first.done), failed]() mutable { std::move(done)(failed); });
    lock.lock();
  }

  static Awaitable<void> run_in(asio::thread_pool& pool, std::function<void()> work) {
    auto task = [](std::function<void()> w) -> Awaitable<void> {
      w();
      co_return;
    }(std::move(work));
    co_await asio::co_spawn(pool, std::move(task), asio::use_awaitable);
  }

  /// They go on from here, and the timer is set when they have said what they wait for next: each way round the loop,
  /// and each setting, is a call of the kernel.
  void time_came() {
    armed_for_.reset();
    serves_due_ = true;
    while (serve_first_due(now()) != Due::nothing) {
    }
    serves_due_ = false;
    run_woken();
    if (!idle() && (!armed_for_ || earliest() < *armed_for_)) earliest_changed();
  }

  void run_woken_soon() {
    if (std::exchange(will_run_woken_, true)) return;
    asio::post(io_, [this] {
      will_run_woken_ = false;
      run_woken();
    });
  }

  bool will_run_woken_ = false, runs_woken_ = false, serves_due_ = false;
  LookOut look_out_{*this};
  std::optional<TimePoint> armed_for_;  ///< none: the timer is not set
  std::chrono::steady_clock::time_point steady_start_;
  std::function<std::int64_t()> wall_;
  std::atomic<std::int64_t> utc_start_ns_;  ///< workers ask for it too
  asio::steady_timer timer_;

  std::mutex computing_mutex_;  ///< for all that follows; the pools are told with it held
  std::deque<Computation> to_compute_;
  std::optional<TimePoint> computing_since_;  ///< of what computing_ is at; none: it has nothing to do
  unsigned helpers_ = 0;                      ///< that are at something
  asio::thread_pool blocking_{1}, computing_{1};
  std::optional<asio::thread_pool> helping_;
};

}  // namespace

Nanoseconds wall_clock_ahead(const Timeline& timeline) {
  const auto* machine = dynamic_cast<const RealTimeline*>(&timeline);
  return machine == nullptr ? Nanoseconds{0} : machine->wall_ahead();
}

void follow_wall_clock(Timeline& timeline) {
  if (auto* machine = dynamic_cast<RealTimeline*>(&timeline)) machine->follow_wall();
}

std::unique_ptr<Timeline> make_real_timeline() { return make_real_timeline_by(machine_utc_ns); }
std::unique_ptr<Timeline> make_real_timeline_by(std::function<std::int64_t()> utc_ns) {
  return std::make_unique<RealTimeline>(std::move(utc_ns));
}

Nanoseconds time_since_boot() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::seconds{t.tv_sec} + Nanoseconds{t.tv_nsec};
}

}  // namespace penrig
