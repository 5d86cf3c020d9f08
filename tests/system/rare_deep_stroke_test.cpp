#include <gtest/gtest.h>

#include "fixtures/sim/plant_truth_probe.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// Strokes of the whole run that went deeper than the process by more than half of what the defect adds.
struct Deep {
  std::uint64_t seen = 0, strokes = 0;
};

Awaitable<void> count_deep_strokes(Timeline& timeline, InProcessRig& rig, Deep& deep) {
  auto probe = sim::PlantTruthProbe::of(rig.bench());
  probe.record();
  for (;;) {
    co_await timeline.sleep_for(std::chrono::milliseconds{50});  // the depth only changes while the needles stand
    for (; deep.strokes < probe.strokes().size(); ++deep.strokes) {
      const double extra_mm = probe.strokes()[deep.strokes].extension_mm - probe.process_extension_mm();
      if (extra_mm > 0.125) ++deep.seen;
    }
  }
}

/// 96 seeds in shards, so that they run side by side.
class RareDeepStroke : public ::testing::TestWithParam<int> {};

TEST_P(RareDeepStroke, FailsWheneverOneOccursAndOnlyThen) {
  int failed = 0;
  for (int seed = GetParam() * 24 + 1; seed <= GetParam() * 24 + 24; ++seed) {
    Deep deep;
    VirtualRun what;
    what.uri = "sim:seed=" + std::to_string(seed) + "&defect=rare-deep-stroke";
    what.meanwhile = [&deep](Timeline& t, InProcessRig& rig, StopRequest&) { return count_deep_strokes(t, rig, deep); };
    const VirtualResult run = run_virtual(what);
    EXPECT_GT(deep.strokes, 150U);
    EXPECT_EQ(name_of(run.result.outcome.verdict), std::string(deep.seen > 0 ? "FAIL" : "PASS"))
        << "seed " << seed << ": " << deep.seen << " deep of " << deep.strokes << " strokes; "
        << run.result.outcome.reason;
    failed += deep.seen > 0 ? 1 : 0;
  }
  EXPECT_GT(failed, 12);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RareDeepStroke, ::testing::Range(0, 4));

}  // namespace
}  // namespace penrig::test
