#include "rig/base/timeline.hpp"

#include <future>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/wall_clock.hpp"

namespace penrig {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Awaitable<void> log_at(Timeline& t, Nanoseconds at, std::string name, std::vector<std::string>& log) {
  co_await t.sleep_until(TimePoint{at});
  log.push_back(name);
}

Awaitable<int> sleep_and_return(Timeline& t, Nanoseconds d, int value) {
  co_await t.sleep_for(d);
  co_return value;
}

TEST(VirtualTimeline, TakesNoTimeAndMovesItsClockToTheDeadline) {
  auto t = make_virtual_timeline();
  EXPECT_EQ(t->run(sleep_and_return(*t, seconds{3600}, 7)), 7);
  EXPECT_EQ(t->now().since_start, seconds{3600});
  EXPECT_EQ(t->utc_ns(t->now()), kVirtualEpochUtcNs + 3600LL * 1'000'000'000);
}

TEST(VirtualTimeline, WakesInOrderOfDeadlineThenOfArrival) {
  auto t = make_virtual_timeline();
  std::vector<std::string> log;
  t->spawn(log_at(*t, milliseconds{2}, "late", log));
  t->spawn(log_at(*t, milliseconds{1}, "first", log));
  t->spawn(log_at(*t, milliseconds{1}, "second", log));
  t->run(sleep_and_return(*t, milliseconds{3}, 0));
  EXPECT_EQ(log, (std::vector<std::string>{"first", "second", "late"}));
}

TEST(VirtualTimeline, KeepsThatOrderAmongAnyNumberThatWait) {
  for (int many = 1; many <= 40; ++many) {
    auto t = make_virtual_timeline();
    std::vector<std::string> log, expected;
    // 7 and 41 have no common factor: each of 41 places is taken once, two share a deadline.
    for (int i = 1; i <= many; ++i) t->spawn(log_at(*t, milliseconds{7 * i % 41 / 2}, std::to_string(i), log));
    for (int ms = 0; ms <= 20; ++ms) {
      for (int i = 1; i <= many; ++i) {
        if (7 * i % 41 / 2 == ms) expected.push_back(std::to_string(i));
      }
    }
    t->run(sleep_and_return(*t, milliseconds{21}, 0));
    EXPECT_EQ(log, expected) << many;
  }
}

Awaitable<void> wait_and_log(Timeline& t, Event& e, Nanoseconds until, std::vector<std::string>& log) {
  const bool notified = co_await e.wait_until(TimePoint{until});
  log.push_back((notified ? "notified at " : "deadline at ") + std::to_string(t.now().since_start.count()));
}

Awaitable<int> notify_after(Timeline& t, Event& e, Nanoseconds d) {
  co_await t.sleep_for(d);
  e.notify_all();
  co_await t.sleep_for(seconds{1});
  co_return 0;
}

TEST(Event, WakesWaitersWhenNotifiedAndOthersAtTheirDeadline) {
  auto t = make_virtual_timeline();
  Event e(*t);
  std::vector<std::string> log;
  t->spawn(wait_and_log(*t, e, Nanoseconds{500}, log));
  t->spawn(wait_and_log(*t, e, Nanoseconds{50}, log));
  t->run(notify_after(*t, e, Nanoseconds{100}));
  EXPECT_EQ(log, (std::vector<std::string>{"deadline at 50", "notified at 100"}));
}

Awaitable<int> shorten_at_10(Timeline& t, Event& e) {
  co_await t.sleep_for(Nanoseconds{10});
  e.wait_no_longer_than(TimePoint{Nanoseconds{100}});
  co_await t.sleep_for(Nanoseconds{190});
  e.notify_all();
  co_await t.sleep_for(Nanoseconds{1});
  co_return 0;
}

TEST(Event, LetsNobodyWaitLongerThanItIsTold) {
  auto t = make_virtual_timeline();
  Event e(*t);
  std::vector<std::string> log;
  t->spawn(wait_and_log(*t, e, kNever.since_start, log));
  t->spawn(wait_and_log(*t, e, Nanoseconds{500}, log));
  t->spawn(wait_and_log(*t, e, Nanoseconds{50}, log));
  t->run(shorten_at_10(*t, e));
  EXPECT_EQ(log, (std::vector<std::string>{"deadline at 50", "deadline at 100", "deadline at 100"}));
}

Awaitable<int> shorten_and_wait(Timeline& t, Event& e, const bool& over) {
  co_await t.sleep_for(milliseconds{1});
  e.wait_no_longer_than(t.now() + milliseconds{5});
  while (!over) co_await t.sleep_for(milliseconds{1});
  co_return 0;
}

TEST(Event, WakesByTheShorterDeadlineInRealTimeToo) {
  auto t = make_real_timeline();
  Event e(*t);
  bool over = false, notified = true;
  const auto waits = [&]() -> Awaitable<void> {
    notified = co_await e.wait_until(kNever);
    over = true;
  };
  t->spawn(waits());
  t->run(shorten_and_wait(*t, e, over));
  EXPECT_FALSE(notified);
  EXPECT_GE(t->now().since_start, milliseconds{6});
}

/// Looks each 10 ns; had enough at `enough`.
Awaitable<void> look_and_log(Timeline& t, Event* e, Nanoseconds enough, std::vector<std::string>& log) {
  Look look = [&t, enough, &log]() -> std::optional<TimePoint> {
    log.push_back("look at " + std::to_string(t.now().since_start.count()));
    if (t.now() >= TimePoint{enough}) return std::nullopt;
    return t.now() + Nanoseconds{10};
  };
  bool notified = false;
  if (e == nullptr) {
    co_await t.sleep_until(TimePoint{Nanoseconds{10}}, std::move(look));
  } else {
    notified = co_await e->wait_until(TimePoint{Nanoseconds{10}}, std::move(look));
  }
  log.push_back((notified ? "notified at " : "had enough at ") + std::to_string(t.now().since_start.count()));
}

TEST(WallClock, IsFollowedWhenItIsAskedForAndNotBefore) {
  std::int64_t wall_ns = 1'000'000'000'000;
  const auto t = make_real_timeline_by([&] { return wall_ns; });
  const TimePoint start = t->now();
  const std::int64_t before = t->utc_ns(start);
  wall_ns += Nanoseconds{std::chrono::hours{24}}.count();
  EXPECT_EQ(t->utc_ns(start), before);
  EXPECT_NEAR(static_cast<double>(wall_clock_ahead(*t).count()), 86400e9, 60e9);
  follow_wall_clock(*t);
  EXPECT_NEAR(static_cast<double>(t->utc_ns(start) - before), 86400e9, 60e9);
  EXPECT_NEAR(static_cast<double>(wall_clock_ahead(*t).count()), 0, 60e9);
  EXPECT_EQ(wall_clock_ahead(*make_virtual_timeline()), Nanoseconds{0});
}

TEST(Look, IsTakenAtItsTimesAndWakesWhenItHasEnough) {
  for (const bool of_event : {false, true}) {
    auto t = make_virtual_timeline();
    Event e(*t);
    std::vector<std::string> log;
    t->spawn(look_and_log(*t, of_event ? &e : nullptr, Nanoseconds{30}, log));
    t->spawn(log_at(*t, Nanoseconds{20}, "another at 20", log));
    t->run(sleep_and_return(*t, Nanoseconds{100}, 0));
    EXPECT_EQ(log,
              (std::vector<std::string>{"look at 10", "another at 20", "look at 20", "look at 30", "had enough at 30"}))
        << of_event;
  }
}

TEST(Look, IsWokenByItsEventBetweenTwoLooks) {
  auto t = make_virtual_timeline();
  Event e(*t);
  std::vector<std::string> log;
  t->spawn(look_and_log(*t, &e, seconds{1}, log));
  t->run(notify_after(*t, e, Nanoseconds{25}));
  EXPECT_EQ(log, (std::vector<std::string>{"look at 10", "look at 20", "notified at 25"}));
}

TEST(Look, IsTakenInRealTimeToo) {
  auto t = make_real_timeline();
  int looks = 0;
  Look look = [&]() -> std::optional<TimePoint> {
    if (++looks == 3) return std::nullopt;
    return t->now() + milliseconds{1};
  };
  const auto wait = [](Timeline& line, Look what) -> Awaitable<int> {
    co_await line.sleep_until(line.now() + milliseconds{1}, std::move(what));
    co_return 0;
  };
  t->run(wait(*t, std::move(look)));
  EXPECT_EQ(looks, 3);
}

Awaitable<void> end_with_the_timeline(Event& own, Event& others) {
  co_await others.wait_until(kNever);
  own.notify_all();
}

/// Both wait for what the other's end would wake.
TEST(Timeline, MayBeDestroyedWhereOneCoroutinesEndWakesAnother) {
  auto t = make_virtual_timeline();
  auto a = std::make_shared<Event>(*t), b = std::make_shared<Event>(*t);
  const auto hold = [](std::shared_ptr<Event> own, std::shared_ptr<Event> others) -> Awaitable<void> {
    co_await end_with_the_timeline(*own, *others);
  };
  t->spawn(hold(a, b));
  t->spawn(hold(b, a));
  a.reset(), b.reset();
  t->run(sleep_and_return(*t, milliseconds{1}, 0));
  t.reset();
}

Awaitable<int> wait_for_what_never_comes(Event& e) {
  co_await e.wait_until(kNever);
  co_return 0;
}

TEST(VirtualTimeline, SaysSoWhenEverythingWaitsAndNothingCanHappen) {
  auto t = make_virtual_timeline();
  Event e(*t);
  EXPECT_THROW(t->run(wait_for_what_never_comes(e)), std::logic_error);
}

Awaitable<void> fail_at_once() {
  throw std::runtime_error("a task failed");
  co_return;
}

TEST(Timeline, AFailedTaskEndsTheRunWithItsException) {
  auto t = make_virtual_timeline();
  t->spawn(fail_at_once());
  EXPECT_THROW(t->run(sleep_and_return(*t, seconds{1}, 0)), std::runtime_error);
}

Awaitable<void> hold_an_event(Timeline& t, std::vector<std::string>& log) {
  Event mine(t);
  co_await mine.wait_until(TimePoint{std::chrono::hours{1}});
  log.push_back("must not be reached");
}

TEST(Timeline, MayBeDestroyedWhileCoroutinesWait) {
  std::vector<std::string> log;
  {
    auto t = make_virtual_timeline();
    t->spawn(hold_an_event(*t, log));
    t->run(sleep_and_return(*t, milliseconds{1}, 0));
  }
  EXPECT_TRUE(log.empty());
}

/// Either way of having work done away from the loop.
using RunsWork = Awaitable<void> (Timeline::*)(std::function<void()>);

Awaitable<int> run_work(Timeline& t, RunsWork run, std::string& done) {
  co_await (t.*run)([&] { done = "ran"; });
  auto failing = [] { throw std::runtime_error("the disk is full"); };
  bool caught = false;
  try {
    co_await (t.*run)(failing);
  } catch (const std::runtime_error&) {
    caught = true;
  }
  co_return caught ? 1 : 0;
}

TEST(Timeline, RunsWorkAndHandsItsExceptionBack) {
  for (auto make : {make_virtual_timeline, make_real_timeline}) {
    for (RunsWork run : {&Timeline::run_blocking, &Timeline::run_computing}) {
      auto t = make();
      std::string ran;
      EXPECT_EQ(t->run(run_work(*t, run, ran)), 1);
      EXPECT_EQ(ran, "ran");
    }
  }
}

/// Work that waits until it is let go, or in vain for so long that something is wrong.
struct HeldWork {
  std::promise<void> let_go;
  bool was_let_go = false, over = false;
  std::function<void()> work() {
    return [this, gone = let_go.get_future().share()] {
      was_let_go = gone.wait_for(seconds{5}) == std::future_status::ready;
    };
  }
};

Awaitable<void> run_held(Timeline& t, RunsWork run, HeldWork& held) {
  co_await (t.*run)(held.work());
  held.over = true;
}

/// Computes so long after the held work was begun; what is computed lets it go.
Awaitable<int> let_go_after(Timeline& t, Nanoseconds wait, HeldWork& held) {
  co_await t.sleep_for(wait);
  co_await t.run_computing([&] { held.let_go.set_value(); });
  while (!held.over) co_await t.sleep_for(milliseconds{1});
  co_return 0;
}

TEST(RealTimeline, ComputesWhileADiskIsWaitedFor) {
  auto t = make_real_timeline();
  HeldWork disk;
  t->spawn(run_held(*t, &Timeline::run_blocking, disk));
  t->run(let_go_after(*t, milliseconds{1}, disk));
  EXPECT_TRUE(disk.was_let_go) << "it waited behind what blocked";
}

TEST(RealTimeline, HasAnotherProcessorComputeWhereOneIsBehind) {
  auto t = make_real_timeline();
  HeldWork slow;
  t->spawn(run_held(*t, &Timeline::run_computing, slow));
  t->run(let_go_after(*t, milliseconds{80}, slow));
  EXPECT_TRUE(slow.was_let_go) << "it waited behind what takes long";
}

Awaitable<void> compute(Timeline& t, std::function<void()> work) { co_await t.run_computing(std::move(work)); }

/// Until it is over, and computes now and then meanwhile if it is told to.
Awaitable<int> wait_for(Timeline& t, HeldWork& held, bool computes) {
  while (!held.over) {
    co_await t.sleep_for(milliseconds{80});
    if (computes) co_await t.run_computing([] {});
  }
  co_return 0;
}

TEST(RealTimeline, HasAnotherProcessorComputeWhatWaitsBehindWhatTakesLong) {
  auto t = make_real_timeline();
  HeldWork slow;
  t->spawn(run_held(*t, &Timeline::run_computing, slow));
  t->spawn(compute(*t, [&slow] { slow.let_go.set_value(); }));
  t->run(wait_for(*t, slow, true));
  EXPECT_TRUE(slow.was_let_go) << "it waited though another processor computed what came after it";
}

TEST(RealTimeline, HasAnotherProcessorComputeWhatHasWaitedForLong) {
  auto t = make_real_timeline();
  HeldWork slow;
  t->spawn(compute(*t, [&t] {
    for (const TimePoint end = t->now() + milliseconds{120}; t->now() < end;) {
    }
  }));
  t->spawn(run_held(*t, &Timeline::run_computing, slow));
  t->spawn(compute(*t, [&slow] { slow.let_go.set_value(); }));
  t->run(wait_for(*t, slow, false));
  EXPECT_TRUE(slow.was_let_go) << "nobody else came though nothing more was asked for";
}

Awaitable<int> note_threads(Timeline& t, std::set<std::thread::id>& threads) {
  auto failing = [&threads] {
    threads.insert(std::this_thread::get_id());
    throw std::runtime_error("it does not converge");
  };
  try {
    co_await t.run_computing(failing);
  } catch (const std::runtime_error&) {
  }
  co_await t.sleep_for(milliseconds{80});  // what failed long ago is nothing that it is behind with
  for (int i = 0; i < 50; ++i) co_await t.run_computing([&] { threads.insert(std::this_thread::get_id()); });
  co_return 0;
}

TEST(RealTimeline, ComputesOnOneProcessorThatIsNotBehind) {
  auto t = make_real_timeline();
  std::set<std::thread::id> threads;
  t->run(note_threads(*t, threads));
  EXPECT_EQ(threads.size(), 1U);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(RealTimeline, SleepsAtLeastAsLongAsAsked) {
  auto t = make_real_timeline();
  EXPECT_EQ(t->run(sleep_and_return(*t, milliseconds{5}, 3)), 3);
  EXPECT_GE(t->now().since_start, milliseconds{5});
}

// What the run's own coroutine held is gone by then.
TEST(Timeline, RunsNobodyAnyMoreWhenItsRunIsOver) {
  for (auto make : {make_virtual_timeline, make_real_timeline}) {
    auto t = make();
    Event e(*t);
    std::vector<std::string> log;
    t->spawn(wait_and_log(*t, e, kNever.since_start, log));
    EXPECT_EQ(t->run([](Timeline& time, Event& last) -> Awaitable<int> {
      co_await time.sleep_for(milliseconds{1});
      last.notify_all();
      co_return 5;
    }(*t, e)),
              5);
    EXPECT_EQ(log, std::vector<std::string>{});
  }
}

}  // namespace
}  // namespace penrig
