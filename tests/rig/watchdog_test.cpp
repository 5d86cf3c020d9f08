#include "rig/base/watchdog.hpp"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using std::chrono::milliseconds;

/// A loop that beats every 20 ms and its watchdog that looks every 20 ms, half a turn apart, on a clock that the test
/// moves. Either is late by what it is told.
class Turns {
 public:
  void run_for(Nanoseconds time) {
    for (const Nanoseconds end = now_ + time; now_ < end;) one_step(end);
  }
  /// The loop does not run; the watchdog does.
  void stall_loop(Nanoseconds time) {
    beat_due_ = std::max(beat_due_, now_ + time);
    run_for(time);
  }
  /// Nothing runs. Who comes back first?
  void stop_all(Nanoseconds time, bool loop_first) {
    const Nanoseconds back = now_ + time;
    beat_due_ = std::max(beat_due_, back + (loop_first ? Nanoseconds{0} : milliseconds{1}));
    look_due_ = std::max(look_due_, back + (loop_first ? milliseconds{1} : Nanoseconds{0}));
    now_ = back;
    run_for(milliseconds{100});
  }

  std::vector<Nanoseconds> noticed, ended;  ///< what look() and what beat() said, in order
  std::vector<Nanoseconds> noticed_at;

 private:
  void one_step(Nanoseconds end) {
    const Nanoseconds next = std::min(beat_due_, look_due_);
    if (next > end) {
      now_ = end;
      return;
    }
    now_ = std::max(now_, next);
    if (beat_due_ <= look_due_) {
      if (const auto stood = detector_.beat(now_)) ended.push_back(*stood);
      beat_due_ = now_ + milliseconds{20};
    } else {
      if (const auto stands = detector_.look(now_)) {
        noticed.push_back(*stands);
        noticed_at.push_back(now_);
      }
      look_due_ = now_ + StallDetector::kLookEvery;
    }
  }

  Nanoseconds now_{0}, beat_due_{0}, look_due_{milliseconds{10}};
  StallDetector detector_{Nanoseconds{0}};
};

TEST(StallDetector, SaysNothingOfALoopThatRuns) {
  Turns turns;
  turns.run_for(std::chrono::seconds{10});
  EXPECT_TRUE(turns.noticed.empty());
  EXPECT_TRUE(turns.ended.empty());
}

TEST(StallDetector, NoticesAStalledLoopWithin200MillisecondsWhereverItsWatchdogJustIs) {
  for (int offset_ms = 0; offset_ms < 40; ++offset_ms) {
    Turns turns;
    turns.run_for(milliseconds{1000 + offset_ms});
    turns.stall_loop(milliseconds{600});
    turns.run_for(milliseconds{100});
    ASSERT_EQ(turns.noticed.size(), 1U) << "once a stall, offset " << offset_ms << " ms";
    EXPECT_LE(turns.noticed.front(), milliseconds{200});
    ASSERT_EQ(turns.ended.size(), 1U);
    EXPECT_GE(turns.ended.front(), milliseconds{600}) << "the length of the whole stall is known at its end";
    EXPECT_LE(turns.ended.front(), milliseconds{620});
  }
}

TEST(StallDetector, TakesAComputerThatIsAwayFor100MillisecondsNowAndThenForNoStall) {
  constexpr std::uint64_t kSeed = 20'261'126;
  Random random(kSeed);
  Turns turns;
  for (int i = 0; i < 500; ++i) {
    turns.run_for(milliseconds{random.below(60)});
    turns.stop_all(milliseconds{random.below(101)}, random.below(2) == 0);
  }
  EXPECT_TRUE(turns.noticed.empty()) << "seed " << kSeed;
  EXPECT_TRUE(turns.ended.empty()) << "seed " << kSeed;
}

TEST(StallDetector, TakesAProgramThatWasStoppedAsAWholeForAStallWhoeverRunsFirstAfterwards) {
  for (const bool loop_first : {false, true}) {
    Turns turns;
    turns.run_for(milliseconds{1000});
    turns.stop_all(std::chrono::hours{8}, loop_first);
    ASSERT_EQ(turns.ended.size(), 1U) << loop_first;
    EXPECT_GE(turns.ended.front(), std::chrono::hours{8});
  }
}

TEST(StallDetector, CountsItsOwnLatenessOnlyFromTheLastBeatOn) {
  StallDetector detector{Nanoseconds{0}};
  EXPECT_FALSE(detector.look(milliseconds{20}));
  EXPECT_FALSE(detector.beat(milliseconds{110}));
  EXPECT_FALSE(detector.look(milliseconds{120}));  // 80 ms late, of which 10 ms excuse the loop
  for (int t = 140; t <= 240; t += 20) EXPECT_FALSE(detector.look(milliseconds{t})) << t;
  EXPECT_FALSE(detector.look(milliseconds{260}));
  EXPECT_TRUE(detector.look(milliseconds{280})) << "170 ms without a beat, 10 ms of them excused";
}

TEST(Watchdog, NoticesInRealTimeALoopThatDoesNotBeat) {
  std::atomic<std::int64_t> noticed_ns{0};
  Watchdog watchdog([&](Nanoseconds stands) { noticed_ns = stands.count(); });
  const Nanoseconds began = time_since_boot();
  while (noticed_ns == 0 && time_since_boot() - began < std::chrono::seconds{10}) {
  }
  EXPECT_GE(noticed_ns, StallDetector::kStallAfter.count());
  const auto stood = watchdog.beat();
  ASSERT_TRUE(stood);
  EXPECT_GE(stood->count(), noticed_ns);
}

}  // namespace
}  // namespace penrig
