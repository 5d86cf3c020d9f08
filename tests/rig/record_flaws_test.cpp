#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/portable_math.hpp"
#include "rig/measure/setting_checks.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

constexpr double kRateHz = 20'000, kPeriod = 200;  // samples

/// A needle that runs, in blocks; its encoder stands for `standing` samples and finds it elsewhere then.
Result<void> checked(std::size_t standing, std::size_t block_samples) {
  const Calibrations calibrations = signal_calibrations();
  std::vector<std::int32_t> position;
  for (std::size_t i = 0; i < 8000; ++i) {
    const bool stands = i > 3003 && i <= 3003 + standing;
    position.push_back(
        stands ? position.back()
               : static_cast<std::int32_t>(std::lround(9000 * sin_cos_turns(static_cast<double>(i) / kPeriod).sin)));
  }
  const std::vector<std::int32_t> quiet(block_samples, 0);
  RecordFlaws flaws;
  for (std::size_t at = 0; at < position.size(); at += block_samples) {
    const std::size_t n = std::min(block_samples, position.size() - at);
    flaws.samples(std::span(quiet).first(n), std::span(std::as_const(position)).subspan(at, n), calibrations);
  }
  SettingInput input;
  input.rate_per_min = 60 * kRateHz / kPeriod;
  input.calibrations = &calibrations;
  return flaws.check(input, kRateHz);
}

TEST(RecordFlaws, TellAnEncoderThatStoodForMoreThanThreeTurnsHoweverTheSamplesCame) {
  for (const std::size_t block : {1U, 7U, 64U, 8000U}) {
    EXPECT_TRUE(checked(0, block)) << block;
    EXPECT_TRUE(checked(550, block)) << block;
    const Result<void> stood = checked(650, block);
    ASSERT_FALSE(stood) << block;
    EXPECT_EQ(stood.error().code, Errc::bad_data);
    EXPECT_NE(stood.error().message.find("for 0.033 s until 0.1827 s"), std::string::npos) << stood.error().message;
  }
}

}  // namespace
}  // namespace penrig
