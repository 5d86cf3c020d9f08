#include <string>
#include <string_view>

#include <gmock/gmock.h>

#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

/// What is wrong with the simulated rig when its travel limit is this.
std::string with_travel_limit(const std::string& limit) {
  std::string text = read_source_file("fixtures/rigs/simulated.yaml");
  const std::string key = "axial_max_mm: ";
  const std::size_t at = text.find(key) + key.size();
  text.replace(at, text.find(' ', at) - at, limit);
  // So low that any limit about 0 leaves room for the work.
  for (const std::string_view low : {"plate_axial_mm: ", "working_axial_mm: "}) {
    text.insert(text.find(low) + low.size(), "-0.1");
  }
  return render_all(load_rig(text, "simulated.yaml").mistakes);
}

TEST(RigDescription, RefusesATravelLimitThatWouldSwitchTheLimitOff) {
  for (const char* limit : {"0", "0.0004", "-0.0004"}) {
    EXPECT_THAT(with_travel_limit(limit), ::testing::HasSubstr(std::string("axial_max_mm ") + limit +
                                                               " would switch the DAQ's travel limit off"));
  }
  EXPECT_EQ(with_travel_limit("0.001"), "");
}

TEST(RigDescription, SaysHowManyStagesMoveAtATime) {
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  EXPECT_EQ(load_rig(text, "bench.yaml").value.stages_at_once, 0U) << "all";
  text += "\nshared:\n  stages_at_once: 2\n";
  const auto rig = load_rig(text, "bench.yaml");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  EXPECT_EQ(rig.value.stages_at_once, 2U);
  text.replace(text.rfind("at_once: 2"), 10, "at_once: 0");  // not the one in the comment
  EXPECT_FALSE(load_rig(text, "bench.yaml").ok());
}

TEST(RigDescription, TakesAPenOverBluetoothAndNoDaq) {
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const std::string pen = "pen: serial:usb=0403:6001/PEN-DOCK-1?baud=921600";
  text.replace(text.find(pen), pen.size(), "pen: ble:name=PRO-0001?adapter=hci1");
  const auto rig = load_rig(text, "bench.yaml");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  EXPECT_EQ(rig.value.slots.front().pen_link, "ble:name=PRO-0001?adapter=hci1");
  std::string twice = text;
  twice.insert(twice.find("    daq: serial"), "    pen_ble: ble:name=PRO-0001\n");
  EXPECT_THAT(render_all(load_rig(twice, "bench.yaml").mistakes), ::testing::HasSubstr("a second link over BLE"));
  const std::string daq = "daq: serial:/dev/ttyUSB1?baud=3000000";
  text.replace(text.find(daq), daq.size(), "daq: ble:name=DAQ-1");
  EXPECT_THAT(render_all(load_rig(text, "bench.yaml").mistakes),
              ::testing::HasSubstr("a DAQ streams more than Bluetooth LE carries (write: daq: serial:/dev/ttyUSB0)"));
}

/// The example of a real bench with this in the place of the needle encoder's scale.
Loaded<RigDescription> with_scale(const std::string& scale) {
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const std::size_t from = text.find("  position_mm_per_count:"), to = text.find("  force_n_per_count:");
  text.replace(from, to - from, "  position_mm_per_count: " + scale + "\n");
  return load_rig(text, "bench.yaml");
}

TEST(RigDescription, ReadsWhatBelongsToAScale) {
  const auto rig = load_rig(read_source_file("fixtures/rigs/bench-example.yaml"), "bench.yaml");
  ASSERT_TRUE(rig.ok()) << render_all(rig.mistakes);
  const Calibrations& c = rig.value.calibrations;
  EXPECT_EQ(c.temperature_c, 21.4);
  EXPECT_EQ(c.position_nominal_mm_per_count, 1e-4);
  EXPECT_EQ(c.position_mm_per_count.standard, "LASER-7");
  EXPECT_DOUBLE_EQ(c.position_mm_per_count.u_standard, 1.00012e-4 * 5e-5);
  EXPECT_EQ(c.position_ppm_per_k.value, 8);
  EXPECT_EQ(c.position_ppm_per_k.u, 1);
  EXPECT_EQ(c.force_n_per_count.nu, 9);
  EXPECT_EQ(c.force_n_per_count.standard, "");
  EXPECT_EQ(c.stage_mm_per_count.nu, 0) << "infinite";
}

TEST(RigDescription, HoldsAStandardsPartAgainstTheWholeUncertainty) {
  const auto mistakes = [](const std::string& scale) { return render_all(with_scale(scale).mistakes); };
  EXPECT_EQ(mistakes("{value: 1.0e-4, u: 1.0e-8, standard: L, u_standard: 1.0e-8}"), "");
  EXPECT_EQ(mistakes("{value: 1.0e-4, u_percent: 0.01, standard: L, u_standard_percent: 0.01}"), "");
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, standard: L, u_standard: 2.0e-8}"),
              ::testing::HasSubstr("is more than the whole u"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, u_standard: 1.0e-9}"), ::testing::HasSubstr("of which standard?"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, standard: L}"), ::testing::HasSubstr("how much of u is L's?"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, standard: L, u_standard: 1.0e-9, u_standard_percent: 1}"),
              ::testing::HasSubstr("leave u_standard or u_standard_percent out"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, standard: L, u_standard: -1.0e-9}"),
              ::testing::HasSubstr("u_standard"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, nu: 0}"), ::testing::HasSubstr("nu"));
}

TEST(RigDescription, HoldsACoefficientAndANominalScaleAgainstTheRest) {
  const auto mistakes = [](const std::string& scale) { return render_all(with_scale(scale).mistakes); };
  EXPECT_EQ(mistakes("{value: 1.0e-4, u: 1.0e-8, nominal: 1.1e-4, ppm_per_k: {value: -8, u: 1}}"), "");
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, nominal: 1.0e-3}"), ::testing::HasSubstr("half to twice"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, ppm_per_k: {value: 8}}"),
              ::testing::HasSubstr("ppm_per_k has no uncertainty"));
  EXPECT_THAT(mistakes("{value: 1.0e-4, u: 1.0e-8, ppm_per_k: {value: 8, u: 0}}"), ::testing::HasSubstr("above 0"))
      << "a real bench's coefficient is not exact";
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const std::size_t at = text.find("  temperature_c: 21.4");
  text.erase(at, text.find('\n', at) + 1 - at);
  EXPECT_THAT(render_all(load_rig(text, "bench.yaml").mistakes), ::testing::HasSubstr("at which was it calibrated?"));
}

TEST(RigDescription, OfARealRigHasNothingThatIsExact) {
  const std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const auto with = [&](const std::string& was, const std::string& is, const std::string& before = "") {
    std::string changed = before + text;
    changed.replace(changed.find(was), was.size(), is);
    const auto loaded = load_rig(changed, "bench.yaml");
    return loaded.ok() ? "" : loaded.mistakes.front().message;
  };
  EXPECT_EQ(with("tilt_u_um: 1.8", "tilt_u_um: 0"), "'tilt_u_um' must be above 0 and at most 1000 µm, not 0");
  EXPECT_EQ(with("tilt_u_um: 1.8", "tilt_u_um: 0", "simulated: true\n"), "");
  EXPECT_EQ(with("{value: 1.3, u_percent: 6}", "{value: 0, u_percent: 6}"),
            "tip_um_per_n: any share of 0 is 0, and no standard is exact (write: u: a number)");
}

TEST(RigDescription, KeepsToTheRangesThatFiledCalibrationsKeepTo) {
  const std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const auto with = [&](const std::string& was, const std::string& is) {
    std::string changed = text;
    changed.replace(changed.find(was), was.size(), is);
    const auto loaded = load_rig(changed, "bench.yaml");
    return loaded.ok() ? "" : loaded.mistakes.front().message;
  };
  EXPECT_EQ(with("value: 3.4, ", "value: 200, "), "");
  EXPECT_EQ(with("value: 3.4, ", "value: 3400, "), "'value' must be from 0 to 200, not 3400");
  EXPECT_EQ(with("value: 1.3, ", "value: 1300, "), "'value' must be from 0 to 100, not 1300");
  EXPECT_EQ(with("tilt_u_um: 1.8", "tilt_u_um: 1800"), "'tilt_u_um' must be above 0 and at most 1000 µm, not 1800");
  EXPECT_EQ(with("tilt_u_um: 1.8", "tilt_u_um: 1.8\n  cell_corner_hz: 20"),
            "'cell_corner_hz' must be from 100 to 1000000 Hz, or 0 for none, not 20");
}

}  // namespace
}  // namespace penrig
