#include <chrono>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "rig/base/timeline.hpp"

namespace penrig {
namespace {

/// How often this thread gave its processor away because it had nothing to do, while the timeline waited twenty times.
long sleeps_in_twenty_waits(Timeline& timeline) {
  const auto so_far = [] {
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_nvcsw;
  };
  const auto wait = [](Timeline& line) -> Awaitable<int> {
    for (int i = 0; i < 20; ++i) co_await line.sleep_for(std::chrono::microseconds{500});
    co_return 0;
  };
  const long before = so_far();
  timeline.run(wait(timeline));
  return so_far() - before;
}

TEST(LookOut, KeepsARealTimelineFromSleeping) {
  auto t = make_real_timeline();
  EXPECT_GE(sleeps_in_twenty_waits(*t), 10);
  t->look_out_until(t->now() + std::chrono::hours{1});
  EXPECT_LE(sleeps_in_twenty_waits(*t), 5);
  t->look_out_until({});
  EXPECT_GE(sleeps_in_twenty_waits(*t), 10);
}

}  // namespace
}  // namespace penrig
