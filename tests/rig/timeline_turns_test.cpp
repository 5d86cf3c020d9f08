#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "rig/base/timeline.hpp"

// Who is woken, and who asks for a turn: in which order they run.

namespace penrig {
namespace {

using std::chrono::milliseconds;

Awaitable<void> log_when_woken(Event& e, std::string name, std::vector<std::string>& log) {
  co_await e.wait_until(kNever);
  log.push_back(name);
}

/// Notes who ran when, on a loop that also has something else to do.
Awaitable<int> wake_and_run(Timeline& t, Event& e, std::vector<std::string>& log) {
  co_await t.sleep_for(milliseconds{1});                           // who waits on the event does by now
  co_await boost::asio::post(t.io(), boost::asio::use_awaitable);  // from the loop itself, as what reads a link
  boost::asio::post(t.io(), [&log] { log.emplace_back("the loop"); });
  e.notify_all();
  log.emplace_back("notified");
  t.run_woken();
  log.emplace_back("asked");
  co_await t.sleep_for(milliseconds{1});
  co_return 0;
}

TEST(Timeline, RunsWhoWasWokenAtOnceWhereItIsAskedToAndVirtuallyInTurn) {
  using Log = std::vector<std::string>;
  for (const auto& [make, expected] :
       {std::pair{&make_real_timeline, Log{"notified", "woken", "asked", "the loop"}},
        std::pair{&make_virtual_timeline, Log{"notified", "asked", "the loop", "woken"}}}) {
    auto t = make();
    Event e(*t);
    Log log;
    t->spawn(log_when_woken(e, "woken", log));
    t->run(wake_and_run(*t, e, log));
    EXPECT_EQ(log, expected);
  }
}

/// Wakes the other one whenever it is woken itself, for good.
Awaitable<void> keep_awake(Event& own, Event& other, const bool& over) {
  while (!over) {
    const bool woken = co_await own.wait_until(kNever);
    if (woken) other.notify_all();
  }
}

TEST(RealTimeline, IsNotHeldUpByTwoThatWakeEachOther) {
  auto t = make_real_timeline();
  Event one(*t), two(*t);
  bool over = false;
  t->spawn(keep_awake(one, two, over));
  t->spawn(keep_awake(two, one, over));
  EXPECT_EQ(t->run([](Timeline& time, Event& first, bool& end) -> Awaitable<int> {
    co_await time.sleep_for(milliseconds{1});
    first.notify_all();
    time.run_woken();
    co_await time.sleep_for(milliseconds{1});  // the loop's own timer comes between them
    end = true;
    co_return 1;
  }(*t, one, over)),
            1);
}

TEST(RealTimeline, RunsWhoIsWokenByOneOfThemInTurn) {
  auto t = make_real_timeline();
  Event one(*t), two(*t);
  std::vector<std::string> log;
  t->spawn([](Timeline& time, Event& own, Event& other, std::vector<std::string>& into) -> Awaitable<void> {
    co_await own.wait_until(kNever);
    other.notify_all();
    time.run_woken();
    into.emplace_back("the first has done");
  }(*t, one, two, log));
  t->spawn(log_when_woken(two, "the second", log));
  t->run([](Timeline& time, Event& first) -> Awaitable<int> {
    co_await time.sleep_for(milliseconds{1});
    first.notify_all();
    co_await time.sleep_for(milliseconds{1});
    co_return 0;
  }(*t, one));
  EXPECT_EQ(log, (std::vector<std::string>{"the first has done", "the second"}));
}

Awaitable<int> wake_and_ask(Timeline& t, Event& e, std::vector<std::string>& log) {
  co_await t.sleep_for(milliseconds{1});
  e.notify_all();
  t.in_turn([&log](bool told) { log.emplace_back(told ? "told true" : "in turn"); });
  log.emplace_back("asked");
  co_await t.sleep_for(milliseconds{1});
  co_return 0;
}

TEST(Timeline, CallsInTurnBehindThoseWhoWereWokenBefore) {
  for (const auto make : {&make_real_timeline, &make_virtual_timeline}) {
    auto t = make();
    Event e(*t);
    std::vector<std::string> log;
    t->spawn(log_when_woken(e, "woken", log));
    t->run(wake_and_ask(*t, e, log));
    EXPECT_EQ(log, (std::vector<std::string>{"asked", "woken", "in turn"}));
  }
}

TEST(Timeline, MayBeDestroyedBeforeATurnHasCome) {
  const auto held = std::make_shared<int>(1);
  for (const auto make : {&make_real_timeline, &make_virtual_timeline}) {
    auto t = make();
    t->in_turn([held](bool) { FAIL() << "nothing runs it"; });
    EXPECT_EQ(held.use_count(), 2);
    t.reset();
    EXPECT_EQ(held.use_count(), 1);
  }
}

}  // namespace
}  // namespace penrig
