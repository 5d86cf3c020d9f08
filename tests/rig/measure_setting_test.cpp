#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

#include "rig/measure/statistics.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

struct Judged {
  explicit Judged(const SignalParameters& p, std::uint64_t seed)
      : parameters(p), signal(make_signal(p, seed)), setting(parameters, signal) {}
  Result<SettingResult> analyse() const { return analyse_setting(setting.input); }
  /// Mean over the strokes that are judged.
  double truth(const std::vector<double>& of) const {
    const auto from = of.begin() + setting.input.settle_strokes;
    return std::accumulate(from, from + setting.input.strokes, 0.0) / setting.input.strokes;
  }
  SignalParameters parameters;
  Signal signal;
  SignalSetting setting;
};

Measurement measurement_of(const SettingResult& r, const std::string& id) {
  const Measurement* m = find_measurement(r, id);
  EXPECT_NE(m, nullptr) << id;
  return m != nullptr ? *m : Measurement{};
}

TEST(AnalyseSetting, RecoversTheTruthOfASyntheticRecordOver100Seeds) {
  std::vector<double> rate, extension, penetration, contact;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    SignalParameters p;
    p.strokes = 60;
    p.depth_mm = 0.5 * static_cast<double>(1 + seed % 5);
    p.rate_per_min = 6000 + 1500 * static_cast<double>(seed % 3);
    p.sample_rate_hz = seed % 4 == 0 ? 20'000 : 50'000;
    const Judged j(p, seed);
    const auto r = j.analyse();
    ASSERT_TRUE(r) << r.error().message;
    const std::size_t first = j.setting.input.settle_strokes, last = first + j.setting.input.strokes - 1;
    const double realised = 60 * static_cast<double>(last - first) / (j.signal.top_s[last] - j.signal.top_s[first]);
    rate.push_back((*measurement_of(*r, "stroke_rate").realised / realised - 1) * 1e6);
    extension.push_back((*measurement_of(*r, "extension").value - j.truth(j.signal.top_mm)) * 1e3);
    penetration.push_back((*measurement_of(*r, "penetration").value - j.truth(j.signal.penetration_mm)) * 1e3);
    EXPECT_LT(std::abs(rate.back()), 20);
    EXPECT_LT(std::abs(extension.back()), 0.3);
    EXPECT_LT(std::abs(penetration.back()), 3);
    if (p.sample_rate_hz < 50'000) continue;  // hardly two samples between contact and puncture
    ASSERT_TRUE(r->values.contains("contact_mm"));
    contact.push_back((r->values.at("contact_mm") - j.truth(j.signal.contact_mm)) * 1e3);
    EXPECT_LT(std::abs(contact.back()), 3);
  }
  std::printf(
      "mean and sd over 100 seeds: rate %.2f %.2f ppm, extension %.3f %.3f, penetration %.3f %.3f, contact %.2f %.2f "
      "um\n",
      spread_of(rate).mean, spread_of(rate).sd, spread_of(extension).mean, spread_of(extension).sd,
      spread_of(penetration).mean, spread_of(penetration).sd, spread_of(contact).mean, spread_of(contact).sd);
  EXPECT_LT(std::abs(spread_of(extension).mean), 0.03);
}

TEST(AnalyseSetting, CoversTheProcessInAtLeast90Of100Seeds) {
  int rate = 0, extension = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SignalParameters p;
    Judged j(p, seed);
    // What the calibrations are off by, within their uncertainty; nothing else may cover the error.
    Random off(seed, "calibration");
    j.setting.calibrations.tilt_u_um = 0;
    j.setting.calibrations.position_mm_per_count.value *= 1 + 2e-4 * off.normal();
    j.setting.calibrations.position_mm_per_count.u = 2e-8;
    j.setting.input.zero.needle_zero_mm =
        p.needle_zero_mm + (j.setting.calibrations.position_mm_per_count.value / 1e-4 - 1) * (1.5 + p.needle_zero_mm) +
        1e-4 * off.normal();
    j.setting.calibrations.time_base_ppm.value = 5 * off.normal();
    const auto r = j.analyse();
    ASSERT_TRUE(r) << r.error().message;
    const Measurement m = measurement_of(*r, "stroke_rate"), e = measurement_of(*r, "extension");
    rate += std::abs(*m.value - p.rate_per_min) <= m.expanded_u ? 1 : 0;
    extension += std::abs(*e.value - p.depth_mm) <= e.expanded_u ? 1 : 0;
  }
  EXPECT_GE(rate, 90);
  EXPECT_GE(extension, 90);
  EXPECT_LE(rate + extension, 199) << "a U that always covers is too large to be one";
}

TEST(AnalyseSetting, GivesTheSameBitsForTheSameRecord) {
  const Judged j({}, 11);
  const auto a = j.analyse(), b = j.analyse();
  ASSERT_TRUE(a && b);
  for (std::size_t i = 0; i < a->measurements.size(); ++i) {
    EXPECT_EQ(a->measurements[i].value, b->measurements[i].value);
    EXPECT_EQ(std::memcmp(&a->measurements[i].expanded_u, &b->measurements[i].expanded_u, sizeof(double)), 0);
  }
}

TEST(AnalyseSetting, CountsMissedStrokesExactlyAndLeavesThemOutOfMeans) {
  SignalParameters p;
  p.missed = {10, 30, 31, 77};
  const Judged j(p, 2);
  const auto r = j.analyse();
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(*measurement_of(*r, "missed_strokes").value, 4);
  EXPECT_EQ(*measurement_of(*r, "double_strokes").value, 0);
  EXPECT_NEAR(*measurement_of(*r, "extension").value, p.depth_mm, 0.003);
  EXPECT_EQ(r->strokes.size(), 86U);
  EXPECT_NEAR(*measurement_of(*r, "missed_rate").value, 100.0 * 4 / 90, 1e-9);
  EXPECT_NEAR(*measurement_of(*r, "missed_rate").high, 100 * clopper_pearson_upper(4, 90), 1e-9);
  EXPECT_NEAR(*measurement_of(*r, "stroke_rate").value, p.rate_per_min, 2);
}

TEST(AnalyseSetting, CountsDoubleStrokesExactlyAndLeavesThemOutOfMeans) {
  SignalParameters p;
  p.doubled = {22, 60};
  const Judged j(p, 3);
  const auto r = j.analyse();
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(*measurement_of(*r, "double_strokes").value, 2);
  EXPECT_EQ(*measurement_of(*r, "missed_strokes").value, 0);
  EXPECT_NEAR(*measurement_of(*r, "extension").value, p.depth_mm, 0.003);
}

TEST(AnalyseSetting, RefusesAMassOfZeroWhoseUncertaintyWouldBeLost) {
  Judged j({}, 3);
  j.setting.calibrations.reciprocating_mass_g = {0, 0};
  EXPECT_TRUE(j.analyse()) << "nothing moves, or nothing is known of it";
  j.setting.calibrations.reciprocating_mass_g = {0, 0.5};
  const auto r = j.analyse();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Errc::calibration);
}

TEST(AnalyseSetting, CountsStrokesThatAreNoWholeTurnAndLeavesThemOutOfMeans) {
  SignalParameters p;
  p.broken = {22, 60};
  const auto r = Judged(p, 3).analyse();
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(*measurement_of(*r, "double_strokes").value, 4) << "never averaged, and never silently: each and the next";
  EXPECT_NEAR(*measurement_of(*r, "extension").value, p.depth_mm, 0.003);
}

TEST(AnalyseSetting, KeepsADeepStrokeThatIsNoWholeTurn) {
  SignalParameters p;
  p.broken = p.deep = {40};
  const auto r = Judged(p, 3).analyse();
  ASSERT_TRUE(r) << r.error().message;
  double deepest = 0;
  for (const StrokeRow& row : r->strokes) deepest = std::max(deepest, row.extension_mm);
  EXPECT_GT(deepest, p.depth_mm + 0.2);
}

TEST(AnalyseSetting, KeepsADeepStrokeThatLiesOutsideTheJudgedWindow) {
  SignalParameters p;
  const std::size_t judged = Judged(p, 3).analyse()->strokes.size();
  for (const std::uint32_t stroke : {1U, 98U}) {
    p.deep = {stroke};
    const Judged j(p, 3);
    const auto r = j.analyse();
    ASSERT_TRUE(r) << r.error().message;
    ASSERT_EQ(r->strokes.size(), judged + 1);
    const StrokeRow& row = stroke == 1 ? r->strokes.front() : r->strokes.back();
    EXPECT_NEAR(row.extension_mm, j.signal.top_mm[stroke], 0.003);
    EXPECT_NEAR(row.penetration_mm, j.signal.penetration_mm[stroke], 0.005);
    EXPECT_NEAR(*measurement_of(*r, "extension").value, p.depth_mm, 0.003);
  }
}

TEST(AnalyseSetting, MeasuresLatenciesAndWhatFollowsTheStop) {
  const Judged j({}, 4);
  const auto r = j.analyse();
  ASSERT_TRUE(r);
  const Measurement start = measurement_of(*r, "start_latency"), stop = measurement_of(*r, "stop_latency");
  EXPECT_NEAR(*start.value, 5, start.expanded_u);
  EXPECT_NEAR(*stop.value, 2.3 * 60e3 / 9000, stop.expanded_u);
  EXPECT_EQ(*measurement_of(*r, "strokes_after_stop").value, 2);
  EXPECT_EQ(*measurement_of(*r, "count_report_error").value, 0);
  EXPECT_NEAR(*measurement_of(*r, "parked_extension").value, 1.5 - 3, 5e-4);
}

TEST(AnalyseSetting, CensorsAStopThatIsNotSeen) {
  Judged j({}, 4);
  for (auto* channel : {&j.signal.capture.force, &j.signal.capture.position, &j.signal.capture.stage})
    channel->resize(channel->size() - 4200);
  const auto r = j.analyse();
  ASSERT_TRUE(r);
  EXPECT_TRUE(measurement_of(*r, "stop_latency").censored_high);
  EXPECT_FALSE(measurement_of(*r, "parked_extension").value);
}

TEST(AnalyseSetting, SaysOfAStuckEncoderWhatBothSidesSay) {
  SignalParameters p;
  p.frozen_from = 0;
  const auto always = Judged(p, 5).analyse();
  ASSERT_FALSE(always);
  EXPECT_EQ(always.error().code, Errc::no_motion);
  EXPECT_NE(always.error().message.find("needle encoder is stuck"), std::string::npos) << always.error().message;
  EXPECT_NE(always.error().message.find("9000 strokes/min"), std::string::npos);
  p.frozen_from = 50;
  const auto later = Judged(p, 5).analyse();
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, Errc::no_motion);
  EXPECT_NE(later.error().message.find("needle encoder is stuck"), std::string::npos) << later.error().message;
}

TEST(AnalyseSetting, RefusesAGapSaturationAndTooFewStrokes) {
  Judged gap({}, 6);
  gap.signal.capture.gaps.push_back({100, "frame 17 is missing"});
  ASSERT_FALSE(gap.analyse());
  EXPECT_EQ(gap.analyse().error().code, Errc::gap_in_record);
  EXPECT_NE(gap.analyse().error().message.find("frame 17 is missing"), std::string::npos);

  Judged force({}, 6);
  force.signal.capture.force[20'000] = force.setting.calibrations.force_max_counts;
  ASSERT_FALSE(force.analyse());
  EXPECT_EQ(force.analyse().error().code, Errc::saturated);
  EXPECT_NE(force.analyse().error().message.find("load cell"), std::string::npos);

  Judged position({}, 6);
  position.signal.capture.position[20'000] = position.setting.calibrations.position_min_counts;
  ASSERT_FALSE(position.analyse());
  EXPECT_EQ(position.analyse().error().code, Errc::saturated);

  Judged few({}, 6);
  few.setting.input.min_strokes = 96;
  ASSERT_FALSE(few.analyse());
  EXPECT_EQ(few.analyse().error().code, Errc::too_few_strokes);
}

TEST(AnalyseSetting, RefusesNumbersThatAreNone) {
  const double nan = std::nan("");
  Judged scale({}, 7);
  scale.setting.calibrations.position_mm_per_count.value = nan;
  EXPECT_EQ(scale.analyse().error().code, Errc::calibration);
  Judged zero({}, 7);
  zero.setting.input.zero.needle_zero_mm = nan;
  EXPECT_EQ(zero.analyse().error().code, Errc::bad_data);
  Judged slow({}, 7);
  slow.setting.input.tick_hz = 1e6 / 50'000 * 1000;
  EXPECT_EQ(slow.analyse().error().code, Errc::bad_data);
  Judged soft({}, 7);
  soft.setting.calibrations.cell_resonance_hz = 900;
  EXPECT_EQ(soft.analyse().error().code, Errc::calibration);
  Judged empty({}, 7);
  const Capture nothing;
  empty.setting.input.capture = &nothing;
  EXPECT_EQ(empty.analyse().error().code, Errc::bad_data);
}

TEST(AnalyseSetting, WithoutATouchGivesOnlyPenetrationFromContact) {
  Judged j({}, 8);
  j.setting.input.surface.reset();
  const auto r = j.analyse();
  ASSERT_TRUE(r);
  EXPECT_FALSE(measurement_of(*r, "penetration").value);
  EXPECT_FALSE(measurement_of(*r, "penetration_ti").value);
  const Measurement contact = measurement_of(*r, "penetration_contact");
  ASSERT_TRUE(contact.value);
  EXPECT_NEAR(*contact.value, j.truth(j.signal.penetration_mm) - j.parameters.sink_mm, 0.003);
}

TEST(AnalyseSetting, OfAFreeRunHasNoForce) {
  Judged j({}, 8);
  j.setting.input.free_running = true;
  const auto r = j.analyse();
  ASSERT_TRUE(r);
  EXPECT_EQ(find_measurement(*r, "penetration"), nullptr);
  EXPECT_EQ(find_measurement(*r, "peak_force"), nullptr);
  EXPECT_TRUE(measurement_of(*r, "stroke_rate").value);
}

TEST(AnalyseSetting, ShiftsThePenetrationWithTheStageByItsSign) {
  Judged j({}, 9);
  const double before = *measurement_of(*j.analyse(), "penetration").value;
  // The stage stood 0.1 mm nearer to the pen while puncturing than the touch assumed: the surface is nearer, so is the
  // depth.
  j.setting.input.working_stage_reading_mm = 0.1234 + 0.1;
  EXPECT_NEAR(*measurement_of(*j.analyse(), "penetration").value - before, 0.1, 1e-6);
}

TEST(AnalyseSetting, TakesTheErrorOfTheDevicesClockOutOfTheRate) {
  SignalParameters p;
  p.sample_rate_hz = 50'050;  // true; by its own clock, which is fast by 1000 ppm, the device thinks 50 kHz
  Judged j(p, 14);
  j.signal.capture.ticks_per_sample = 20;
  j.setting.calibrations.time_base_ppm.value = 1000;
  j.setting.input.start_sent.reset();
  j.setting.input.stop_sent.reset();
  const auto r = j.analyse();
  ASSERT_TRUE(r) << r.error().message;
  // The device shows more ticks a true second, so what it calls 50 kHz is 50.05 kHz.
  EXPECT_NEAR(*measurement_of(*r, "stroke_rate").value, 9000, 1);
}

TEST(AnalyseSetting, SeesTheEncodersNoiseAndNoTimingInTheResiduals) {
  SignalParameters p;
  p.bottom_noise_us = 60;
  const auto r = Judged(p, 15).analyse();
  ASSERT_TRUE(r);
  EXPECT_NEAR(r->values.at("noise_position_um"), 1, 0.03);
}

TEST(AnalyseSetting, DrawsTracesOfOneLength) {
  const auto r = Judged({}, 10).analyse();
  ASSERT_TRUE(r);
  const SettingTraces& t = r->traces;
  EXPECT_EQ(t.phase_deg.size(), t.mean_position_mm.size());
  EXPECT_EQ(t.loop_force_n.size(), t.loop_penetration_mm.size());
  EXPECT_LE(t.strokes_position_mm.size(), 30U);
  EXPECT_LE(t.strokes_loop_force_n.size(), 10U);
  const auto top = std::max_element(t.mean_position_mm.begin(), t.mean_position_mm.end()) - t.mean_position_mm.begin();
  EXPECT_NEAR(t.phase_deg[static_cast<std::size_t>(top)], 180, 3);
}

TEST(LinkLossStop, MeasuresFromSilenceToTheEndOfMotion) {
  const Judged j({}, 12);
  const TimePoint silent{seconds_to_ns(j.signal.stop_s - 0.31)};
  const auto m = link_loss_stop(j.signal.capture, 1e6, j.setting.input.clock, silent, j.setting.calibrations);
  ASSERT_TRUE(m);
  EXPECT_NEAR(*m->value, 310, m->expanded_u);
  EXPECT_FALSE(m->censored_high);
}

/// The encoder keeps the count that it had at `from`.
void freeze(Capture& capture, std::size_t from) {
  std::fill(capture.position.begin() + static_cast<std::ptrdiff_t>(from), capture.position.end(),
            capture.position[from]);
}

TEST(LinkLossStop, IsRefusedWhereTheNeedleEncoderFrozeInPlaceOfAStop) {
  Judged j({}, 12);
  const TimePoint silent{seconds_to_ns(j.signal.stop_s - 0.31)};
  freeze(j.signal.capture, static_cast<std::size_t>((j.signal.stop_s - 0.02) * 50'000));
  const auto m = link_loss_stop(j.signal.capture, 1e6, j.setting.input.clock, silent, j.setting.calibrations);
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, Errc::bad_data);
  EXPECT_NE(m.error().message.find("the needle encoder is stuck"), std::string::npos) << m.error().message;
}

TEST(LinkLossStop, IsKnownToAChannelThatNeverHadNoise) {
  SignalParameters p;
  p.position_noise_um = 0;
  const Judged j(p, 12);
  const TimePoint silent{seconds_to_ns(j.signal.stop_s - 0.31)};
  const auto m = link_loss_stop(j.signal.capture, 1e6, j.setting.input.clock, silent, j.setting.calibrations);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_NEAR(*m->value, 310, m->expanded_u);
}

TEST(AnalyseSetting, RefusesAStopThatAFrozenEncoderMade) {
  Judged j({}, 4);
  ASSERT_TRUE(j.analyse());
  freeze(j.signal.capture, static_cast<std::size_t>((j.signal.stop_s - 0.01) * 50'000));
  const auto r = j.analyse();
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, Errc::bad_data);
  EXPECT_NE(r.error().message.find("the needle encoder is stuck"), std::string::npos) << r.error().message;
}

TEST(LinkLossStop, IsCensoredWhenTheNeedleNeverStops) {
  Judged j({}, 12);
  j.signal.capture.position.resize(20'000);
  j.signal.capture.force.resize(20'000);
  j.signal.capture.stage.resize(20'000);
  const auto m = link_loss_stop(j.signal.capture, 1e6, j.setting.input.clock, TimePoint{seconds_to_ns(0.2)},
                                j.setting.calibrations);
  ASSERT_TRUE(m);
  EXPECT_TRUE(m->censored_high);
  EXPECT_NEAR(*m->value, 200, 1);
}

TEST(StrokeCounter, CountsAsSamplesComeAndKnowsRest) {
  SignalParameters p;
  p.strokes = 30;
  const Signal s = make_signal(p, 13);
  StrokeCounter counter(1e-4);
  const Capture& c = s.capture;
  for (std::size_t i = 0; i < c.size(); i += 512) {
    const std::size_t n = std::min<std::size_t>(512, c.size() - i);
    const auto part = [&](const std::vector<std::int32_t>& x) {
      return std::span<const std::int32_t>(x).subspan(i, n);
    };
    counter.samples({c.first_tick + i * 20, 20, part(c.force), part(c.position), part(c.stage)});
  }
  EXPECT_EQ(counter.strokes(), 30U);
  EXPECT_NEAR(counter.still_for_s(1e6), 0.08, 0.005);
}

TEST(Capture, NotesBlocksThatDoNotContinue) {
  Capture c;
  const std::vector<std::int32_t> x(10, 1);
  c.samples({1000, 20, x, x, x});
  c.samples({1200, 20, x, x, x});
  EXPECT_TRUE(c.gaps.empty());
  c.samples({1440, 20, x, x, x});
  ASSERT_EQ(c.gaps.size(), 1U);
  EXPECT_EQ(c.gaps[0].before_sample, 20U);
}

}  // namespace
}  // namespace penrig
