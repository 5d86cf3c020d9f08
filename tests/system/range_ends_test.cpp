#include <gtest/gtest.h>

#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// A pen that is bad, at a fixture whose channel ends before it shows so, and far inside the range that is stated.
void expect_error_that_names(const char* end, VirtualRun what) {
  for (const int seed : {1, 2, 3}) {
    what.uri = "sim:seed=" + std::to_string(seed) + "&defect=blunt-needles:3";
    const VirtualResult run = run_virtual(what);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << "seed " << seed;
    EXPECT_NE(run.result.outcome.reason.find(end), std::string::npos) << run.result.outcome.reason;
  }
}

TEST(RangeEndsOfARun, ALoadCellWhoseAmplifierClipsIsAnErrorAndNotASmallForce) {
  VirtualRun what;
  what.change_plant = [](sim::PlantParameters& p) { p.load_cell.range_n = 1; };
  expect_error_that_names("the load cell is saturated: it stands at 1 N", what);
}

TEST(RangeEndsOfARun, AnEncoderThatHidesDeepStrokesIsAnErrorAndNotASmallDepth) {
  VirtualRun what;
  what.plan = "rig/plans/eol-pro.yaml";
  what.change_plan = [](Plan& plan) { plan.phases.resize(1); };
  what.change_plant = [](sim::PlantParameters& p) {
    p.encoder.range_mm = 2.56;
    p.encoder.zero_range_mm = 0;
    p.mechanism.rare_deep_probability = 0.03;
    p.mechanism.rare_deep_mm = 0.4;
  };
  expect_error_that_names("the position is at the end of its range: it stands at 2.56 mm", what);
}

}  // namespace
}  // namespace penrig::test
