#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/timeline.hpp"

namespace penrig {
namespace {

using std::chrono::milliseconds;

Awaitable<void> log_how_it_woke(Timeline& t, Event& e, TimePoint deadline, std::vector<std::string>& log) {
  const bool notified = co_await e.wait_until(deadline);
  log.push_back((notified ? "notified at " : "deadline at ") + std::to_string(t.now().since_start.count()));
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
  t->spawn(log_how_it_woke(*t, e, kNever, log));
  t->spawn(log_how_it_woke(*t, e, TimePoint{Nanoseconds{500}}, log));
  t->spawn(log_how_it_woke(*t, e, TimePoint{Nanoseconds{50}}, log));
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

Awaitable<void> log_after(Event& e, std::string name, std::vector<std::string>& log) {
  co_await e.wait_until(kNever);
  log.push_back(name);
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
    t->spawn(log_after(e, "woken", log));
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
