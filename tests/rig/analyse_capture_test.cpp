#include "rig/measure/analyse_capture.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <gmock/gmock.h>

#include "rig/measure/judge_capture.hpp"
#include "rig/measure/statistics.hpp"
#include "rig/spec/load.hpp"
#include "tests/rig/capture_generator.hpp"
#include "tests/rig/find_measurement.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

CaptureData data_of(const GeneratedCapture& c) {
  CaptureData data;
  data.time_s = c.time_s;
  data.position_mm = c.position_mm;
  data.force_n = c.force_n;
  return data;
}

double value_of(const CaptureAnalysis& a, const std::string& id) {
  const Measurement* m = find_measurement(a, id);
  EXPECT_TRUE(m != nullptr && m->value) << id;
  return m != nullptr && m->value ? *m->value : NAN;
}

/// Tops of the truth that lie at those that were measured.
std::vector<double> true_tops(const GeneratedCapture& c, const CaptureAnalysis& a) {
  std::vector<double> tops;
  for (const double t : c.top_s) {
    if (t > a.strokes.front().top_s - 1e-3 && t < a.strokes.back().top_s + 1e-3) tops.push_back(t);
  }
  return tops;
}

TEST(AnalyseCapture, FindsTheTruthOfAGeneratedOne) {
  const GeneratedCapture c = generate_capture({}, 1);
  CaptureOptions options;
  options.depth_mm = 1;
  options.surface_mm = 0.12;
  const auto a = analyse_capture(data_of(c), options);
  ASSERT_TRUE(a) << a.error().error.message;
  EXPECT_GE(a->strokes.size(), 300U);
  const std::vector<double> tops = true_tops(c, *a);
  ASSERT_EQ(tops.size(), a->strokes.size());
  for (std::size_t i = 0; i < tops.size(); ++i) EXPECT_NEAR(a->strokes[i].top_s, tops[i], 2e-6);
  std::vector<double> periods;
  for (std::size_t i = 1; i < tops.size(); ++i) periods.push_back((tops[i] - tops[i - 1]) * 1e6);
  const double realised = 60 * static_cast<double>(periods.size()) / (tops.back() - tops.front());
  EXPECT_NEAR(*find_measurement(*a, "stroke_rate")->realised / realised, 1, 2e-6);
  EXPECT_NEAR(value_of(*a, "period_jitter"), spread_of(periods).sd, 0.5);
  EXPECT_NEAR(value_of(*a, "extension"), 1, 0.1e-3);
  EXPECT_NEAR(value_of(*a, "penetration"), 0.88, 0.2e-3);
  EXPECT_NEAR(value_of(*a, "penetration_contact"), 0.9, 1e-3);
  EXPECT_NEAR(value_of(*a, "penetration_error"), -0.12, 0.2e-3);
  EXPECT_NEAR(value_of(*a, "surface_sink"), 0.02, 1e-3);
  EXPECT_LE(std::abs(value_of(*a, "peak_force") - 0.35), find_measurement(*a, "peak_force")->expanded_u * 2);
  EXPECT_EQ(value_of(*a, "missed_strokes"), 0);
  EXPECT_EQ(value_of(*a, "double_strokes"), 0);
}

TEST(AnalyseCapture, TakesRatesFrom02To400HzAtSamplingFrom50HzTo200KHz) {
  struct Case {
    double stroke_hz, sample_rate_hz;
    std::uint32_t strokes;
  };
  for (const auto& [stroke_hz, sample_rate_hz, strokes] :
       {Case{0.2, 50, 12}, Case{0.2, 2000, 12}, Case{2, 50, 40}, Case{10, 50'000, 20}, Case{50, 1000, 60},
        Case{150, 3000, 100}, Case{150, 200'000, 40}, Case{400, 50'000, 100}, Case{400, 200'000, 60}}) {
    SCOPED_TRACE(::testing::Message() << stroke_hz << " Hz at " << sample_rate_hz);
    GeneratedCaptureParameters p;
    p.stroke_hz = stroke_hz;
    p.sample_rate_hz = sample_rate_hz;
    p.strokes = strokes;
    p.jitter_us = 20 * 150 / stroke_hz;
    const GeneratedCapture c = generate_capture(p, 3);
    const auto a = analyse_capture(data_of(c), {});
    ASSERT_TRUE(a) << a.error().error.message;
    EXPECT_GE(a->strokes.size() + 4, strokes);
    const std::vector<double> tops = true_tops(c, *a);
    ASSERT_GE(tops.size(), 4U);
    const double realised = 60 * static_cast<double>(tops.size() - 1) / (tops.back() - tops.front());
    EXPECT_NEAR(*find_measurement(*a, "stroke_rate")->realised / realised, 1, 2e-4 / static_cast<double>(tops.size()));
    EXPECT_NEAR(value_of(*a, "extension"), 1, 0.6e-3);
    EXPECT_EQ(value_of(*a, "missed_strokes") + value_of(*a, "double_strokes"), 0);
  }
}

TEST(AnalyseCapture, WithoutADepthNothingIsHeldAgainstOne) {
  const GeneratedCapture c = generate_capture({.strokes = 60}, 1);
  const auto a = analyse_capture(data_of(c), {});
  ASSERT_TRUE(a) << a.error().error.message;
  EXPECT_FALSE(a->depth_is_set);
  EXPECT_TRUE(warned(*a, "no depth is set"));
  EXPECT_EQ(find_measurement(*a, "penetration_error"), nullptr);
  EXPECT_FALSE(find_measurement(*a, "extension")->depth_mm);
  EXPECT_FALSE(find_measurement(*a, "stroke_rate")->rate_per_min);
}

TEST(AnalyseCapture, AZeroAnywhereCostsNoStroke) {
  for (const double zero : {-7.3, -0.97, 0.0, 100.0}) {
    SCOPED_TRACE(zero);
    GeneratedCapture c = generate_capture({.strokes = 60}, 1);
    for (double& z : c.position_mm) z += zero;
    const auto a = analyse_capture(data_of(c), {});
    ASSERT_TRUE(a) << a.error().error.message;
    EXPECT_EQ(value_of(*a, "missed_strokes"), 0);
    EXPECT_NEAR(value_of(*a, "extension"), 1 + zero, 0.2e-3);
    EXPECT_NEAR(value_of(*a, "penetration_contact"), 0.9, 1e-3);
  }
}

TEST(AnalyseCapture, ADelayThatIsSaidIsTakenOut) {
  const GeneratedCapture c = generate_capture({.delay_us = 20}, 1);
  CaptureOptions options;
  const auto without = analyse_capture(data_of(c), options);
  options.delay_us = 20;
  const auto with = analyse_capture(data_of(c), options);
  ASSERT_TRUE(without && with);
  EXPECT_GT(std::abs(value_of(*without, "penetration_contact") - 0.9), 20e-3);
  EXPECT_NEAR(value_of(*with, "penetration_contact"), 0.9, 1e-3);
  EXPECT_TRUE(warned(*without, "--delay-us"));
  EXPECT_FALSE(warned(*with, "--delay-us"));
}

TEST(AnalyseCapture, AMissingChannelCostsOnlyWhatNeedsIt) {
  const GeneratedCapture c = generate_capture({}, 1);
  CaptureData position = data_of(c), force = data_of(c);
  position.force_n = {};
  force.position_mm = {};
  const auto whole = analyse_capture(data_of(c), {}), by_position = analyse_capture(position, {}),
             by_force = analyse_capture(force, {});
  ASSERT_TRUE(whole && by_position && by_force);
  for (const char* id : {"stroke_rate", "period_jitter", "extension"}) {
    EXPECT_EQ(value_of(*by_position, id), value_of(*whole, id)) << id;
  }
  EXPECT_FALSE(find_measurement(*by_position, "peak_force")->value);
  EXPECT_THAT(find_measurement(*by_position, "peak_force")->note, HasSubstr("no force"));
  EXPECT_NEAR(value_of(*by_force, "stroke_rate") / value_of(*whole, "stroke_rate"), 1, 2e-5);
  EXPECT_NEAR(value_of(*by_force, "period_jitter"), value_of(*whole, "period_jitter"), 2);
  EXPECT_NEAR(value_of(*by_force, "peak_force"), value_of(*whole, "peak_force"), 0.05);
  EXPECT_FALSE(find_measurement(*by_force, "extension")->value);
  EXPECT_TRUE(warned(*by_force, "no position"));
}

TEST(AnalyseCapture, StrokesOfRunningUpAndBrakingAreLeftOut) {
  // A motor that needs three turns to come up to speed and three to stop, at rest before and after.
  GeneratedCapture c;
  const double fs = 20'000;
  const std::vector<double> turns = [] {
    std::vector<double> lengths = {3.0, 1.8, 1.3};
    lengths.insert(lengths.end(), 60, 1.0);
    lengths.insert(lengths.end(), {1.3, 1.8, 3.0});
    return lengths;
  }();
  Random noise(1, "rest");
  const auto rest = [&] {
    for (int i = 0; i < 2000; ++i) c.position_mm.push_back(-2 + 1e-3 * noise.normal());
  };
  rest();
  for (const double length : turns) {
    const auto n = static_cast<std::size_t>(length * fs / 100);
    for (std::size_t i = 0; i < n; ++i) {
      const double angle = 2 * M_PI * static_cast<double>(i) / static_cast<double>(n);
      c.position_mm.push_back(-0.5 - 1.5 * std::cos(angle) + 1e-3 * noise.normal());
    }
  }
  rest();
  CaptureData data;
  data.position_mm = c.position_mm;
  data.rate_hz = fs;
  const auto a = analyse_capture(data, {});
  ASSERT_TRUE(a) << a.error().error.message;
  EXPECT_NEAR(static_cast<double>(a->strokes.size()), 60, 2);
  EXPECT_TRUE(warned(*a, "running up, braking"));
  EXPECT_NEAR(value_of(*a, "stroke_rate"), 6000, 1);
  EXPECT_LT(value_of(*a, "period_jitter"), 5);
}

TEST(AnalyseCapture, RefusesWhatTheHeadsCannotMean) {
  const GeneratedCapture c = generate_capture({.strokes = 60}, 1);
  const auto refusal = [](const CaptureData& data) {
    const auto a = analyse_capture(data, {});
    return a ? std::string("measured") : a.error().error.message;
  };
  GeneratedCapture metres = c, micro = c, milli = c;
  for (double& z : metres.position_mm) z *= 1e-3;
  for (double& z : micro.position_mm) z *= 1e3;
  for (double& f : milli.force_n) f *= 1e3;
  EXPECT_THAT(refusal(data_of(metres)), HasSubstr("look like metres"));
  EXPECT_THAT(refusal(data_of(micro)), HasSubstr("look like micrometres"));
  EXPECT_THAT(refusal(data_of(milli)), HasSubstr("look like millinewtons"));
  CaptureData under_um = data_of(metres), under_m = data_of(micro);
  under_um.position_exponent = -3;
  under_m.position_exponent = 3;
  EXPECT_THAT(refusal(under_um), HasSubstr("look like millimetres (write the head as position_mm)"));
  EXPECT_THAT(refusal(under_m), HasSubstr("look like millimetres (write the head as position_mm)"));
  CaptureData swapped = data_of(c);
  std::swap(swapped.position_mm, swapped.force_n);
  EXPECT_THAT(refusal(swapped), HasSubstr("swapped"));
  GeneratedCapture clipped = c;
  for (double& f : clipped.force_n) f = std::min(std::round(f * 1e4) * 1e-4, 0.15);
  CaptureData at_its_end = data_of(clipped);
  at_its_end.force_step_n = 1e-4;
  EXPECT_THAT(refusal(at_its_end), HasSubstr("saturated"));
  CaptureData slow = data_of(c);
  slow.time_s = {};
  slow.rate_hz = 50;
  EXPECT_THAT(refusal(slow), HasSubstr("milliseconds"));
}

TEST(AnalyseCapture, RefusesAQuietChannelAtTheEndOfItsRange) {
  // Three digits, half a count of noise: nothing but the shape of the tops tells that they are cut.
  GeneratedCapture whole = generate_capture({.position_noise_um = 0.1, .force_noise_n = 5e-4, .strokes = 60}, 1);
  for (double& f : whole.force_n) f = std::round(f * 1e3) * 1e-3;
  for (double& z : whole.position_mm) z = std::round(z * 1e3) * 1e-3;
  const auto refusal_of = [](const GeneratedCapture& c) {
    CaptureData data = data_of(c);
    data.force_step_n = data.position_step_mm = 1e-3;
    const auto a = analyse_capture(data, {});
    return a ? CaptureRefusal{fail(Errc::usage, "measured"), CapturePart::whole, {}} : a.error();
  };
  EXPECT_EQ(refusal_of(whole).error.message, "measured");
  GeneratedCapture cell = whole, encoder = whole;
  for (double& f : cell.force_n) f = std::min(f, 0.2);
  for (double& z : encoder.position_mm) z = std::min(z, 0.95);
  const CaptureRefusal force = refusal_of(cell), position = refusal_of(encoder);
  EXPECT_EQ(force.error.code, Errc::saturated);
  EXPECT_EQ(force.part, CapturePart::force);
  EXPECT_THAT(force.error.message, HasSubstr("the load cell is saturated: it stands at 0.2 N"));
  EXPECT_EQ(position.error.code, Errc::saturated);
  EXPECT_EQ(position.part, CapturePart::position);
  EXPECT_THAT(position.error.message, HasSubstr("at the end of its range: it stands at 0.95 mm"));
}

TEST(AnalyseCapture, MeasuresWeakDataThatOnlyLooksLikeAMistake) {
  // A small stroke, a soft simulant, a noisy encoder: nothing here may be taken for a wrong unit or a swap.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    GeneratedCaptureParameters p;
    p.strokes = 60;
    p.stroke_mm = 0.2 + 0.3 * static_cast<double>(seed % 4);
    p.depth_mm = 0.4 * p.stroke_mm;
    p.contact_mm = 0.05;
    p.puncture_n = 0.03 + 0.1 * static_cast<double>(seed % 3);
    p.force_noise_n = seed % 2 == 0 ? 4e-3 : 0.03;
    p.position_noise_um = seed % 5 == 0 ? 5 : 1;
    const GeneratedCapture c = generate_capture(p, seed);
    const auto a = analyse_capture(data_of(c), {});
    ASSERT_TRUE(a) << a.error().error.message;
    EXPECT_NEAR(value_of(*a, "stroke_rate"), 9000, 5);
    EXPECT_NEAR(value_of(*a, "extension"), p.depth_mm, 1.5e-3);
  }
}

TEST(AnalyseCapture, ACamThatRestsForMostOfTheTurnIsMeasuredAndNotTakenForASwap) {
  GeneratedCapture c;
  Random noise(1, "cam");
  for (std::size_t i = 0; i < 40'000; ++i) {
    const double t = static_cast<double>(i) / 20'000, turns = std::fmod(t * 50, 1), from_top = (turns - 0.5) / 0.08;
    const double z = -1 + 2 * std::exp(-from_top * from_top);
    c.time_s.push_back(t);
    c.position_mm.push_back(z + 1e-3 * noise.normal());
    c.force_n.push_back((z > 0.2 && turns < 0.5 ? 0.5 * (z - 0.2) : 0) + 4e-3 * noise.normal());
  }
  const auto a = analyse_capture(data_of(c), {});
  ASSERT_TRUE(a) << a.error().error.message;
  EXPECT_LE(std::abs(value_of(*a, "extension") - 1), 1.5 * find_measurement(*a, "extension")->realised_u);
  EXPECT_EQ(value_of(*a, "missed_strokes") + value_of(*a, "double_strokes"), 0);
}

TEST(AnalyseCapture, RefusesAForceOfTheOtherSign) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    GeneratedCapture c = generate_capture({.force_noise_n = 2e-3 * static_cast<double>(seed), .strokes = 60}, seed);
    for (double& f : c.force_n) f = -f;
    CaptureData both = data_of(c), alone = data_of(c);
    alone.position_mm = {};
    for (const CaptureData& data : {both, alone}) {
      const auto a = analyse_capture(data, {});
      ASSERT_FALSE(a);
      EXPECT_EQ(a.error().error.code, Errc::usage);
      EXPECT_EQ(a.error().part, CapturePart::force);
      EXPECT_THAT(a.error().error.message, HasSubstr("is the other way"));
    }
  }
}

TEST(AnalyseCapture, AnEncoderThatStandsStillIsNoMotion) {
  GeneratedCapture c = generate_capture({.strokes = 60}, 1);
  Random noise(1, "still");
  for (double& z : c.position_mm) z = 1 + 1e-3 * noise.normal();
  const auto a = analyse_capture(data_of(c), {});
  ASSERT_FALSE(a);
  EXPECT_THAT(a.error().error.message, HasSubstr("the position moves by"));
}

TEST(AnalyseCapture, RefusesANumberThatIsNoneWithItsRow) {
  for (const double value : {double{NAN}, double{INFINITY}, 1e300, -1e300}) {
    GeneratedCapture c = generate_capture({.strokes = 40}, 1);
    c.force_n[777] = value;
    const auto a = analyse_capture(data_of(c), {});
    ASSERT_FALSE(a) << value;
    EXPECT_EQ(a.error().row, 777U);
    EXPECT_EQ(a.error().part, CapturePart::force);
  }
}

TEST(AnalyseCapture, TheRigsUncertaintiesEnterAndWhatIsSaidGoesBefore) {
  const GeneratedCapture c = generate_capture({}, 1);
  RigDescription rig;
  rig.calibrations.position_mm_per_count = {1e-4, 1e-4 * 1e-3};
  rig.calibrations.force_n_per_count = {2e-4, 2e-4 * 0.01};
  rig.calibrations.time_base_ppm = {0, 25};
  rig.calibrations.force_delay_us = {20, 0.5};
  rig.calibrations.cell_resonance_hz = 20'000;
  CaptureOptions options;
  const auto without = analyse_capture(data_of(c), options);
  options.rig = &rig;
  options.delay_us = 0;
  const auto with = analyse_capture(data_of(c), options);
  ASSERT_TRUE(without && with);
  EXPECT_GT(find_measurement(*with, "extension")->expanded_u,
            find_measurement(*without, "extension")->expanded_u + 1.9e-3);
  EXPECT_GT(find_measurement(*with, "stroke_rate")->realised_u, 2 * 24e-6 * 9000);
  EXPECT_NEAR(value_of(*with, "penetration_contact"), value_of(*without, "penetration_contact"), 0.1e-3);
  EXPECT_TRUE(warned(*without, "--rig"));
  EXPECT_FALSE(warned(*with, "--rig"));
}

TEST(JudgeCapture, HoldsOnlyWhatACaptureCanDecide) {
  const GeneratedCapture c = generate_capture({}, 1);
  CaptureOptions options;
  options.surface_mm = 0.1;
  const Loaded<Product> product = load_product(
      "name: p\nrevision: 1\nserial_pattern: P\ndepth: {from_mm: 0.25, to_mm: 2.5, step_mm: 0.25}\n"
      "rate: {from_per_min: 6000, to_per_min: 9000}\nstroke_mm: 3\n"
      "requirements:\n  - {id: D1, title: depth, measurand: penetration_ti, tolerance_mm: 0.15}\n"
      "  - {id: R1, title: rate, measurand: stroke_rate, tolerance_percent: 3}\n"
      "  - {id: J1, title: jitter, measurand: period_jitter, max_us: 10}\n"
      "  - {id: S1, title: stop, measurand: stop_latency, max_ms: 100}\n",
      "p");
  ASSERT_TRUE(product.ok());
  const auto unsaid = analyse_capture(data_of(c), options);
  ASSERT_TRUE(unsaid);
  const CaptureJudgement some = judge_capture(*unsaid, product.value);
  ASSERT_EQ(some.outcome.decisions.size(), 1U) << "jitter needs no setting";
  EXPECT_EQ(some.outcome.verdict, Verdict::fail);
  EXPECT_EQ(some.not_judged.size(), 3U);
  options.depth_mm = 0.9;
  options.rate_per_min = 9000;
  const auto said = analyse_capture(data_of(c), options);
  ASSERT_TRUE(said);
  const CaptureJudgement all = judge_capture(*said, product.value);
  EXPECT_EQ(all.outcome.decisions.size(), 3U);
  ASSERT_EQ(all.not_judged.size(), 1U);
  EXPECT_EQ(all.not_judged.front().requirement_id, "S1");
  EXPECT_EQ(all.outcome.decisions[0].verdict, Verdict::pass) << all.outcome.decisions[0].reason;
  EXPECT_EQ(all.outcome.decisions[1].verdict, Verdict::pass) << all.outcome.decisions[1].reason;
  const GeneratedCapture few = generate_capture({.strokes = 20}, 1);
  const auto short_one = analyse_capture(data_of(few), options);
  ASSERT_TRUE(short_one);
  EXPECT_TRUE(judge_capture(*short_one, product.value).outcome.decisions.empty()) << "too few strokes judge nothing";
}

TEST(JudgeCapture, IsUndecidedWhereALimitThatACaptureCanHoldStaysOpen) {
  const GeneratedCapture c = generate_capture({}, 1);
  const auto judged = [&](bool surface, bool depth, const char* requirement) {
    const Loaded<Product> product = load_product(
        std::string("name: p\nrevision: 1\nserial_pattern: P\ndepth: {from_mm: 0.25, to_mm: 2.5, step_mm: 0.25}\n"
                    "rate: {from_per_min: 6000, to_per_min: 9000}\nstroke_mm: 3\n"
                    "requirements:\n  - {id: R1, title: misses, measurand: missed_strokes, max: 100}\n  - ") +
            requirement + "\n",
        "p");
    EXPECT_TRUE(product.ok()) << requirement;
    CaptureOptions options;
    if (surface) options.surface_mm = 0.1;
    if (depth) options.depth_mm = 0.9;
    return judge_capture(analyse_capture(data_of(c), options).value(), product.value);
  };
  constexpr const char* kDepth = "{id: D1, title: depth, measurand: penetration_ti, tolerance_mm: 0.15}";
  EXPECT_EQ(judged(true, true, kDepth).outcome.verdict, Verdict::pass);
  for (const auto& [surface, depth] : {std::pair{false, true}, {true, false}, {false, false}}) {
    const CaptureJudgement open = judged(surface, depth, kDepth);
    EXPECT_EQ(open.outcome.verdict, Verdict::indeterminate) << surface << depth;
    ASSERT_EQ(open.not_judged.size(), 1U);
    EXPECT_TRUE(open.not_judged.front().open);
  }
  for (const char* of_a_run : {"{id: S1, title: stop, measurand: stop_latency, max_ms: 100}",
                               "{id: L1, title: loss, measurand: link_loss_stop, max_ms: 100}"}) {
    const CaptureJudgement apart = judged(true, true, of_a_run);
    EXPECT_EQ(apart.outcome.verdict, Verdict::pass) << of_a_run;
    ASSERT_EQ(apart.not_judged.size(), 1U) << of_a_run;
    EXPECT_FALSE(apart.not_judged.front().open) << of_a_run;
  }
}

}  // namespace
}  // namespace penrig
