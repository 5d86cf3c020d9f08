#include "rig/measure/stroke_stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/portable_math.hpp"
#include "rig/measure/statistics.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

/// A record and its setting; what is only known later can be held back.
struct Recorded {
  explicit Recorded(const SignalParameters& p, std::uint64_t seed)
      : parameters(p), signal(make_signal(p, seed)), setting(parameters, signal) {}
  SignalParameters parameters;
  Signal signal;
  SignalSetting setting;
};

Result<SettingResult> streamed(const Recorded& r, std::size_t block_samples) {
  SettingInput input = r.setting.input;
  input.capture = nullptr;
  StrokeStream stream(input);
  replay(r.signal.capture, block_samples, stream);
  return finish_setting(stream, input);
}

/// All numbers of a result, to be compared bit by bit.
std::vector<double> numbers_of(const SettingResult& r) {
  std::vector<double> x;
  for (const Measurement& m : r.measurements) {
    for (const double v : {m.value.value_or(-1), m.expanded_u, m.realised.value_or(-1), m.realised_u,
                           m.low.value_or(-1), m.high.value_or(-1), m.k, m.nu_eff, m.n_eff, static_cast<double>(m.n)})
      x.push_back(v);
    for (const BudgetLine& line : m.budget) x.push_back(line.u);
  }
  for (const StrokeRow& s : r.strokes) {
    for (const double v : {s.top_s, s.period_us, s.extension_mm, s.penetration_mm, s.peak_force_n, s.u_penetration_mm})
      x.push_back(v);
  }
  for (const auto& [name, value] : r.values) x.push_back(value);
  const auto append = [&x](const std::vector<float>& curve) { x.insert(x.end(), curve.begin(), curve.end()); };
  append(r.traces.mean_position_mm);
  append(r.traces.loop_penetration_mm);
  append(r.traces.loop_force_n);
  for (const auto* curves :
       {&r.traces.strokes_position_mm, &r.traces.strokes_loop_penetration_mm, &r.traces.strokes_loop_force_n}) {
    for (const auto& curve : *curves) append(curve);
  }
  return x;
}

void expect_same_bits(const Result<SettingResult>& a, const Result<SettingResult>& b) {
  ASSERT_TRUE(a) << a.error().message;
  ASSERT_TRUE(b) << b.error().message;
  const std::vector<double> x = numbers_of(*a), y = numbers_of(*b);
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(std::memcmp(&x[i], &y[i], sizeof(double)), 0) << "number " << i << ": " << x[i] << " and " << y[i];
  }
  EXPECT_EQ(a->warnings, b->warnings);
}

const Measurement& of(const SettingResult& r, const char* id) {
  const Measurement* m = find_measurement(r, id);
  if (m == nullptr) throw std::runtime_error(std::string("no measurement ") + id);
  return *m;
}

/// Some 7 s: three segments and more, with faults at their borders (the 5 settle strokes and 256 a segment).
SignalParameters several_segments() {
  SignalParameters p;
  p.strokes = 1010;
  p.sample_rate_hz = 20'000;
  p.missed = {100, 260, 261, 515, 900};
  p.doubled = {258, 262, 516, 517, 700};
  p.deep = {2, 262, 1008};
  return p;
}

TEST(StrokeStream, GivesTheSameBitsHoweverTheSamplesAreCutIntoBlocks) {
  SignalParameters one;
  one.missed = {30, 31};
  one.doubled = {60};
  one.deep = {1, 40};
  for (const SignalParameters& p : {one, several_segments()}) {
    const Recorded r(p, 21);
    const Result<SettingResult> whole = analyse_setting(r.setting.input);
    for (const std::size_t block :
         {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{4096}, r.signal.capture.size()}) {
      SCOPED_TRACE(block);
      expect_same_bits(whole, streamed(r, block));
    }
  }
}

TEST(StrokeStream, GivesTheSameBitsWhenTheStopIsToldAsLateAsItCanBe) {
  const Recorded r(several_segments(), 22);
  SettingInput input = r.setting.input, early = input;
  early.stop_sent.reset();
  early.start_sent.reset();
  early.reported = {};
  StrokeStream stream(early);
  const Capture& c = r.signal.capture;
  const auto stop = static_cast<std::size_t>(c.index_at(input.clock.tick_at(*input.stop_sent)));
  const auto give = [&](std::size_t from, std::size_t to) {
    const auto part = [&](const std::vector<std::int32_t>& x) {
      return std::span<const std::int32_t>(x).subspan(from, to - from);
    };
    stream.samples({c.first_tick + 50 * from, 50, part(c.force), part(c.position), part(c.stage)});
  };
  give(0, stop);
  stream.tell_stop(*input.stop_sent);
  give(stop, c.size());
  expect_same_bits(analyse_setting(input), finish_setting(stream, input));
}

TEST(StrokeStream, JudgesNothingBehindAStopThatIsToldAtTheEnd) {
  SignalParameters p;
  p.strokes = 120;
  Recorded r(p, 25);
  SettingInput& input = r.setting.input;
  input.strokes = UINT32_MAX;
  input.stop_sent = TimePoint{seconds_to_ns(r.signal.start_s + 70.5 * 60 / p.rate_per_min)};
  SettingInput early = input;
  early.stop_sent.reset();
  StrokeStream stream(early);
  replay(r.signal.capture, 512, stream);
  const Result<SettingResult> told = analyse_setting(input);
  expect_same_bits(told, finish_setting(stream, input));
  EXPECT_EQ(of(*told, "stroke_rate").n, 65U);
}

TEST(StrokeStream, RefusesAStopThatWasToldAfterWhatFollowedItWasMeasured) {
  const Recorded r(several_segments(), 22);
  SettingInput input = r.setting.input, early = input;
  early.stop_sent.reset();
  StrokeStream stream(early);
  replay(r.signal.capture, 512, stream);
  input.stop_sent = TimePoint{seconds_to_ns(r.signal.start_s + 100.3 * 60 / r.parameters.rate_per_min)};
  const auto result = stream.finish(input);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::internal);
}

TEST(StrokeStream, FindsFaultsAtTheBordersOfSegmentsExactlyAndAveragesNone) {
  const SignalParameters p = several_segments();
  const Recorded r(p, 23);
  const auto result = streamed(r, 1000);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*of(*result, "missed_strokes").value, 5);
  EXPECT_EQ(*of(*result, "double_strokes").value, 5);
  EXPECT_EQ(of(*result, "missed_strokes").n, 995U) << "turns: five of the 1000 strokes share theirs";
  EXPECT_EQ(of(*result, "extension").n, 985U) << "and ten of the cycles are tops of double strokes";
  double deepest = 0;
  for (const StrokeRow& row : result->strokes) deepest = std::max(deepest, row.extension_mm);
  EXPECT_GT(deepest, p.depth_mm + 0.2);
}

TEST(StrokeStream, MeasuresSeveralSegmentsAsWellAsOne) {
  SignalParameters p;
  p.strokes = 1010;
  const Recorded r(p, 24);
  const auto result = streamed(r, 512);
  ASSERT_TRUE(result) << result.error().message;
  const std::size_t first = r.setting.input.settle_strokes, last = first + r.setting.input.strokes - 1;
  const auto truth = [&](const std::vector<double>& x) {
    const auto from = x.begin() + static_cast<std::ptrdiff_t>(first);
    return std::accumulate(from, from + r.setting.input.strokes, 0.0) / r.setting.input.strokes;
  };
  const double realised = 60 * static_cast<double>(last - first) / (r.signal.top_s[last] - r.signal.top_s[first]);
  EXPECT_NEAR(*of(*result, "stroke_rate").realised / realised, 1, 3e-6);
  EXPECT_NEAR(*of(*result, "extension").value, truth(r.signal.top_mm), 1e-4);
  EXPECT_NEAR(*of(*result, "penetration").value, truth(r.signal.penetration_mm), 3e-3);
  EXPECT_NEAR(result->values.at("contact_mm"), truth(r.signal.contact_mm), 3e-3);
  for (std::size_t i = first; i <= last; ++i) {
    ASSERT_NEAR(result->strokes[i - first].top_s, r.signal.top_s[i], 5e-6) << i;
    ASSERT_NEAR(result->strokes[i - first].extension_mm, r.signal.top_mm[i], 2e-3) << i;
  }
}

/// A pen that runs for as long as one likes, sample by sample: nothing of it is kept.
class EndlessPen {
 public:
  explicit EndlessPen(double sample_rate_hz) : step_(150 / sample_rate_hz) {
    constexpr std::size_t kPoints = 1 << 12;
    for (std::size_t i = 0; i < kPoints; ++i) {
      const double turns = static_cast<double>(i) / kPoints;
      const double z = 1.5 - 1.5 * (1 + sin_cos_turns(turns).cos), rise = sin_cos_turns(turns).sin;
      double f = 0;
      if (z > 0) f = rise <= 0 ? -0.05 : z < 0.15 ? 6 * z * std::sqrt(z) : 0.1 + 0.2 * z;
      position_.push_back(static_cast<std::int32_t>(std::lround((z + 0.25) * 1e4)));
      force_.push_back(static_cast<std::int32_t>(std::lround((f + 0.05) * 5e3)) + 137);
    }
  }
  void run(double seconds, double sample_rate_hz, StrokeStream& into) { give(seconds, sample_rate_hz, true, into); }
  void rest(double seconds, double sample_rate_hz, StrokeStream& into) { give(seconds, sample_rate_hz, false, into); }
  /// Where it stands, but for the mean of its noise.
  double z_mm() const { return (position_[at()] - 0.5) * 1e-4 - 0.25; }

 private:
  void give(double seconds, double sample_rate_hz, bool running, StrokeStream& into) {
    constexpr std::size_t kBlock = 512;
    std::vector<std::int32_t> f(kBlock), z(kBlock), stage(kBlock, 1234);
    for (auto n = static_cast<std::uint64_t>(seconds * sample_rate_hz); n > 0;) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(n, kBlock));
      for (std::size_t i = 0; i < count; ++i) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        if (running) turns_ += step_;
        turns_ -= turns_ >= 1 ? 1 : 0;
        // Uniform noise of some 12 counts.
        z[i] = position_[at()] + static_cast<std::int32_t>(state_ >> 58) - 32;
        f[i] = force_[at()] + static_cast<std::int32_t>((state_ >> 40) & 63) - 32;
      }
      const auto part = [count](const std::vector<std::int32_t>& x) { return std::span(x).first(count); };
      into.samples({tick_, 1e6 / sample_rate_hz, part(f), part(z), part(stage)});
      tick_ += static_cast<std::uint64_t>(static_cast<double>(count) * 1e6 / sample_rate_hz);
      n -= count;
    }
  }
  std::size_t at() const { return static_cast<std::size_t>(turns_ * static_cast<double>(position_.size())); }

  double step_, turns_ = 0;
  std::uint64_t state_ = 1, tick_ = 5000;
  std::vector<std::int32_t> position_, force_;
};

SettingInput endless_setting(const Calibrations& calibrations, const SimulantDescription& simulant) {
  SettingInput input;
  input.tick_hz = 1e6;
  input.clock = {TimePoint{}, 5000, 1e6, 20e-6};
  input.tare = {137, 0.1, 18};
  input.zero = {0.25, 0, 1e-4, 10, 5, 1.5};
  input.surface = Touch{0.1234, 0.25, 2e-4, 0.1};
  input.depth_mm = 1.5;
  input.rate_per_min = 9000;
  input.settle_strokes = 5;
  input.strokes = UINT32_MAX;
  input.calibrations = &calibrations;
  input.simulant = &simulant;
  return input;
}

TEST(StrokeStream, HoldsNoMoreSamplesOfALongRecordThanOfAShortOne) {
  constexpr double kRate = 50'000;
  const Calibrations calibrations = signal_calibrations();
  const SimulantDescription simulant;
  SettingInput input = endless_setting(calibrations, simulant);
  // Two segments and a half, and the blocks at hand.
  constexpr double kSegment = 65'536, kBound = 2.5 * kSegment + 4096;
  std::size_t most[2] = {};
  for (const double seconds : {10.0, 600.0}) {
    input.strokes = static_cast<std::uint32_t>(150 * seconds) - 10;
    StrokeStream stream(input);
    EndlessPen pen(kRate);
    pen.rest(0.05, kRate, stream);
    pen.run(seconds, kRate, stream);
    most[seconds > 10] = stream.most_held_samples();
    const auto analysis = stream.finish(input);
    ASSERT_TRUE(analysis) << analysis.error().message;
    EXPECT_EQ(analysis->judged.size(), input.strokes);
    EXPECT_EQ(analysis->missed + analysis->doubled, 0U);
  }
  std::printf("at most held: %zu samples of 10 s, %zu of 600 s at 50 kS/s; %zu bytes are kept a stroke\n", most[0],
              most[1], kKeptBytesPerStroke);
  EXPECT_LT(static_cast<double>(most[0]), kBound);
  EXPECT_LE(most[1], most[0]);
}

TEST(StrokeStream, HoldsNoMoreWhileTheNeedlesRest) {
  constexpr double kRate = 20'000;
  const Calibrations calibrations = signal_calibrations();
  const SimulantDescription simulant;
  SettingInput input = endless_setting(calibrations, simulant);
  input.strokes = 300;
  input.start_sent = TimePoint{seconds_to_ns(30)};
  input.stop_sent = TimePoint{seconds_to_ns(30 + 2.1)};
  StrokeStream stream(input);
  EndlessPen pen(kRate);
  pen.rest(30, kRate, stream);
  const std::size_t before = stream.most_held_samples();
  pen.run(320.0 / 150, kRate, stream);
  pen.rest(60, kRate, stream);
  EXPECT_LT(static_cast<double>(before), 2.2 * kRate) << "a second or two of a rest before";
  EXPECT_LT(static_cast<double>(stream.held_samples()), 5 * kRate);
  const auto result = finish_setting(stream, input);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_NEAR(*of(*result, "start_latency").value, 0, 0.3);
  EXPECT_NEAR(*of(*result, "stop_latency").value, (320.0 / 150 - 2.1) * 1e3, 1);
  EXPECT_NEAR(*of(*result, "parked_extension").value, pen.z_mm(), 1e-4);
  EXPECT_EQ(of(*result, "stroke_rate").n, 300U);
}

TEST(StrokeStream, HoldsNoMoreInAPauseThatNobodyAskedFor) {
  constexpr double kRate = 20'000;
  const Calibrations calibrations = signal_calibrations();
  const SimulantDescription simulant;
  const SettingInput input = endless_setting(calibrations, simulant);
  StrokeStream stream(input);
  EndlessPen pen(kRate);
  pen.rest(0.05, kRate, stream);
  pen.run(320.02 / 150, kRate, stream);
  pen.rest(60, kRate, stream);
  EXPECT_LT(static_cast<double>(stream.most_held_samples()), 8 * kRate);
  pen.run(320.0 / 150, kRate, stream);
  const auto analysis = stream.finish(input);
  ASSERT_TRUE(analysis) << analysis.error().message;
  // The strokes at both ends of the pause are cut, and none of its turns had a stroke.
  EXPECT_NEAR(static_cast<double>(analysis->averaged.size()), 2 * 320 - 5 - 3, 2);
  EXPECT_NEAR(static_cast<double>(analysis->missed), 60.0 * 150, 3);
  for (const std::size_t i : analysis->averaged) ASSERT_NEAR(analysis->judged[i].extension_mm, 1.5, 1e-3) << i;
}

TEST(StrokeStream, KeepsATopThatStaysOutForLongAsObserved) {
  constexpr double kRate = 20'000;
  const Calibrations calibrations = signal_calibrations();
  const SimulantDescription simulant;
  SettingInput input = endless_setting(calibrations, simulant);
  input.strokes = 300;
  StrokeStream stream(input);
  EndlessPen pen(kRate);
  pen.rest(0.05, kRate, stream);
  pen.run(320.0 / 150, kRate, stream);
  // Out to 1.8 mm, at 1.7 mm for ten seconds, and back.
  std::uint64_t at = stream.seen_samples();
  const std::vector<std::int32_t> zeros(1000, 0), stage(1000, 1234);
  const auto give = [&](double from_mm, double to_mm) {
    std::vector<std::int32_t> z;
    for (int i = 0; i < 1000; ++i)
      z.push_back(static_cast<std::int32_t>(2500 + 1e4 * (from_mm + (to_mm - from_mm) * i / 1000)));
    stream.samples({5000 + 50 * at, 50, zeros, z, stage});
    at += 1000;
  };
  give(-1.5, 1.8);
  give(1.8, 1.7);
  for (int i = 0; i < 200; ++i) give(1.7, 1.7);
  give(1.7, -1.5);
  give(-1.5, -1);
  EXPECT_LT(static_cast<double>(stream.held_samples()), 5 * kRate);
  const auto result = finish_setting(stream, input);
  ASSERT_TRUE(result) << result.error().message;
  double deepest = 0;
  for (const StrokeRow& row : result->strokes) deepest = std::max(deepest, row.extension_mm);
  EXPECT_NEAR(deepest, 1.8, 0.002);
}

TEST(StrokeStream, TakesNoRockingBeforeTheFirstStrokeForStrokes) {
  Recorded r({}, 26);
  // 0.15 mm to and fro while the motor starts: more than 0.05 mm, less than 8 % of the stroke.
  Capture& c = r.signal.capture;
  for (std::size_t i = 1000; i < 2400; ++i) {
    c.position[i] +=
        static_cast<std::int32_t>(std::lround(750 * (1 - sin_cos_turns(static_cast<double>(i) / 200).cos)));
  }
  const auto analysis = analyse_strokes(r.setting.input);
  ASSERT_TRUE(analysis) << analysis.error().message;
  EXPECT_EQ(analysis->seen_strokes, r.parameters.strokes);
}

TEST(StrokeStream, SaysWhatIsWrongAsTheWholeRecordDoes) {
  Recorded gap({}, 6);
  gap.signal.capture.gaps = {{100, "frame 17 is missing"}, {20'000, "frame 90 is missing"}};
  const auto lost = streamed(gap, 64);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::gap_in_record);
  EXPECT_NE(lost.error().message.find("2 gap(s)"), std::string::npos) << lost.error().message;
  EXPECT_NE(lost.error().message.find("after 0.0020 s: frame 17 is missing"), std::string::npos);

  Recorded force({}, 6);
  force.signal.capture.force[20'000] = force.signal.capture.force[20'001] = force.setting.calibrations.force_max_counts;
  const auto beyond = streamed(force, 64);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Errc::saturated);
  EXPECT_NE(beyond.error().message.find("2 samples"), std::string::npos) << beyond.error().message;

  const Recorded uneven({}, 6);
  StrokeStream stream(uneven.setting.input);
  const std::vector<std::int32_t> ten(10, 0), nine(9, 0);
  stream.samples({0, 20, ten, nine, ten});
  stream.samples({200, 20, ten, ten, ten});
  EXPECT_EQ(stream.finish(uneven.setting.input).error().code, Errc::gap_in_record);
  StrokeStream nothing(uneven.setting.input);
  EXPECT_EQ(nothing.finish(uneven.setting.input).error().code, Errc::bad_data);
}

TEST(StrokeStream, TakesABlockThatDoesNotContinueForAGap) {
  const Recorded r({}, 6);
  StrokeStream stream(r.setting.input);
  const std::vector<std::int32_t> x(10, 1);
  stream.samples({1000, 20, x, x, x});
  stream.samples({1200, 20, x, x, x});
  EXPECT_EQ(stream.gaps(), 0U);
  stream.samples({1440, 20, x, x, x});
  EXPECT_EQ(stream.gaps(), 1U);
}

}  // namespace
}  // namespace penrig
