#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/measure/touch.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

struct TouchParameters {
  double contact_mm = -0.4, kappa = 200, exponent = 1, limit_n = 1, needle_mm = 1.7;
  double from_mm = -0.6, noise_n = 4e-3, drift_n = 0, compliance_mm_per_n = 1.52e-3;
  bool contact = true;
  double ramp_n_per_mm = 0, ramp_from_mm = 0;  ///< a zero that walks from there on, 1 mm/s
  double ring_n = 0, ring_from_mm = -1e9;      ///< a sine from there on
  double puncture_n = 1e9;                     ///< from there on the force rises by no more than 0.2 N/mm
  double fall_n = 0;                           ///< and falls by this at it
};

/// Stage at 1 mm/s to the force limit, a rest, back at ten times the speed.
Capture make_touch(const TouchParameters& p, std::uint64_t seed) {
  Random random(seed, "touch");
  std::vector<std::int32_t> force, position, stage;
  double a = p.from_mm;
  bool back = false, rings = false;
  double walked = 0, punctured_mm = 1e9;
  for (int i = 0; i < 40'000; ++i) {
    double f = 0;
    for (int round = 0; round < 20; ++round) {
      const double x = a - p.contact_mm - p.compliance_mm_per_n * f;
      f = p.contact && x > 0 ? 0.5 * f + 0.5 * p.kappa * contact_power(x, p.exponent) : 0.5 * f;
      if (f > p.puncture_n) punctured_mm = std::min(punctured_mm, a);
      if (a >= punctured_mm) f = p.puncture_n - p.fall_n + 0.2 * (a - punctured_mm);
    }
    if (back || a > p.ramp_from_mm) walked += p.ramp_n_per_mm * 2e-5;
    rings = rings || a > p.ring_from_mm;
    const double ring = rings ? p.ring_n * std::sin(0.33 * i) : 0;
    const double seen = f + p.noise_n * random.normal() + p.drift_n + walked + ring;
    force.push_back(static_cast<std::int32_t>(std::lround(seen / 2e-4)) + 137);
    position.push_back(static_cast<std::int32_t>(std::lround((p.needle_mm + 1e-3 * random.normal()) / 1e-4)));
    stage.push_back(static_cast<std::int32_t>(std::lround((a + 2e-4 * random.normal()) / 1e-4)));
    if (seen >= p.limit_n) back = true;
    a += back ? -2e-4 : 2e-5;
    if (back && a < p.from_mm) break;
  }
  Capture c;
  c.samples({0, 20, force, position, stage});
  return c;
}

const Tare kTare{137, 0.1, 20};

TEST(FitTouch, FindsThePlateWithoutBias) {
  std::vector<double> errors, stated;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto t = fit_touch(make_touch({}, seed), kTare, signal_calibrations(), 1);
    ASSERT_TRUE(t) << t.error().message;
    errors.push_back((t->stage_mm + 0.4) * 1e3);
    stated.push_back(t->u_mm * 1e3);
    EXPECT_NEAR(t->needle_reading_mm, 1.7, 1e-4);
    EXPECT_NEAR(t->force_n, 1, 0.1);
  }
  EXPECT_LT(std::abs(spread_of(errors).mean), 0.1);
  EXPECT_LT(spread_of(errors).sd, 0.2);
  EXPECT_GT(spread_of(stated).mean, 0.3 * spread_of(errors).sd);
}

TEST(FitTouch, SaysHowItMovesWithTheGiveThatWasTakenOut) {
  TouchParameters soft;
  soft.kappa = 6;
  soft.exponent = 1.5;
  soft.limit_n = 0.2;
  for (const TouchParameters& p : {TouchParameters{}, soft}) {
    const Capture capture = make_touch(p, 3);
    Calibrations more = signal_calibrations(), less = more;
    more.frame_um_per_n.value += 0.3;
    less.cell_um_per_n.value -= 0.3;
    const auto up = fit_touch(capture, kTare, more, p.exponent), down = fit_touch(capture, kTare, less, p.exponent),
               at = fit_touch(capture, kTare, signal_calibrations(), p.exponent);
    ASSERT_TRUE(up && down && at);
    const double moved_n = (up->stage_mm - down->stage_mm) / 0.6e-3;
    EXPECT_NEAR(at->stage_by_give_n, moved_n, 0.05 * std::abs(moved_n) + 2e-3) << "m " << p.exponent;
    // A straight law only gets steeper; a Hertzian one bends, and its contact goes with a fifth of the force.
    EXPECT_NEAR(moved_n, p.exponent == 1.5 ? 0.19 * 0.2 : 0, 0.012);
  }
}

TEST(FitTouch, FindsASoftSurfaceByItsLawAndNotByAThreshold) {
  TouchParameters p;
  p.kappa = 6;
  p.exponent = 1.5;
  p.limit_n = 0.1;
  std::vector<double> errors;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto t = fit_touch(make_touch(p, seed), kTare, signal_calibrations(), 1.5);
    ASSERT_TRUE(t) << t.error().message;
    errors.push_back((t->stage_mm + 0.4) * 1e3);
  }
  EXPECT_LT(std::abs(spread_of(errors).mean), 0.3);
  EXPECT_LT(spread_of(errors).sd, 1);
  // A straight line through the same force is tens of micrometres off, and does not fit.
  const auto line = fit_touch(make_touch(p, 1), kTare, signal_calibrations(), 1);
  ASSERT_FALSE(line);
  EXPECT_NE(line.error().message.find("the law of contact"), std::string::npos) << line.error().message;
}

// It rises again by the friction along the shafts, up to the touch force: what was fitted began 0.1 mm off.
TEST(FitTouch, RefusesTipsThatPunctureWhatTheyArePressedOn) {
  TouchParameters p{.kappa = 6, .exponent = 1.5, .limit_n = 0.1};
  for (const double puncture_n : {0.01, 0.05, 0.08}) {
    for (const double fall : {0.0, 0.2, 0.6}) {
      p.puncture_n = puncture_n;
      p.fall_n = fall * puncture_n;
      const auto touch = fit_touch(make_touch(p, 1), kTare, signal_calibrations(), 1.5);
      ASSERT_FALSE(touch) << puncture_n << " N, falls by " << p.fall_n << " N: " << touch->stage_mm + 0.4 << " mm off";
      EXPECT_EQ(touch.error().code, Errc::not_determined);
      EXPECT_NE(touch.error().message.find("the law of contact"), std::string::npos) << touch.error().message;
    }
  }
}

TEST(FitTouch, DoesNotTakeNoiseForAPuncture) {
  TouchParameters p{.kappa = 6, .exponent = 1.5, .limit_n = 0.15, .noise_n = 16e-3};
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto touch = fit_touch(make_touch(p, seed), {137, 0.4, 80}, signal_calibrations(), 1.5);
    ASSERT_TRUE(touch) << touch.error().message;
    EXPECT_NEAR(touch->stage_mm, -0.4, 0.01);
  }
}

TEST(FitTouch, TakesADriftedZeroFromTheFreeApproach) {
  TouchParameters p;
  p.drift_n = 0.02;
  const auto t = fit_touch(make_touch(p, 3), kTare, signal_calibrations(), 1);
  ASSERT_TRUE(t);
  EXPECT_NEAR(t->stage_mm, -0.4, 3e-4);
}

TEST(FitTouch, RefusesACellThatDriftsOrRingsBeforeAnythingIsTouched) {
  TouchParameters p{.contact_mm = -0.1, .kappa = 6, .exponent = 1.5, .limit_n = 0.1};
  p.ramp_from_mm = -0.6;
  p.ramp_n_per_mm = 0.03;
  const auto drifts = fit_touch(make_touch(p, 1), kTare, signal_calibrations(), 1.5);
  ASSERT_FALSE(drifts);
  EXPECT_NE(drifts.error().message.find("drifts"), std::string::npos) << drifts.error().message;
  p.ramp_n_per_mm = 0;
  p.ring_n = 0.03;
  const auto rings = fit_touch(make_touch(p, 1), kTare, signal_calibrations(), 1.5);
  ASSERT_FALSE(rings);
  EXPECT_NE(rings.error().message.find("rings"), std::string::npos) << rings.error().message;
}

// The ringing ends the touch where nothing is. What is before it is quiet: only that it goes on tells.
TEST(FitTouch, RefusesACellThatBeginsToRingWhenItTouches) {
  TouchParameters p{.contact_mm = -0.1, .kappa = 6, .exponent = 1.5, .limit_n = 0.1};
  Capture touch = make_touch(p, 1);
  ASSERT_TRUE(fit_touch(touch, kTare, signal_calibrations(), 1.5));
  const auto turn = static_cast<std::size_t>(std::ranges::max_element(touch.stage) - touch.stage.begin());
  for (std::size_t i = turn + 1; i < touch.force.size(); ++i)
    touch.force[i] += static_cast<std::int32_t>(std::lround(1800 * std::sin(1.81 * static_cast<double>(i))));
  const auto rings = fit_touch(touch, kTare, signal_calibrations(), 1.5);
  ASSERT_FALSE(rings);
  EXPECT_NE(rings.error().message.find("rings: when the stage had gone back"), std::string::npos)
      << rings.error().message;
}

TEST(FitTouch, RefusesNeedlesThatMoveAndAnEncoderThatIsStuck) {
  const Capture good = make_touch({}, 1);
  ASSERT_TRUE(fit_touch(good, kTare, signal_calibrations(), 1));
  Capture moves = good, stuck = good, later = good;
  const auto turn = static_cast<std::size_t>(std::ranges::max_element(good.stage) - good.stage.begin());
  for (std::size_t i = 0; i < turn / 2; ++i) moves.position[i] -= 150;
  const auto moved = fit_touch(moves, kTare, signal_calibrations(), 1);
  ASSERT_FALSE(moved);
  EXPECT_NE(moved.error().message.find("the needle encoder moved by 0.0150 mm"), std::string::npos)
      << moved.error().message;
  std::ranges::fill(stuck.position, 4711);
  const auto held = fit_touch(stuck, kTare, signal_calibrations(), 1);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::not_determined);
  EXPECT_NE(held.error().message.find("4711 counts"), std::string::npos) << held.error().message;
  // Behind the touch they may do what they like.
  for (std::size_t i = turn + 1; i < later.position.size(); ++i) later.position[i] += 1000;
  EXPECT_TRUE(fit_touch(later, kTare, signal_calibrations(), 1));
}

TEST(FitTouch, TakesNeedlesThatRestOnOneCountWhereTheTareShowedNextToNoNoise) {
  Capture still = make_touch({}, 1);
  std::ranges::fill(still.position, 4711);
  Tare quiet = kTare;
  quiet.needles_quiet = true;
  EXPECT_TRUE(fit_touch(still, quiet, signal_calibrations(), 1));
  EXPECT_FALSE(fit_touch(still, kTare, signal_calibrations(), 1));
}

TEST(Tare, KnowsANeedleEncoderThatShowsTwoCountsAtMost) {
  Capture rest = make_touch({.contact = false}, 1);
  EXPECT_FALSE(tare(rest, signal_calibrations()).value().needles_quiet);
  for (std::size_t i = 0; i < rest.position.size(); ++i) rest.position[i] = 4711 + static_cast<int>(i % 3 == 0);
  EXPECT_TRUE(tare(rest, signal_calibrations()).value().needles_quiet);
}

// The force rose while the stage less the give of the tips went back.
TEST(FitTouch, FindsAStiffPlateByTheNoseConeWhichHasNoGiveOfTheTips) {
  for (const double stiffness : {200.0, 640.0, 1000.0}) {
    const Capture nose = make_touch({.kappa = stiffness, .compliance_mm_per_n = 0}, 1);
    const auto touch = fit_touch(nose, kTare, signal_calibrations(), 1, Touching::nose);
    ASSERT_TRUE(touch) << stiffness << " N/mm: " << touch.error().message;
    EXPECT_NEAR(touch->stage_mm, -0.4, 5e-4) << stiffness << " N/mm";
  }
}

// The ramp looks like a soft contact at its own beginning; only that it does not go again tells them apart.
TEST(FitTouch, IsRefusedWhereTheForceStaysWhenTheStageWentBack) {
  TouchParameters p{.contact_mm = -0.1, .kappa = 6, .exponent = 1.5, .limit_n = 0.1};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto touch = fit_touch(make_touch(p, seed), kTare, signal_calibrations(), 1.5);
    ASSERT_TRUE(touch) << touch.error().message;
    EXPECT_NEAR(touch->stage_mm, -0.1, 0.01);
  }
  p.ramp_from_mm = -0.3;
  p.ramp_n_per_mm = 0.5;
  Capture touch = make_touch(p, 1);
  const auto refused = fit_touch(touch, kTare, signal_calibrations(), 1.5);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("between coming and going"), std::string::npos) << refused.error().message;
  // Without the way back only the law tells, which a ramp does not follow.
  const auto turn = static_cast<std::size_t>(std::ranges::max_element(touch.stage) - touch.stage.begin()) + 1;
  for (auto* channel : {&touch.force, &touch.position, &touch.stage}) channel->resize(turn);
  const auto ramp = fit_touch(touch, kTare, signal_calibrations(), 1.5);
  ASSERT_FALSE(ramp);
  EXPECT_NE(ramp.error().message.find("the law of contact"), std::string::npos) << ramp.error().message;
}

TEST(FitTouch, SaysWhenNothingWasTouched) {
  TouchParameters p;
  p.contact = false;
  const auto t = fit_touch(make_touch(p, 4), kTare, signal_calibrations(), 1);
  ASSERT_FALSE(t);
  EXPECT_EQ(t.error().code, Errc::not_determined);
}

TEST(FitTouch, RefusesGapsAndSaturation) {
  Capture c = make_touch({}, 5);
  c.gap("lost");
  EXPECT_EQ(fit_touch(c, kTare, signal_calibrations(), 1).error().code, Errc::gap_in_record);
  c.gaps.clear();
  c.force[100] = 50'000;
  EXPECT_EQ(fit_touch(c, kTare, signal_calibrations(), 1).error().code, Errc::saturated);
  EXPECT_EQ(fit_touch(Capture{}, kTare, signal_calibrations(), 1).error().code, Errc::bad_data);
}

TEST(MeasureTare, IsTheMeanWithItsNoise) {
  Random random(6, "tare");
  std::vector<std::int32_t> f(10'000), zero(10'000, 0);
  for (std::int32_t& x : f) x = static_cast<std::int32_t>(std::lround(137 + 20 * random.normal()));
  Capture c;
  c.samples({0, 20, f, zero, zero});
  const auto t = tare(c, signal_calibrations());
  ASSERT_TRUE(t);
  EXPECT_NEAR(t->zero_counts, 137, 1);
  EXPECT_NEAR(t->noise_counts, 20, 0.5);
  EXPECT_NEAR(t->u_counts, 0.2, 0.01);
  EXPECT_EQ(tare(Capture{}, signal_calibrations()).error().code, Errc::bad_data);
}

TEST(ReferenceZeroTest, PutsZeroWhereTheTipsAreLevelWithTheNose) {
  // Nose meets the plate at stage 0.10; tips held at needle reading 1.75 meet it at -1.40, so they are out by 1.50.
  const std::vector<Touch> nose = {{0.1001, 0, 1e-4, 1}, {0.0999, 0, 1e-4, 1}, {0.1, 0, 1e-4, 1}};
  const std::vector<Touch> tips = {{-1.4001, 1.75, 1e-4, 1}, {-1.3999, 1.75, 1e-4, 1}, {-1.4, 1.75, 1e-4, 1}};
  const auto z = reference_zero(nose, tips, signal_calibrations());
  ASSERT_TRUE(z);
  EXPECT_NEAR(z->needle_zero_mm, 0.25, 1e-9);
  EXPECT_NEAR(z->nose_stage_mm, 0.1, 1e-9);
  EXPECT_NEAR(z->tip_extension_mm, 1.5, 1e-9);
  EXPECT_GT(z->u_mm, 5e-5);
  EXPECT_LT(z->u_mm, 5e-4);
}

TEST(ReferenceZeroTest, NeedsTwoTouchesOfEach) {
  const std::vector<Touch> one(1), two(2);
  EXPECT_EQ(reference_zero(one, two, signal_calibrations()).error().code, Errc::not_determined);
  EXPECT_EQ(reference_zero(two, one, signal_calibrations()).error().code, Errc::not_determined);
}

TEST(FitContacts, SharesStiffnessAndFindsEachContact) {
  Random random(7, "contacts");
  struct ApproachSamples {
    std::vector<double> position_mm, force_n;
  };
  std::vector<ApproachSamples> samples(40);
  std::vector<Approach> approaches;
  std::vector<double> truth;
  for (ApproachSamples& a : samples) {
    truth.push_back(0.05 + 0.01 * random.normal());
    const double phase = random.uniform() * 0.02;
    for (double x = -0.1 + phase; x < truth.back() + 0.15; x += 0.02) {
      a.position_mm.push_back(x);
      a.force_n.push_back(6 * contact_power(std::max(x - truth.back(), 0.0), 1.5) + 4e-3 * random.normal());
    }
    approaches.push_back({.position_mm = a.position_mm, .force_n = a.force_n, .limit_n = 0.21});
  }
  const double kappa = fit_contacts(approaches, 1.5, 4e-3);
  EXPECT_NEAR(kappa, 6, 0.15);
  double sum = 0, squares = 0, stated = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ASSERT_TRUE(approaches[i].found);
    const double e = approaches[i].contact_mm - truth[i];
    sum += e / 40;
    squares += e * e / 40;
    stated += approaches[i].u_contact_mm / 40;
  }
  EXPECT_LT(std::abs(sum), 1e-3);
  EXPECT_NEAR(std::sqrt(squares) / stated, 1, 0.5);
}

}  // namespace
}  // namespace penrig
