#include "rig/measure/corrections.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "rig/measure/analyse_capture.hpp"
#include "tests/rig/capture_generator.hpp"
#include "tests/rig/signal_generator.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kCorrectionsSeed = 3;

WithoutCorrections without(std::initializer_list<const char*> names) {
  WithoutCorrections w;
  for (const char* name : names) EXPECT_TRUE(switch_off(w, name));
  return w;
}

/// One record, measured with and without.
class OneRecord {
 public:
  OneRecord() : signal_(make_signal(p_, kCorrectionsSeed)), setting_(p_, signal_) {
    calibrations_ = setting_.calibrations;
    calibrations_.temperature_c = 22;
    calibrations_.position_nominal_mm_per_count = 1.001e-4;
    calibrations_.force_nominal_n_per_count = 2.02e-4;
    calibrations_.stage_nominal_mm_per_count = 1e-4;
  }

  SettingResult measure(const WithoutCorrections& w = {}, std::optional<double> temperature_c = 22) {
    const auto effective = effective_calibrations(calibrations_, temperature_c, w);
    EXPECT_TRUE(effective) << effective.error().message;
    SettingInput input = setting_.input;
    input.calibrations = &effective->calibrations;
    input.tare = effective_tare(input.tare, w);
    input.zero = effective_zero(input.zero, w);
    input.temperature_c = temperature_c;
    const auto result = analyse_setting(input);
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : SettingResult{};
  }
  /// What a value changes by when a correction is off, µm if in mm.
  double change(const char* off, const char* measurand, std::optional<double> temperature_c = 22) {
    return value(measure(without({off}), temperature_c), measurand) - value(measure({}, temperature_c), measurand);
  }
  static double value(const SettingResult& r, const std::string& id) {
    const Measurement* m = find_measurement(r, id);
    EXPECT_TRUE(m != nullptr && m->value) << id;
    return m != nullptr && m->value ? *m->value : NAN;
  }
  double mean_of_truth(const std::vector<double>& x) const {
    double sum = 0;
    for (std::uint32_t i = 5; i < p_.strokes - 5; ++i) sum += x[i];
    return sum / (p_.strokes - 10);
  }

  SignalParameters p_;
  Signal signal_;
  SignalSetting setting_;
  Calibrations calibrations_;
  // Of the generator: force at the top (cutting and friction), and the needle bar's acceleration there.
  double force_at_top_n_ = p_.cutting_n + p_.friction_n_per_mm * (p_.depth_mm - p_.surface_mm - p_.sink_mm);
  double inertia_n_ = -3e-3 * (p_.stroke_mm / 2) * (1 + p_.stroke_mm / 2 / p_.rod_mm) * 1e-3 *
                      std::pow(2 * M_PI * p_.rate_per_min / 60, 2);
};

TEST(Corrections, AllOnGiveTheTruth) {
  OneRecord r;
  const SettingResult all = r.measure();
  EXPECT_NEAR(r.value(all, "extension"), r.mean_of_truth(r.signal_.top_mm), 0.2e-3);
  EXPECT_NEAR(r.value(all, "penetration"), r.mean_of_truth(r.signal_.penetration_mm), 0.2e-3);
  EXPECT_NEAR(r.value(all, "penetration_contact"), r.mean_of_truth(r.signal_.penetration_mm) - r.p_.sink_mm, 2e-3);
}

TEST(Corrections, WithoutTheDelayEveryContactIsDeeperByTheWayOfTheNeedlesInIt) {
  OneRecord r;
  const double speed_mm_per_s = r.value(r.measure(), "contact_speed");
  const double way_mm = speed_mm_per_s * r.p_.delay_us * 1e-6;
  EXPECT_GT(way_mm, 7e-3);
  // The needles slow down on the way through the contact, so the fit moves by some percent less or more.
  EXPECT_NEAR(r.change("channel-delay", "penetration_contact") / -way_mm, 1, 0.15);
  EXPECT_NEAR(r.change("channel-delay", "extension"), 0, 1e-9);
  EXPECT_NEAR(r.change("channel-delay", "penetration"), 0, 0.1e-3) << "at the top the needles stand";
}

TEST(Corrections, WithoutACompliancePenetrationIsTooDeepByItsForce) {
  OneRecord r;
  const double reaction_n = r.force_at_top_n_ + r.inertia_n_;
  EXPECT_NEAR(r.change("tip-compliance", "penetration"), 1e-3 * r.force_at_top_n_, 0.03e-3);
  EXPECT_NEAR(r.change("frame-compliance", "penetration"), 0.5e-3 * reaction_n, 0.05e-3);
  EXPECT_NEAR(r.change("cell-compliance", "penetration"), 0.02e-3 * (r.force_at_top_n_ + r.p_.preload_n), 0.003e-3);
  for (const char* off : {"tip-compliance", "frame-compliance", "cell-compliance", "inertia"}) {
    EXPECT_NEAR(r.change(off, "extension"), 0, 1e-9) << off;
  }
}

TEST(Corrections, WithoutInertiaTheFramesRecoilIsMissing) {
  OneRecord r;
  EXPECT_LT(r.inertia_n_, -4);
  EXPECT_NEAR(r.change("inertia", "penetration"), 0.5e-3 * r.inertia_n_, 0.05e-3) << "half a micrometre a newton";
}

TEST(Corrections, WithoutTheZeroAnExtensionIsOffByItAndAPenetrationIsNot) {
  OneRecord r;
  EXPECT_NEAR(r.change("zero", "extension"), r.p_.needle_zero_mm, 1e-9);
  EXPECT_NEAR(r.change("zero", "penetration"), 0, 1e-6);
  EXPECT_NEAR(r.change("zero", "peak_force"), 0, 1e-3) << "a stroke's own baseline is taken off";
}

TEST(Corrections, WithoutTheScaleCountsAreThoseOfTheDataSheet) {
  OneRecord r;
  const double reading_mm = r.value(r.measure(), "extension") + r.p_.needle_zero_mm;
  EXPECT_NEAR(r.change("scale", "extension"), 1e-3 * reading_mm, 0.01e-3);
  const double force_n = r.value(r.measure(), "peak_force");
  EXPECT_NEAR(r.change("scale", "peak_force"), 0.01 * force_n, 2e-3 * force_n);
}

TEST(Corrections, WithoutTheTimeBaseARateIsOffByTheClock) {
  OneRecord r;
  r.calibrations_.time_base_ppm.value = 50;
  const double rate = r.value(r.measure(), "stroke_rate");
  EXPECT_NEAR(r.change("time-base", "stroke_rate") / rate * 1e6, -50, 0.5);
}

TEST(Corrections, WithoutTheTemperatureScalesAreThoseOfTheCalibration) {
  OneRecord r;
  r.calibrations_.position_ppm_per_k = {100, 10};
  r.calibrations_.force_ppm_per_k = {1000, 100};
  const double reading_mm = r.value(r.measure(), "extension") + r.p_.needle_zero_mm;
  const double cold = r.value(r.measure({}, 22), "extension");
  EXPECT_NEAR(r.value(r.measure({}, 32), "extension") - cold, 1e-3 * reading_mm, 0.01e-3);
  EXPECT_NEAR(r.change("temperature", "extension", 32), -1e-3 * reading_mm, 0.01e-3);
  EXPECT_NEAR(r.value(r.measure(without({"temperature"}), 32), "extension"), cold, 1e-12);
  EXPECT_NEAR(r.change("temperature", "peak_force", 32) / r.value(r.measure(), "peak_force"), -0.01, 2e-3);
}

TEST(Corrections, ATemperatureThatIsNotKnownIsAnErrorWhereItMatters) {
  OneRecord r;
  EXPECT_TRUE(effective_calibrations(r.calibrations_, std::nullopt)) << "nothing changes with it";
  r.calibrations_.stage_ppm_per_k = {0, 1};
  for (const std::optional<double>& unknown : {std::optional<double>{}, std::optional<double>{NAN}}) {
    const auto effective = effective_calibrations(r.calibrations_, unknown);
    ASSERT_FALSE(effective);
    EXPECT_EQ(effective.error().code, Errc::calibration);
    EXPECT_THAT(effective.error().message, HasSubstr("that of the bench is not known"));
  }
  SettingInput input = r.setting_.input;
  input.calibrations = &r.calibrations_;
  const auto result = analyse_setting(input);
  ASSERT_FALSE(result) << "nor may an analysis be handed such calibrations";
  EXPECT_EQ(result.error().code, Errc::calibration);
  input.temperature_c = 22;
  EXPECT_TRUE(analyse_setting(input));
  r.calibrations_.temperature_c.reset();
  EXPECT_FALSE(effective_calibrations(r.calibrations_, 22));
}

TEST(Corrections, AScaleThatWasCalibratedWarmIsReferredToTheOthersTemperature) {
  OneRecord r;
  r.calibrations_.force_ppm_per_k = {100, 10};
  Calibrations c = r.calibrations_;
  refer_to_temperature(c, "force_n_per_count", 32);
  EXPECT_NEAR(c.force_n_per_count.value / r.calibrations_.force_n_per_count.value, 1 - 1e-3, 1e-9);
  const auto warm = effective_calibrations(c, 32);
  ASSERT_TRUE(warm);
  EXPECT_NEAR(warm->calibrations.force_n_per_count.value / r.calibrations_.force_n_per_count.value, 1, 2e-6)
      << "in the room where it was calibrated it is what it was";
  refer_to_temperature(c, "force_delay_us", 32);
  refer_to_temperature(c, "position_mm_per_count", 32);
  EXPECT_EQ(c.position_mm_per_count.value, r.calibrations_.position_mm_per_count.value) << "no coefficient";
}

TEST(Corrections, WithoutTheCellsResponseItIsTakenAsIdeal) {
  GeneratedCaptureParameters p;
  p.strokes = 60;
  const GeneratedCapture c = generate_capture(p, kCorrectionsSeed);
  CaptureData data;
  data.time_s = c.time_s;
  data.position_mm = c.position_mm;
  data.force_n = c.force_n;
  CaptureOptions said, off;
  said.cell_hz = off.cell_hz = 3000;
  off.without = without({"cell-response"});
  const auto value = [&](const CaptureOptions& options) {
    const auto a = analyse_capture(data, options);
    EXPECT_TRUE(a);
    const auto m = std::ranges::find(a->measurements, "penetration_contact", &Measurement::measurand);
    return *m->value;
  };
  EXPECT_EQ(value(off), value({}));
  EXPECT_GT(std::abs(value(said) - value({})), 20e-3) << "of a cell that is none";
}

TEST(Corrections, ListSaysOfEachWhetherItWasMadeAndBecauseOfWhat) {
  OneRecord r;
  std::vector<Correction> list = list_corrections(r.calibrations_, 22, without({"inertia"}));
  ASSERT_EQ(list.size(), kCorrections);
  const auto entry = [&](const char* name) { return *std::ranges::find(list, name, &Correction::name); };
  EXPECT_TRUE(entry("channel-delay").applied);
  EXPECT_EQ(entry("channel-delay").value, 10);
  EXPECT_EQ(entry("channel-delay").u, 0.5);
  EXPECT_EQ(entry("channel-delay").unit, "µs");
  EXPECT_EQ(entry("channel-delay").note, "");
  EXPECT_TRUE(entry("time-base").applied) << "by 0, with an uncertainty";
  EXPECT_FALSE(entry("inertia").applied);
  EXPECT_EQ(entry("inertia").note, "switched off by --without");
  EXPECT_FALSE(entry("cell-response").applied);
  EXPECT_THAT(entry("cell-response").note, HasSubstr("not calibrated"));
  EXPECT_FALSE(entry("temperature").applied);
  EXPECT_EQ(entry("temperature").note, "no coefficient is stated");
  r.calibrations_.force_ppm_per_k = {20, 10};
  r.calibrations_.tip_um_per_n = {};
  list = list_corrections(r.calibrations_, 30);
  EXPECT_TRUE(entry("temperature").applied);
  EXPECT_EQ(entry("temperature").value, 8);
  EXPECT_EQ(entry("tip-compliance").note, "not calibrated");
  list = list_corrections(r.calibrations_, std::nullopt);
  EXPECT_FALSE(entry("temperature").applied);
  EXPECT_EQ(entry("temperature").note, "the temperature is not known");
  EXPECT_THAT(corrections_in_words(list), HasSubstr("; not corrected: cell-response (not calibrated"));
}

TEST(Corrections, AreKnownByTheirNames) {
  WithoutCorrections none;
  std::set<std::string_view> names;
  for (const CorrectionInfo& c : all_corrections()) {
    EXPECT_EQ(&c - all_corrections().data(), static_cast<std::ptrdiff_t>(c.kind)) << c.name;
    names.insert(c.name);
    WithoutCorrections one;
    ASSERT_TRUE(switch_off(one, c.name));
    EXPECT_EQ(one.names(), c.name);
  }
  EXPECT_EQ(names.size(), kCorrections);
  const auto wrong = switch_off(none, "tip-complience");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::usage);
  EXPECT_THAT(wrong.error().message, HasSubstr("did you mean 'tip-compliance'?"));
  EXPECT_TRUE(none.empty());
}

TEST(Corrections, AScaleWithoutANominalValueCannotBeSwitchedOff) {
  OneRecord r;
  EXPECT_TRUE(can_be_without(without({"scale"}), r.calibrations_));
  r.calibrations_.force_nominal_n_per_count.reset();
  const auto possible = can_be_without(without({"scale"}), r.calibrations_);
  ASSERT_FALSE(possible);
  EXPECT_THAT(possible.error().message, HasSubstr("force_n_per_count of SYNTHETIC has no nominal value"));
  EXPECT_FALSE(effective_calibrations(r.calibrations_, 22, without({"scale"})));
}

TEST(Corrections, SwitchedOffLeaveNoPass) {
  const auto decision = [](Verdict v, const char* reason) {
    Decision d;
    d.verdict = v;
    d.reason = reason;
    d.conformity = 0.99;
    return d;
  };
  RunOutcome outcome;
  outcome.decisions = {decision(Verdict::pass, ""), decision(Verdict::pass, "")};
  outcome.verdict = Verdict::pass;
  RunOutcome all = outcome;
  withhold_passes(all, {});
  EXPECT_EQ(all.verdict, Verdict::pass);
  EXPECT_EQ(all.decisions[0].conformity, 0.99);
  withhold_passes(outcome, without({"zero", "inertia"}));
  EXPECT_EQ(outcome.verdict, Verdict::indeterminate);
  EXPECT_THAT(outcome.reason, HasSubstr("without correction for inertia, zero"));
  for (const Decision& d : outcome.decisions) {
    EXPECT_EQ(d.verdict, Verdict::indeterminate);
    EXPECT_THAT(d.reason, HasSubstr("inertia, zero"));
    EXPECT_FALSE(d.conformity);
  }
  outcome.decisions.push_back(decision(Verdict::fail, "too deep"));
  outcome.verdict = Verdict::fail;
  outcome.reason = "too deep";
  withhold_passes(outcome, without({"zero"}));
  EXPECT_EQ(outcome.verdict, Verdict::fail);
  EXPECT_EQ(outcome.reason, "too deep");
  EXPECT_EQ(outcome.decisions[2].reason, "too deep");
}

}  // namespace
}  // namespace penrig
