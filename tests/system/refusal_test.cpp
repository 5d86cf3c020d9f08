#include <limits>

#include <gtest/gtest.h>

#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using sim::PlantParameters;

/// A run that must end in ERROR for this reason, whatever was measured.
void expect_error(const std::function<void(PlantParameters&)>& change_plant, const std::string& because,
                  const std::function<void(Plan&)>& change_plan = {}) {
  VirtualRun what;
  what.uri = "sim:seed=2";
  what.plan = "rig/plans/smoke.yaml";
  what.change_plant = change_plant;
  what.change_plan = change_plan;
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_NE(run.result.outcome.reason.find(because), std::string::npos) << run.result.outcome.reason;
  EXPECT_FALSE(run.result.outcome.reason.empty());
  EXPECT_TRUE(run.record.closed);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
}

TEST(Refusal, ANeedleZeroThatMovedTooFarIsAnError) {
  expect_error([](PlantParameters& p) { p.environment.growth_um = 900; }, "needle zero moved");
}

TEST(Refusal, ABenchOfAnotherCalibrationIsAnError) {
  expect_error([](PlantParameters& p) { p.daq.fixture_id = "BENCH-7"; }, "BENCH-7");
}

TEST(Refusal, APenOfAnotherProductIsAnError) {
  expect_error([](PlantParameters& p) { p.electronics.product = "pen-home"; }, "pen-home");
}

TEST(Refusal, APenWithAnotherSerialNumberThanTheScannedIsAnError) {
  expect_error([](PlantParameters& p) { p.electronics.serial_number_override = "PRO-9999"; }, "PRO-9999");
}

TEST(Refusal, ABenchThatIsTooWarmForThePlanIsAnError) {
  expect_error([](PlantParameters& p) { p.environment.temperature_c = 30; }, "30.0 °C",
               [](Plan& plan) { plan.max_simulant_temperature_c = 28; });
}

TEST(Refusal, ABenchThatIsTooWarmForTheRigTripsAnInterlock) {
  expect_error([](PlantParameters& p) { p.environment.temperature_c = 39; }, "39.0 °C");
}

TEST(Refusal, ATemperatureThatIsNoNumberIsAnError) {
  expect_error([](PlantParameters& p) { p.environment.temperature_c = std::numeric_limits<double>::quiet_NaN(); },
               "nan °C");
}

// A limit of at least 20 % was met by 250 %.
TEST(Refusal, ABatteryThatHoldsMoreThanAllIsAnError) {
  for (const double percent : {250.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    expect_error([=](PlantParameters& p) { p.electronics.battery_percent = percent; }, "which is no charge");
}

TEST(Refusal, APenThatReportsAFaultIsAnErrorThatNamesIt) {
  expect_error([](PlantParameters& p) { p.electronics.fault_bits = 0b10; }, "reports a fault: motor or driver too hot");
}

TEST(Refusal, AStageThatStandsElsewhereThanTheDaqSaysIsAnErrorBeforeItIsSentAnywhere) {
  expect_error([](PlantParameters& p) { p.stage.encoder_offset_mm = 0.5; }, "their zeros or scales differ");
}

TEST(Refusal, ADaqThatIsTooSlowForThePlanIsAnError) {
  expect_error([](PlantParameters& p) { p.daq.max_sample_rate_hz = 10'000; }, "10000");
}

TEST(Refusal, ASpotThatLiesFarFromWhereTheRigPutsItIsAnError) {
  expect_error([](PlantParameters& p) { p.simulant.level_spread_um = 5000; }, "met nothing");
}

// Its neighbour shares its silicone: 0.25 mm deeper when it was touched, and every depth on it was a PASS.
TEST(Refusal, ASpotThatSankWhenItsNeighbourWasUsedIsAnError) {
  expect_error(
      [](PlantParameters& p) {
        p.simulant.spot_size_mm = 7;  // of a pitch of 6
        p.simulant.sink_limit_mm = 0.34;
        p.simulant.relaxation_s = 7;
      },
      "spot A5 is sunk",
      [](Plan& plan) {
        auto& sweep = std::get<SweepPhase>(plan.phases.at(0));
        sweep.depths_mm = {0.5, 1, 1.5, 2, 2.5};
        sweep.rates_per_min = {6000, 7500, 9000};
      });
}

TEST(Refusal, TooFewSpotsAreAnErrorThatSaysSo) {
  VirtualRun what;
  what.plan = "rig/plans/soak-treatment.yaml";
  what.change_plan = [](Plan& plan) {
    auto& soak = std::get<SoakPhase>(plan.phases.at(0));
    soak.duration_s = 4 * 61;
    soak.capture_every_s = 4;
    soak.strokes = 30;
  };
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_NE(run.result.outcome.reason.find("takes 61 fresh spots"), std::string::npos) << run.result.outcome.reason;
}

}  // namespace
}  // namespace penrig::test
