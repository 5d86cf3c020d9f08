#include "rig/run/leases.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace penrig {
namespace {

constexpr Nanoseconds kSecond = std::chrono::seconds{1};

LeaseRequest request(std::string who, std::vector<std::string> resources, Nanoseconds at_most = 10 * kSecond) {
  LeaseRequest r;
  r.who = std::move(who);
  r.why = "moves its stage";
  r.resources = std::move(resources);
  r.at_most = at_most;
  return r;
}

/// Takes, holds for a while, gives back; enters when it had it.
Awaitable<void> hold(Timeline& timeline, Leases& leases, LeaseRequest what, Nanoseconds time, std::string* log) {
  const std::string who = what.who;
  auto lease = co_await leases.take(std::move(what));
  if (!lease) {
    *log += "!" + who + " ";
    co_return;
  }
  *log += "+" + who + " ";
  co_await timeline.sleep_for(time);
  *log += "-" + who + " ";
}

Awaitable<int> end_at(Timeline& timeline, Nanoseconds time) {
  co_await timeline.sleep_for(time);
  co_return 0;
}

TEST(Leases, AreGivenInTheOrderOfAsking) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  std::string log;
  for (const char* who : {"a", "b", "c"}) {
    timeline->spawn(hold(*timeline, leases, request(who, {"power"}), kSecond, &log));
  }
  timeline->run(end_at(*timeline, 10 * kSecond));
  EXPECT_EQ(log, "+a -a +b -b +c -c ");
}

TEST(Leases, AsManyHoldAResourceAtOnceAsItWasSharedOutTo) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  leases.share("power", 2);
  std::string log;
  for (const char* who : {"a", "b", "c"}) {
    timeline->spawn(hold(*timeline, leases, request(who, {"power"}), kSecond, &log));
  }
  timeline->run(end_at(*timeline, 10 * kSecond));
  EXPECT_EQ(log, "+a +b -a +c -b -c ");
}

TEST(Leases, OfSeveralThatAreAskedForInOppositeOrderDoNotLock) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  std::string log;
  for (int i = 0; i < 20; ++i) {
    timeline->spawn(hold(*timeline, leases, request("x", {"adapter", "power"}), kSecond, &log));
    timeline->spawn(hold(*timeline, leases, request("y", {"power", "adapter"}), kSecond, &log));
  }
  // 40 of a second each, and none waits longer than its 10 s without an error.
  timeline->run(end_at(*timeline, 60 * kSecond));
  EXPECT_EQ(std::count(log.begin(), log.end(), '+') + std::count(log.begin(), log.end(), '!'), 40);
  EXPECT_EQ(std::count(log.begin(), log.end(), '+'), std::count(log.begin(), log.end(), '-'));
  EXPECT_GE(std::count(log.begin(), log.end(), '+'), 10);
}

Awaitable<int> wait_in_vain(Timeline& timeline, Leases& leases, LeaseRequest what, Error* why, double* waited_s) {
  const TimePoint began = timeline.now();
  auto lease = co_await leases.take(std::move(what));
  *waited_s = TimePoint{timeline.now() - began}.seconds();
  if (!lease) *why = lease.error();
  co_return 0;
}

TEST(Leases, AWaitEndsAtItsDeadlineAndNamesWhoHoldsWhatAndWhy) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  std::string log;
  timeline->spawn(hold(*timeline, leases, request("slot 3", {"power"}), 20 * kSecond, &log));
  Error why;
  double waited_s = 0;
  LeaseRequest both = request("slot 1", {"adapter", "power"}, 3 * kSecond);
  timeline->run(wait_in_vain(*timeline, leases, std::move(both), &why, &waited_s));
  EXPECT_EQ(waited_s, 3);
  EXPECT_EQ(why.code, Errc::locked);
  EXPECT_EQ(why.message,
            "slot 1 has waited 3.0 s for power (moves its stage), which slot 3 holds (since 3.0 s: moves its stage): "
            "see what keeps it there, then start again");
  // What it had taken on the way is free again.
  timeline->spawn(hold(*timeline, leases, request("slot 2", {"adapter"}), kSecond, &log));
  timeline->run(end_at(*timeline, 2 * kSecond));
  EXPECT_EQ(log, "+slot 3 +slot 2 -slot 2 ");
}

Awaitable<int> ask_one_after_the_other(Leases& leases, LeaseRequest first, LeaseRequest second, Error* why) {
  auto one = co_await leases.take(std::move(first));
  auto other = co_await leases.take(std::move(second));
  if (!other) *why = other.error();
  co_return 0;
}

TEST(Leases, WhoHoldsOneMayNotAskForWhatComesBeforeIt) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  Error why;
  timeline->run(ask_one_after_the_other(leases, request("slot 1", {"power"}), request("slot 1", {"adapter"}), &why));
  EXPECT_EQ(why.code, Errc::internal);
  EXPECT_EQ(why.message, "slot 1 asks for adapter while it holds power: that could wait for ever");
}

TEST(Leases, AWaitThatIsGivenUpEndsSoonAndLeavesTheQueue) {
  const auto timeline = make_virtual_timeline();
  Leases leases(*timeline);
  std::string log;
  timeline->spawn(hold(*timeline, leases, request("a", {"power"}), 5 * kSecond, &log));
  LeaseRequest given_up = request("b", {"power"});
  given_up.given_up = [&] { return timeline->now() >= TimePoint{kSecond}; };
  timeline->spawn(hold(*timeline, leases, std::move(given_up), kSecond, &log));
  timeline->spawn(hold(*timeline, leases, request("c", {"power"}), kSecond, &log));
  timeline->run(end_at(*timeline, 10 * kSecond));
  EXPECT_EQ(log, "+a !b -a +c -c ");
}

}  // namespace
}  // namespace penrig
