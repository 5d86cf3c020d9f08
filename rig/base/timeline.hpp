#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace penrig {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

using Nanoseconds = std::chrono::nanoseconds;

/// A point on a timeline: nanoseconds since the timeline began. Monotone, real or virtual.
struct TimePoint {
  Nanoseconds since_start{0};
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of a defaulted <=> for a pointer
  friend constexpr auto operator<=>(const TimePoint&, const TimePoint&) = default;
  friend constexpr TimePoint operator+(TimePoint t, Nanoseconds d) { return {t.since_start + d}; }
  friend constexpr TimePoint operator-(TimePoint t, Nanoseconds d) { return {t.since_start - d}; }
  friend constexpr Nanoseconds operator-(TimePoint a, TimePoint b) { return a.since_start - b.since_start; }
  constexpr double seconds() const { return static_cast<double>(since_start.count()) * 1e-9; }
};

/// The next point of a grid from the timeline's beginning. What many do every so often is done for all at one waking.
constexpr TimePoint next_on_grid(TimePoint now, Nanoseconds every) { return {(now.since_start / every + 1) * every}; }

/// Seconds as a double to nanoseconds, rounded to nearest.
constexpr Nanoseconds seconds_to_ns(double seconds) {
  const double ns = seconds * 1e9;
  return Nanoseconds{static_cast<std::int64_t>(ns < 0 ? ns - 0.5 : ns + 0.5)};
}

/// What a wait looks at when its time has come: when it looks again, or nothing if who waits is to be woken. It changes
/// nothing that others wait for.
using Look = std::function<std::optional<TimePoint>()>;

/// For a wait that only an event can end: later than any deadline (73 years), early enough that nothing overflows.
inline constexpr TimePoint kNever{Nanoseconds{std::int64_t{1} << 61}};

/// All waiting goes through a timeline. One queue of (deadline, ticket) serves both kinds: the real one arms a single
/// steady timer for the earliest entry, the virtual one wakes exactly one entry whenever nothing else can run.
/// One thread: nothing here may be called from another.
class Timeline {
 public:
  virtual ~Timeline();
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  virtual TimePoint now() const = 0;
  /// Nanoseconds since 1970-01-01T00:00:00Z at a point of this timeline. Virtual: from a stated epoch.
  virtual std::int64_t utc_ns(TimePoint t) const = 0;
  virtual bool is_virtual() const = 0;

  Awaitable<void> sleep_until(TimePoint t) { return sleep_until(t, {}); }
  /// t is the first look, and each look sets the next; it wakes when one of them had enough.
  Awaitable<void> sleep_until(TimePoint t, Look look);
  Awaitable<void> sleep_for(Nanoseconds d);

  /// Runs work that blocks (fsync, compression) away from the loop, one after the other; virtual: in line. Exceptions
  /// come back here.
  virtual Awaitable<void> run_blocking(std::function<void()> work) = 0;
  /// Runs work that computes and waits for nothing: away from the loop, and not behind what blocks. One processor does
  /// it, and others only while that is behind: so the rest of the rig keeps theirs. Virtual: in line.
  virtual Awaitable<void> run_computing(std::function<void()> work) = 0;

  /// Starts a coroutine of its own. An exception that leaves it ends run() with that exception.
  void spawn(Awaitable<void> task);

  /// Calls it in its turn, behind those who were woken before: for whoever is woken often and never waits meanwhile, a
  /// coroutine's way there and back is most of what it does. It is told false.
  void in_turn(boost::asio::any_completion_handler<void(bool)> what) { resume(std::move(what), false); }

  /// For whoever has just brought what others waited for: they go on now, and not after what else the loop has to do.
  /// Virtual, or called by one of them: they go on in their turn, as ever.
  virtual void run_woken() {}

  /// Until then the loop looks for what comes, and does not sleep until it is woken, which takes longer than many an
  /// answer. For whoever has asked something that may be answered at once; told again, it is until the new time.
  /// Virtual: nothing.
  virtual void look_out_until(TimePoint) {}

  /// Runs until `main` has returned, and returns its value. Virtual: throws if all wait and nothing can wake them.
  virtual int run(Awaitable<int> main) = 0;

  boost::asio::io_context& io() { return io_; }

 protected:
  friend class Event;
  /// A hint for Asio: how many threads use io(), as its io_context takes it.
  explicit Timeline(int concurrency_hint);
  struct Waiter {
    boost::asio::any_completion_handler<void(bool)> handler;
    class Event* event;
    Look look;  ///< empty: wakes whoever waits
  };
  enum class Due { nothing, looked, woke };
  using Key = std::pair<std::int64_t, std::uint64_t>;  // deadline ns, ticket
  Key arm(TimePoint deadline, Waiter waiter);
  void wake(Key key, bool notified);
  Key bring_forward(Key key, TimePoint deadline);
  Due serve_first_due(TimePoint now);  ///< the first entry, if it is due, looks or is woken
  bool idle() const { return queue_.empty(); }
  TimePoint earliest() const { return {Nanoseconds{queue_.back().key.first}}; }
  virtual void earliest_changed() {}
  /// Who waited goes on, but not within this call: here, when its turn in ready_ comes.
  virtual void resume(boost::asio::any_completion_handler<void(bool)> handler, bool notified);

  struct Ready {
    boost::asio::any_completion_handler<void(bool)> handler;
    bool notified;
  };
  std::deque<Ready> ready_;  ///< outlives io_, as the queue does

  std::exception_ptr task_failed_;

 private:
  struct Entry {
    Key key;
    std::size_t waiter;
  };
  std::vector<Entry>::iterator find(Key key);
  Waiter take(std::vector<Entry>::iterator entry);
  void look_again(TimePoint at);  ///< the first entry

  // These outlive io_: a coroutine that it destroys may hold an Event.
  std::vector<Entry> queue_;                   // the earliest at the end; some tens
  std::deque<std::optional<Waiter>> waiters_;  // they stay where they are
  std::vector<std::size_t> free_;              // places among them
  std::uint64_t next_ticket_ = 0;

 protected:
  boost::asio::io_context io_;
};

/// Wakes the coroutines that wait on it now; remembers nothing. Check your condition in a loop around wait_until().
class Event {
 public:
  explicit Event(Timeline& timeline) : timeline_(timeline) {}
  ~Event() { notify_all(); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// True when notified, false when the deadline came first.
  Awaitable<bool> wait_until(TimePoint deadline) { return wait_until(deadline, {}); }
  /// The deadline is the first look, and each look sets the next: false when one of them had enough.
  Awaitable<bool> wait_until(TimePoint deadline, Look look);
  void notify_all();
  /// As if all had been woken and waited again, until then at the latest, without the way there and back.
  void wait_no_longer_than(TimePoint deadline);

 private:
  friend class Timeline;
  Timeline& timeline_;
  std::vector<Timeline::Key> waiting_;  // in order of arrival; few
};

/// Wall-clock nanoseconds on a steady clock. The one thread of `run` serves everything that waits.
std::unique_ptr<Timeline> make_real_timeline();

/// 2026-01-01T00:00:00Z: where virtual time begins.
inline constexpr std::int64_t kVirtualEpochUtcNs = 1'767'225'600'000'000'000;
std::unique_ptr<Timeline> make_virtual_timeline();

}  // namespace penrig
