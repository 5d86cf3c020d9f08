#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>

#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

TEST(WithdrawalForce, IsNoExtremeOfNoiseAndSwingsNowhere) {
  for (const double depth_mm : {1.0, 2.5}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      SignalParameters p;
      p.depth_mm = depth_mm;
      const Signal signal = make_signal(p, seed);
      const SignalSetting setting(p, signal);
      const Result<SettingResult> result = analyse_setting(setting.input);
      ASSERT_TRUE(result) << result.error().message;
      const Measurement* m = find_measurement(*result, "withdrawal_force");
      ASSERT_TRUE(m->value) << m->note;
      std::printf("%.1f mm, seed %llu: %.2f mN off, U %.2f\n", depth_mm, static_cast<unsigned long long>(seed),
                  1e3 * (*m->value - p.suction_n), 1e3 * m->expanded_u);
      EXPECT_NEAR(*m->value, p.suction_n, m->expanded_u) << depth_mm << " mm, seed " << seed;
      EXPECT_LT(m->expanded_u, 2e-3);
    }
  }
}

// Cutting takes more force than the puncture, so no drop is seen, and the law of contact would be fitted to friction:
// up to half a millimetre above the surface.
TEST(Contact, AboveTheSurfaceThatWasTouchedIsNone) {
  SignalParameters p;
  p.depth_mm = 2.5;
  p.puncture_n = 0.15;
  const Signal signal = make_signal(p, 1);
  const SignalSetting setting(p, signal);
  const Result<SettingResult> result = analyse_setting(setting.input);
  ASSERT_TRUE(result) << result.error().message;
  for (const char* measurand : {"penetration_contact", "surface_sink", "dwell", "insertion_work"}) {
    const Measurement* m = find_measurement(*result, measurand);
    EXPECT_FALSE(m->value) << measurand << " " << m->value.value_or(0) << " +- " << m->expanded_u;
  }
  EXPECT_TRUE(find_measurement(*result, "penetration")->value);
}

}  // namespace
}  // namespace penrig
