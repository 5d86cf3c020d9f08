#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "rig/base/noise.hpp"
#include "rig/measure/algorithm_version.hpp"
#include "rig/measure/setting.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// FNV-1a over the bits of doubles.
class Digest {
 public:
  void add(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    for (int byte = 0; byte < 8; ++byte) hash_ = (hash_ ^ ((bits >> (8 * byte)) & 0xFF)) * 0x100000001b3;
  }
  std::string hex() const { return fmt::format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// Of all numbers of a setting.
std::string digest_of(const SignalParameters& p, std::uint64_t seed, const char* what) {
  const Signal signal = make_signal(p, seed);
  SignalParameters parameters = p;
  SignalSetting setting(parameters, signal);
  const auto result = analyse_setting(setting.input);
  if (!result) return what + (": " + result.error().message);
  Digest digest;
  for (const Measurement& m : result->measurements) {
    for (const double v : {m.value.value_or(-1), m.realised.value_or(-1), m.realised_u}) digest.add(v);
    for (const BudgetLine& line : m.budget) digest.add(line.u);
  }
  for (const StrokeRow& s : result->strokes) {
    for (const double v : {s.top_s, s.extension_mm, s.penetration_mm, s.peak_force_n, s.u_penetration_mm})
      digest.add(v);
  }
  return digest.hex();
}

/// Of noise, many numbers at a time.
std::string digest_of_noise() {
  Noise noise(1, "golden");
  Digest digest;
  for (int i = 0; i < 19'900; ++i) digest.add(noise.next());
  return digest.hex();
}

/// A number that changes here asks for another kAlgorithmVersion. Compiled twice: with what the processor at hand does
/// best, and with what every one can.
#if defined(PENRIG_ONE_PROCESSOR)
TEST(OneProcessor, HasTheBitsOfEach) {
#else
TEST(EachProcessor, HasTheSameBits) {
#endif
  ASSERT_STREQ(kAlgorithmVersion, "15");
  SignalParameters usual, missed, quick;
  missed.missed = {30};
  missed.doubled = {50};
  quick.sample_rate_hz = 100'000;
  quick.rate_per_min = 6000;
  quick.position_noise_um = 0.3;
  EXPECT_EQ(digest_of(usual, 1, "usual"), "7546c98c1bd25d4d");
  EXPECT_EQ(digest_of(missed, 2, "missed"), "2cd0482397e28505");
  EXPECT_EQ(digest_of(quick, 3, "quick"), "e7b06fc832c23dcf");
  EXPECT_EQ(digest_of_noise(), "710c67f5fed627d5");
}

}  // namespace
}  // namespace penrig
