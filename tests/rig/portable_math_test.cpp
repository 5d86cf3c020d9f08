#include "rig/base/portable_math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include "rig/base/pow_of_four.hpp"
#include "rig/base/random.hpp"

// libm is the reference here; nothing that these tests compute is recorded.
namespace penrig {
namespace {

TEST(PortableMath, SineAndCosineAgreeWithLibmOverManyTurns) {
  for (int i = -200'000; i <= 200'000; ++i) {
    const double x = i * 0.00314159;
    const SinCos v = sin_cos(x);
    ASSERT_NEAR(v.sin, std::sin(x), 1e-14) << x;
    ASSERT_NEAR(v.cos, std::cos(x), 1e-14) << x;
  }
}

TEST(PortableMath, TurnsAreExactAtQuarters) {
  for (const double whole : {0.0, 1.0, -3.0, 1e6}) {
    EXPECT_EQ(sin_cos_turns(whole).sin, 0.0);
    EXPECT_EQ(sin_cos_turns(whole).cos, 1.0);
    EXPECT_EQ(sin_cos_turns(whole + 0.25).sin, 1.0);
    EXPECT_EQ(sin_cos_turns(whole + 0.5).cos, -1.0);
    EXPECT_EQ(sin_cos_turns(whole + 0.75).sin, -1.0);
  }
  EXPECT_NEAR(sin_cos_turns(1.0 / 12).sin, 0.5, 1e-15);
}

TEST(PortableMath, TwoTurnsAtOnceHaveTheBitsOfEach) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  for (int i = -100'000; i <= 100'000; ++i) {
    const double a = i * 0.000317, b = i * 0.125;
    const SinCosOfTwo both = sin_cos_turns(Two{a, b});
    const SinCos first = sin_cos_turns(a), second = sin_cos_turns(b);
    ASSERT_EQ(bits(both.sin[0]), bits(first.sin)) << a;
    ASSERT_EQ(bits(both.cos[0]), bits(first.cos)) << a;
    ASSERT_EQ(bits(both.sin[1]), bits(second.sin)) << b;
    ASSERT_EQ(bits(both.cos[1]), bits(second.cos)) << b;
  }
}

TEST(PortableMath, ExpAgreesWithLibmFromUnderflowToOverflow) {
  for (double x = -700; x < 709; x += 0.0917) ASSERT_NEAR(portable_exp(x) / std::exp(x), 1, 1e-15) << x;
  EXPECT_EQ(portable_exp(0), 1);
  EXPECT_EQ(portable_exp(-800), 0);
  EXPECT_TRUE(std::isinf(portable_exp(710)));
  EXPECT_TRUE(std::isnan(portable_exp(std::nan(""))));
}

TEST(PortableMath, LogAgreesWithLibmOverAllMagnitudes) {
  for (double x = 1e-300; x < 1e300; x *= 1.0173) {
    ASSERT_NEAR(portable_log(x), std::log(x), 4e-16 * std::fmax(1, std::fabs(std::log(x)))) << x;
  }
  EXPECT_EQ(portable_log(1), 0);
  EXPECT_TRUE(std::isinf(portable_log(0)));
  EXPECT_TRUE(std::isnan(portable_log(-1)));
}

TEST(PortableMath, PowAgreesWithLibm) {
  for (double base = 0.01; base < 100; base *= 1.31) {
    for (double e = -5; e <= 5; e += 0.37) ASSERT_NEAR(portable_pow(base, e) / std::pow(base, e), 1, 1e-13);
  }
}

TEST(PortableMath, FourPowersHaveTheBitsOfEach) {
  constexpr std::uint64_t kSeed = 2;
  Random random(kSeed, "powers");
  for (const double e : {1 / 1.5, 0.5, 1 / 1.3, 1.0, 2.7, -3.3}) {
    for (int i = 0; i < 2000; ++i) {
      Four bases{1, 1.41421356237309504880, 1, 1};
      for (int k = i == 0 ? 2 : 0; k < 4; ++k) bases[k] = portable_exp(20 * random.normal());
      const Four powers = portable_pow(bases, e);
      for (int k = 0; k < 4; ++k) ASSERT_EQ(powers[k], portable_pow(bases[k], e)) << bases[k] << "^" << e;
    }
  }
}

TEST(PortableMath, Atan2AgreesWithLibmAllRound) {
  for (int i = 0; i < 100'000; ++i) {
    const double a = i * 6.283185307179586 / 100'000, y = 3 * std::sin(a), x = 3 * std::cos(a);
    ASSERT_NEAR(portable_atan2(y, x), std::atan2(y, x), 1e-15) << i;
  }
}

}  // namespace
}  // namespace penrig
