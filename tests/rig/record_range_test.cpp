#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"
#include "rig/measure/stroke_stream.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// A record whose channels may end where nobody stated it.
struct Recorded {
  explicit Recorded(const SignalParameters& p)
      : parameters(p), signal(make_signal(p, 7)), setting(parameters, signal) {}
  std::vector<std::int32_t>& force() { return signal.capture.force; }
  std::vector<std::int32_t>& position() { return signal.capture.position; }
  Result<SettingResult> in_blocks_of(std::size_t samples) const {
    SettingInput input = setting.input;
    input.capture = nullptr;
    StrokeStream stream(input);
    replay(signal.capture, samples, stream);
    return finish_setting(stream, input);
  }
  Result<Measurement> link_loss() const {
    return link_loss_stop(signal.capture, 1e6, setting.input.clock, TimePoint{seconds_to_ns(signal.stop_s - 0.31)},
                          setting.calibrations);
  }

  SignalParameters parameters;
  Signal signal;
  SignalSetting setting;
};

void cut_above(std::vector<std::int32_t>& x, double counts) {
  for (std::int32_t& v : x) v = std::min(v, static_cast<std::int32_t>(std::lround(counts)));
}

void expect_saturated(const Recorded& r, const char* named) {
  for (const std::size_t block : {64U, 50'000U}) {
    const auto result = r.in_blocks_of(block);
    ASSERT_FALSE(result) << block;
    EXPECT_EQ(result.error().code, Errc::saturated) << result.error().message;
    EXPECT_NE(result.error().message.find(named), std::string::npos) << result.error().message;
  }
}

TEST(RecordRange, ALoadCellThatClipsFarInsideItsStatedRangeIsSaturated) {
  Recorded r({});
  cut_above(r.force(), 0.6 * *std::ranges::max_element(r.force()));
  expect_saturated(r, "its description states a range of -10.00 to 10.00 N");
}

TEST(RecordRange, AnEncoderThatHidesHowDeepAFewOfManyStrokesWentIsSaturated) {
  SignalParameters p;
  p.strokes = 1010;
  p.deep = {150, 500, 900};
  Recorded r(p);
  cut_above(r.position(), (p.depth_mm + 0.1 + p.needle_zero_mm) / 1e-4);
  expect_saturated(r, "it stands at 1.85 mm for up to");
  expect_saturated(r, "3 times");
}

TEST(RecordRange, OneHiddenStrokeIsEnoughAmongNoiseAlsoOneThatIsNotJudged) {
  for (const std::uint32_t stroke : {2U, 50U, 98U}) {
    SignalParameters p;
    p.deep = {stroke};
    Recorded r(p);
    cut_above(r.position(), (p.depth_mm + 0.1 + p.needle_zero_mm) / 1e-4);
    expect_saturated(r, "1 times");
  }
}

TEST(RecordRange, ChannelsWithoutNoiseAndCoarseEncodersAreMeasured) {
  for (const double noise : {0.0, 0.02, 1.0}) {  // of what is usual
    for (const std::int32_t step : {1, 20, 100}) {
      SignalParameters p;
      p.strokes = 320;
      p.position_noise_um *= noise;
      p.force_noise_n *= noise;
      p.height_noise_um = 0;
      Recorded r(p);
      for (std::int32_t& x : r.position()) x = static_cast<std::int32_t>(std::lround(1.0 * x / step)) * step;
      r.setting.input.tare.noise_counts = std::max(0.3, p.force_noise_n / 2e-4);
      const auto result = r.in_blocks_of(512);
      EXPECT_TRUE(result) << "noise " << noise << " step " << step << ": " << result.error().message;
      EXPECT_TRUE(r.link_loss()) << "noise " << noise << " step " << step;
    }
  }
}

TEST(RecordRange, NeedlesThatStandOutFromTheirStopOnAreMeasured) {
  Recorded r({});
  std::vector<std::int32_t>& z = r.position();
  const auto top = std::max_element(z.end() - 4600, z.end() - 4000);
  const std::int32_t highest = *std::ranges::max_element(z);
  Random noise(1, "standing out");
  for (auto x = top; x != z.end(); ++x) *x = highest + static_cast<std::int32_t>(std::lround(10 * noise.normal()));
  const auto result = r.in_blocks_of(512);
  EXPECT_TRUE(result) << result.error().message;
}

TEST(RecordRange, ALinkLossOfWhichTheEncoderDoesNotShowAllIsSaturated) {
  Recorded hidden({});
  cut_above(hidden.position(), (hidden.parameters.depth_mm - 0.1 + hidden.parameters.needle_zero_mm) / 1e-4);
  ASSERT_FALSE(hidden.link_loss());
  EXPECT_EQ(hidden.link_loss().error().code, Errc::saturated);
  EXPECT_NE(hidden.link_loss().error().message.find("the position is at the end of its range"), std::string::npos);

  Recorded stated({});
  stated.setting.calibrations.position_min_counts = -12'000;
  ASSERT_FALSE(stated.link_loss());
  EXPECT_EQ(stated.link_loss().error().code, Errc::saturated);
}

}  // namespace
}  // namespace penrig
