#include <gtest/gtest.h>

#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// A puncture of 3 N within 0.14 mm of the contact, at some 1.2 mm/ms.
SignalParameters steep_puncture(double sample_rate_hz) {
  SignalParameters p;
  p.sample_rate_hz = sample_rate_hz;
  p.rate_per_min = 7490;
  p.kappa = 60;
  p.puncture_n = 3;
  return p;
}

TEST(SteepPuncture, HasNoForcesWhereTheSamplesFallBesideIt) {
  const SignalParameters p = steep_puncture(5000);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Signal signal = make_signal(p, seed);
    const SignalSetting setting(p, signal);
    const Result<SettingResult> result = analyse_setting(setting.input);
    ASSERT_TRUE(result) << result.error().message;
    for (const char* measurand : {"peak_force", "puncture_force"}) {
      const Measurement* m = find_measurement(*result, measurand);
      EXPECT_FALSE(m->value) << measurand << " " << m->value.value_or(0) << " +- " << m->expanded_u;
      EXPECT_NE(m->note.find("too steep for this sampling"), std::string::npos) << m->note;
    }
  }
}

// Estimates of a corner agree where the force breaks down between two samples, and are all low: up to 13 U.
TEST(SteepPuncture, IsCoveredOrHasNoValueWhereTheForceFallsBetweenSamples) {
  for (const double kappa : {6.0, 22.0, 60.0}) {
    for (const double drop_mm : {0.002, 0.006}) {
      SignalParameters p;
      p.rate_per_min = 8990;
      p.kappa = kappa;
      p.puncture_n = 0.5;
      p.drop_mm = drop_mm;
      const Signal signal = make_signal(p, 1);
      const SignalSetting setting(p, signal);
      const Result<SettingResult> result = analyse_setting(setting.input);
      ASSERT_TRUE(result) << result.error().message;
      for (const char* measurand : {"peak_force", "puncture_force"}) {
        const Measurement* m = find_measurement(*result, measurand);
        if (m->value) {
          EXPECT_NEAR(*m->value, p.puncture_n, m->expanded_u) << measurand << ", kappa " << kappa << ", " << drop_mm;
        } else {
          EXPECT_NE(m->note.find("too steep for this sampling"), std::string::npos) << m->note;
        }
      }
    }
  }
}

TEST(SteepPuncture, HasItsForcesWhereItIsSampled) {
  const SignalParameters p = steep_puncture(100'000);
  const Signal signal = make_signal(p, 1);
  const SignalSetting setting(p, signal);
  const Result<SettingResult> result = analyse_setting(setting.input);
  ASSERT_TRUE(result) << result.error().message;
  const Measurement* m = find_measurement(*result, "peak_force");
  ASSERT_TRUE(m->value) << m->note;
  EXPECT_NEAR(*m->value, p.puncture_n, m->expanded_u);
}

}  // namespace
}  // namespace penrig
