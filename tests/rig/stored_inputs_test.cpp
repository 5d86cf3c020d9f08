#include "rig/run/stored_inputs.hpp"

#include <gmock/gmock.h>

namespace penrig {
namespace {

using ::testing::HasSubstr;

Calibrations some_calibrations() {
  Calibrations c;
  c.head.id = "RIG-7";
  c.position_mm_per_count = {1e-4 / 3, 2e-9, 12, 1e-9, "LASER-7"};
  c.force_n_per_count = {2e-4, 1e-8};
  c.stage_mm_per_count = {1e-4, 0};
  c.tip_um_per_n = {-0.0, 0.3};
  c.cell_resonance_hz = 9800;
  c.force_min_counts = -8'000'000;
  c.force_max_counts = 8'000'000;
  c.temperature_c = 0.0;
  c.position_ppm_per_k = {0, 1.5};
  c.stage_nominal_mm_per_count = 1e-4;
  return c;
}

SettingInputs some_setting() {
  SettingInputs in;
  in.in_force.calibrations = some_calibrations();
  in.in_force.without.add(CorrectionKind::inertia);
  in.in_force.temperature_c = 22.375;
  in.simulant = {"S-1", "", 0, 6.25};
  in.tick_hz = 1e7 / 3;
  in.clock = {TimePoint{Nanoseconds{1'234'567'890'123}}, (std::uint64_t{1} << 53U) + 1, 1e7, 1e-6};
  in.tare = {0.1 + 0.2, 0.01, 3};
  in.zero = {12.5, -0.75, 1e-3, 7.5, 5, 2.5};
  in.surface = Touch{1, 2, 3, 4, 5, true};
  in.depth_mm = 2.5;
  in.rate_per_min = 9000;
  in.settle_strokes = 23;
  in.strokes = 40;
  in.min_strokes = 0;
  in.missed_floor_fraction = 0;
  in.start_sent = TimePoint{};
  in.reported.strokes = 0;
  in.reported.over = PenLink::ble;
  in.watched = PenReport{PenLink::serial, 8998.5, std::nullopt};
  return in;
}

TEST(StoredInputs, ComeBackWithEveryFieldToTheBit) {
  const SettingInputs in = some_setting();
  const AnalysisInputs kept = stored(in);
  const Result<SettingInputs> back = setting_inputs(kept);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(stored(*back), kept);
  EXPECT_EQ(back->clock.tick_ref, in.clock.tick_ref);
  EXPECT_EQ(back->clock.host_ref, in.clock.host_ref);
  EXPECT_EQ(back->tick_hz, in.tick_hz);
  EXPECT_EQ(back->tare.zero_counts, in.tare.zero_counts);
  EXPECT_EQ(back->in_force.calibrations.position_mm_per_count.value, 1e-4 / 3);
  EXPECT_EQ(back->in_force.calibrations.position_mm_per_count.standard, "LASER-7");
  EXPECT_TRUE(std::signbit(back->in_force.calibrations.tip_um_per_n.value));
  EXPECT_TRUE(back->in_force.without.holds(CorrectionKind::inertia));
  EXPECT_FALSE(back->in_force.without.holds(CorrectionKind::zero));
  EXPECT_EQ(back->reported.over, PenLink::ble);
  ASSERT_TRUE(back->watched);
  EXPECT_EQ(back->watched->over, PenLink::serial);
  EXPECT_EQ(back->watched->rate_per_min, 8998.5);
  EXPECT_FALSE(back->watched->strokes);
}

// What is 0 is not written; what begins as something else must come back as 0 nonetheless.
TEST(StoredInputs, TellZeroFromNotKnown) {
  const SettingInputs back = setting_inputs(stored(some_setting())).value();
  EXPECT_EQ(back.min_strokes, 0U);
  EXPECT_EQ(back.missed_floor_fraction, 0);
  EXPECT_EQ(back.simulant.contact_exponent, 0);
  EXPECT_EQ(back.simulant.sheet, "");
  EXPECT_EQ(back.in_force.calibrations.temperature_c, 0.0);
  EXPECT_EQ(back.start_sent, TimePoint{});
  EXPECT_EQ(back.reported.strokes, 0U);
  EXPECT_FALSE(back.stop_sent);
  EXPECT_FALSE(back.reported.rate_per_min);
  EXPECT_FALSE(back.in_force.calibrations.force_nominal_n_per_count);
}

TEST(StoredInputs, RefuseWhatNoAnalysisWasGiven) {
  AnalysisInputs kept = stored(some_setting());
  kept["fudge_factor"] = 1.02;
  const Result<SettingInputs> more = setting_inputs(kept);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::bad_data);
  EXPECT_THAT(more.error().message, HasSubstr("fudge_factor"));
  kept.erase("fudge_factor");
  kept["depth_mm"] = std::string("2.5");
  const Result<SettingInputs> other = setting_inputs(kept);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("depth_mm"));
}

TEST(StoredInputs, RefuseAFieldOfWhatIsSaidNotToBeKnown) {
  AnalysisInputs kept = stored(some_setting());
  EXPECT_EQ(std::get<double>(kept.at("surface.needle_reading_mm")), 2);
  EXPECT_FALSE(kept.contains("stop_sent.known"));
  kept.erase("surface.known");
  const Result<SettingInputs> less = setting_inputs(kept);
  ASSERT_FALSE(less);
  EXPECT_THAT(less.error().message, HasSubstr("'surface.force_n' is not known"));
}

// Each kind of inputs with all that may be unknown, known and not: its fields must not get each other's names.
TEST(StoredInputs, KeepEachFieldByItsOwnName) {
  SettingInputs in = some_setting();
  in.surface.reset();
  in.stop_sent = TimePoint{Nanoseconds{77}};
  in.reported = {PenLink::ble, 1, 2};
  in.watched.reset();
  const AnalysisInputs kept = stored(in);
  EXPECT_EQ(std::get<std::int64_t>(kept.at("stop_sent_ns")), 77);
  EXPECT_EQ(std::get<double>(kept.at("reported_rate_per_min")), 1);
  EXPECT_EQ(std::get<std::int64_t>(kept.at("reported_strokes")), 2);
  EXPECT_EQ(std::get<double>(kept.at("calibrations.cell_resonance_hz")), 9800);
  EXPECT_FALSE(kept.contains("watched.known"));
  const SettingInputs back = setting_inputs(kept).value();
  EXPECT_FALSE(back.surface);
  EXPECT_FALSE(back.watched);
  EXPECT_EQ(back.stop_sent, in.stop_sent);
  EXPECT_EQ(stored(back), kept);
}

TEST(StoredInputs, AreThoseOfTheirOwnAnalysis) {
  LinkLossInputs loss;
  loss.in_force.calibrations = some_calibrations();
  loss.silent_since = TimePoint{Nanoseconds{5}};
  EXPECT_EQ(link_loss_inputs(stored(loss)).value().silent_since, loss.silent_since);
  EXPECT_FALSE(tare_inputs(stored(loss)));
  TouchInputs touch;
  touch.exponent = 1.5;
  touch.tare = {1, 2, 3};
  EXPECT_EQ(touch_inputs(stored(touch)).value().exponent, 1.5);
  EXPECT_FALSE(link_loss_inputs(stored(touch)));
}

}  // namespace
}  // namespace penrig
