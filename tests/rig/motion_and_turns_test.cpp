#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/noise.hpp"
#include "rig/base/portable_math.hpp"
#include "rig/base/random.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/setting_checks.hpp"
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

/// More noise on some of a record.
void make_noisy(std::vector<std::int32_t>& x, std::size_t from, std::size_t to, double counts) {
  Random noise(3, "burst");
  for (std::size_t i = from; i < std::min(to, x.size()); ++i)
    x[i] += static_cast<std::int32_t>(std::lround(counts * noise.normal()));
}

// At 5 kS/s the noise before a motion is known of a hundred samples: a good pen's encoder was taken for one that became
// noisy where they happened to lie close, once in some thousand stops.
TEST(MotionWatch, AllowsForWhatFewSamplesKnowOfTheNoise) {
  constexpr std::size_t kRest = 100;
  Noise noise(7, "few samples");
  std::vector<std::int32_t> x(7000);
  int taken_for_noisy = 0;
  for (int stop = 0; stop < 4000; ++stop) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double moved = i < 500 || i >= 1500 ? 0 : 1 - sin_cos_turns(static_cast<double>(i) / 500 + 0.25).sin;
      x[i] = static_cast<std::int32_t>(std::lround(-12'500 + 10'000 * moved + 20 * noise.next()));
    }
    const Motion m = find_motion(x, 1e-4, kRest);
    ASSERT_TRUE(m.moved && m.began_at_rest && m.ended);
    if (m.end_is_noise) ++taken_for_noisy;
  }
  EXPECT_EQ(taken_for_noisy, 0);
}

// A needle encoder that was noisy until a second after the stop read as a pen that stopped a second late.
TEST(MotionWatch, TakesNoiseAtRestForNoMotion) {
  SignalParameters p;
  p.strokes = 40;
  const Signal s = make_signal(p, 6);
  ASSERT_FALSE(find_motion(s.capture.position, 1e-4, 1000).end_is_noise);
  std::vector<std::int32_t> x = s.capture.position;
  Random noise(2, "rest");
  for (int i = 0; i < 60'000; ++i) x.push_back(static_cast<std::int32_t>(std::lround(-12'500 + 10 * noise.normal())));
  const std::size_t stopped = static_cast<std::size_t>(s.stop_s * p.sample_rate_hz);
  ASSERT_FALSE(find_motion(x, 1e-4, 1000).end_is_noise);
  struct Burst {
    std::size_t from, to;
    double counts;
  };
  for (const Burst b : {Burst{stopped - 5000, stopped + 20'000, 200}, Burst{stopped - 5000, stopped + 200, 200},
                        Burst{stopped + 9000, stopped + 9001, 2000}, Burst{stopped + 9000, stopped + 9100, 200},
                        Burst{stopped - 5000, x.size(), 200}, Burst{stopped - 5000, x.size(), 40},
                        Burst{stopped - 5000, stopped + 40'000, 30}}) {
    std::vector<std::int32_t> noisy = x;
    make_noisy(noisy, b.from, b.to, b.counts);
    for (const std::size_t hold : {std::size_t{4000}, std::size_t{200'000}}) {
      Watched watch(hold);
      for (std::size_t at = 0; at < noisy.size(); at += 500)
        watch.samples(std::span<const std::int32_t>(noisy).subspan(at, std::min<std::size_t>(500, noisy.size() - at)));
      const Motion m = watch.motion();
      EXPECT_TRUE(m.end_is_noise) << b.counts << " counts until " << b.to << ", held " << hold << ": ended " << m.ended
                                  << " at " << m.end << " of " << stopped;
      EXPECT_FALSE(check_rest(m, 1e-4, p.sample_rate_hz));
    }
  }
}

TEST(MotionWatch, KnowsTheEndAlsoWhereALittleMoreNoiseIsBehind) {
  SignalParameters p;
  p.strokes = 40;
  const Signal s = make_signal(p, 6);
  std::vector<std::int32_t> x = s.capture.position;
  Random noise(2, "rest");
  for (int i = 0; i < 30'000; ++i) x.push_back(static_cast<std::int32_t>(std::lround(-12'500 + 25 * noise.normal())));
  const std::size_t stopped = static_cast<std::size_t>(s.stop_s * p.sample_rate_hz);
  make_noisy(x, stopped, s.capture.position.size(), 23);
  const Motion m = find_motion(x, 1e-4, 1000);
  ASSERT_TRUE(m.ended);
  EXPECT_FALSE(m.end_is_noise);
  EXPECT_NEAR(m.end, s.stop_s * p.sample_rate_hz, m.end_half_width);
}

/// A needle that parks like a crank that creeps into its bottom, 900/min, without or with noise, and rests on one count
/// from `frozen_from` on; at the latest where it stands.
std::vector<std::int32_t> parks(double noise_counts, std::size_t frozen_from) {
  Random random(2, "noise");
  std::vector<std::int32_t> x;
  for (std::size_t i = 0; i < 8000; ++i) {
    const double turns = std::min(1.0, static_cast<double>(i) / 3333);
    const double z = -12'499.6 + 15'000 * (1 - sin_cos_turns(turns).cos);
    x.push_back(static_cast<std::int32_t>(std::lround(z + (i < 3333 ? noise_counts : 0) * random.normal())));
  }
  for (std::size_t i = frozen_from; i < x.size(); ++i) x[i] = x[frozen_from];
  return x;
}

// In a link loss the record begins in motion: no rest before says how quiet the channel is.
TEST(MotionWatch, TakesAChannelWithNextToNoNoiseForAliveWhereItCameToRestGradually) {
  const auto stuck = [](double noise_counts, std::size_t frozen_from) {
    const Motion m = find_motion(parks(noise_counts, frozen_from), 1e-4, 1000);
    EXPECT_TRUE(m.moved && m.ended && m.last_are_one_count);
    return rests_by_a_stuck_encoder(m, 1e-4);
  };
  EXPECT_FALSE(stuck(0, 7999));
  EXPECT_FALSE(stuck(0.15, 7999));
  EXPECT_TRUE(stuck(10, 7999));
  EXPECT_TRUE(stuck(0.15, 1200));
  EXPECT_TRUE(stuck(0.15, 2500));
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
