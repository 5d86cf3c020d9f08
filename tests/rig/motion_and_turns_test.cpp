#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/turn_finder.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// With no more samples than it may look back at.
struct Watched {
  explicit Watched(std::size_t hold_samples) : watch(1e-4, 1000, hold_samples) {}

  void samples(std::span<const std::int32_t> position) {
    held.append(position);
    watch.samples(position, held);
    held.let_go(watch.needed_from());
  }
  Motion motion() const { return watch.motion(held); }
  std::size_t looks_back_at() const { return held.end() - watch.needed_from(); }

  MotionWatch watch;
  HeldCounts held;
};

TEST(MotionWatch, SeesTheSameHoweverTheSamplesCome) {
  SignalParameters p;
  p.strokes = 40;
  const Signal s = make_signal(p, 6);
  const std::span<const std::int32_t> x = s.capture.position;
  const Motion whole = find_motion(x, 1e-4, 1000);
  for (const std::size_t block : {std::size_t{1}, std::size_t{7}, std::size_t{999}, std::size_t{5000}}) {
    Watched watch(4000);
    for (std::size_t at = 0; at < x.size(); at += block) watch.samples(x.subspan(at, std::min(block, x.size() - at)));
    const Motion m = watch.motion();
    EXPECT_EQ(m.begin, whole.begin);
    EXPECT_EQ(m.end, whole.end);
    EXPECT_EQ(m.rest_counts, whole.rest_counts);
    EXPECT_EQ(m.noise_counts, whole.noise_counts);
    EXPECT_EQ(m.range_mm, whole.range_mm);
    EXPECT_LE(watch.looks_back_at(), 8000U);
  }
}

TEST(MotionWatch, KnowsAnEndThatLiesFartherBackThanWhatItHolds) {
  SignalParameters p;
  p.strokes = 40;
  Signal s = make_signal(p, 6);
  const Motion before = find_motion(s.capture.position, 1e-4, 1000);
  Watched watch(3000);
  watch.samples(s.capture.position);
  Random noise(1, "rest");
  std::vector<std::int32_t> rest;
  for (int i = 0; i < 100'000; ++i)
    rest.push_back(static_cast<std::int32_t>(std::lround(-12'500 + 10 * noise.normal())));
  watch.samples(rest);
  const Motion m = watch.motion();
  ASSERT_TRUE(m.ended);
  EXPECT_NEAR(m.end, before.end, before.end_half_width);
  EXPECT_LE(watch.looks_back_at(), 6000U);
  watch.samples(std::span<const std::int32_t>(s.capture.position).subspan(2000, 3000));
  EXPECT_FALSE(watch.motion().ended);
}

TEST(TurnFinder, FindsTheSameTurnsInOneGoAndSampleBySample) {
  SignalParameters p;
  p.strokes = 60;
  p.position_noise_um = 20;
  const Signal s = make_signal(p, 1);
  const std::vector<RawCycle> whole = find_cycles(s.capture.position, 3000);
  std::vector<RawCycle> found;
  TurnFinder finder({2400, 0.08});
  TurnFinder::Found cycle;
  for (const std::int32_t x : s.capture.position) {
    std::span<const std::int32_t> one(&x, 1);
    if (finder.next(one, cycle)) found.push_back(cycle);
  }
  if (finder.finish(cycle)) found.push_back(cycle);
  ASSERT_EQ(found.size(), whole.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].first_bottom, whole[i].first_bottom);
    EXPECT_EQ(found[i].top, whole[i].top);
    EXPECT_EQ(found[i].second_bottom, whole[i].second_bottom);
    EXPECT_EQ(found[i].cut, whole[i].cut);
  }
}

/// Strokes of any steepness with noise, steps, plateaus and rests between them.
std::vector<std::int32_t> restless_needle(Random& random) {
  std::vector<std::int32_t> x;
  const double height = 200 + 30'000 * random.uniform(), noise = height * 0.03 * random.uniform();
  while (x.size() < 3000) {
    const double period = 12 + 600 * random.uniform(), kind = random.uniform();
    for (int i = 0; i < static_cast<int>(period); ++i) {
      double z = kind < 0.2 ? 0 : height / 2 * (1 - sin_cos_turns(i / period).cos);
      if (kind > 0.8) z = std::min(z, height * 0.7);
      x.push_back(static_cast<std::int32_t>(std::lround(z + noise * random.normal())));
    }
  }
  return x;
}

TEST(TurnFinder, FindsTheSameHoweverSteepTheStrokesAndHoweverTheSamplesCome) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed, "needle");
    const std::vector<std::int32_t> x = restless_needle(random);
    const TurnHysteresis rule{20 + 3000 * random.uniform(), random.uniform() < 0.5 ? 0.08 : 0};
    const std::size_t wait = random.uniform() < 0.5 ? 150 : x.size();
    const auto in_blocks_of = [&](std::size_t block) {
      std::vector<std::size_t> seen;  // strokes, and what is needed after them and in a rest
      TurnFinder finder(rule, wait);
      TurnFinder::Found cycle;
      const auto note = [&] {
        for (const std::size_t i : {cycle.first_bottom, cycle.top, cycle.second_bottom}) seen.push_back(i);
        seen.push_back(static_cast<std::size_t>(cycle.top_counts) + (cycle.cut ? 1U << 31U : 0U));
      };
      for (std::size_t at = 0; at < x.size(); at += block) {
        for (auto some = std::span(x).subspan(at, std::min(block, x.size() - at)); !some.empty();) {
          const bool found = finder.next(some, cycle);
          if (found) note();
          if (found || finder.rested()) seen.push_back(finder.needed_from());
        }
      }
      if (finder.finish(cycle)) note();
      seen.push_back(static_cast<std::size_t>(finder.high()) - static_cast<std::size_t>(finder.low()));
      return seen;
    };
    const std::vector<std::size_t> one_by_one = in_blocks_of(1);
    for (const std::size_t block : {std::size_t{13}, std::size_t{64}, x.size()})
      ASSERT_EQ(in_blocks_of(block), one_by_one) << "seed " << seed << ", blocks of " << block;
  }
}

TEST(TurnFinder, FindsNoneOnAScaleOnWhichNoCountIsAStroke) {
  SignalParameters p;
  p.strokes = 10;
  const Signal s = make_signal(p, 1);
  TurnFinder finder({1e29, 0.08});
  TurnFinder::Found cycle;
  for (std::span<const std::int32_t> x = s.capture.position; !x.empty();) EXPECT_FALSE(finder.next(x, cycle));
  EXPECT_FALSE(finder.finish(cycle));
}

TEST(TurnFinder, CutsTheStrokesOnBothSidesOfALongRest) {
  std::vector<std::int32_t> x;
  const auto stroke = [&] {
    for (const int v : {0, 50, 100, 50, 0}) x.push_back(v);
  };
  stroke();
  stroke();
  x.insert(x.end(), 200, 1);
  stroke();
  stroke();
  x.push_back(40);
  TurnFinder finder({10, 0}, 100);
  TurnFinder::Found cycle;
  std::vector<bool> cuts;
  bool rested = false;
  std::span<const std::int32_t> rest = x;
  while (!rest.empty()) {
    if (finder.next(rest, cycle)) cuts.push_back(cycle.cut);
    rested = rested || finder.rested();
  }
  EXPECT_TRUE(rested);
  EXPECT_EQ(cuts, (std::vector<bool>{true, true, true, false}));
}

}  // namespace
}  // namespace penrig
