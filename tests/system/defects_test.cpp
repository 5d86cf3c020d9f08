#include <algorithm>
#include <ostream>

#include <gtest/gtest.h>

#include "fixtures/sim/plant_parameters.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

struct Expected {
  const char* defect;
  Verdict verdict;
  const char* named;  ///< a word of the reason that names the cause
  const char* plan = "rig/plans/swarm-sweep.yaml";

  friend void PrintTo(const Expected& e, std::ostream* out) { *out << e.defect; }
};

const Expected kExpected[] = {
    {"depth-offset", Verdict::fail, "penetration"},
    {"depth-scale", Verdict::fail, "penetration"},
    {"too-deep", Verdict::fail, "penetration"},
    {"rare-deep-stroke", Verdict::fail, "beyond", "rig/plans/eol-pro.yaml"},  // so many strokes that some are deep
    {"slow-motor", Verdict::fail, "rate"},
    {"droop", Verdict::fail, "rate"},
    {"speed-jitter", Verdict::fail, "jitter"},
    {"wobble", Verdict::fail, "penetration"},
    {"loose-bearing", Verdict::fail, "penetration"},
    {"missed-strokes", Verdict::fail, "missed"},
    {"blunt-needles", Verdict::fail, "force"},
    {"does-not-park", Verdict::fail, "park"},
    {"stops-late", Verdict::fail, "stop"},
    {"late-dead-man", Verdict::error, "make itself safe in time"},
    {"ignores-dead-man", Verdict::fail, "link loss"},
    {"wrong-firmware", Verdict::fail, "firmware"},
    {"misreports-rate", Verdict::fail, "reported"},
    {"wrong-identity", Verdict::error, "scanned"},
    {"stuck-encoder", Verdict::error, "encoder"},
    {"saturated-load-cell", Verdict::error, "saturated"},
};

class Defect : public ::testing::TestWithParam<Expected> {};

TEST_P(Defect, EndsAsItMustAndNamesTheCause) {
  for (int seed : {1, 7, 23}) {
    VirtualRun what;
    what.uri = "sim:seed=" + std::to_string(seed) + "&defect=" + GetParam().defect;
    what.plan = GetParam().plan;
    const VirtualResult run = run_virtual(what);
    EXPECT_EQ(name_of(run.result.outcome.verdict), std::string(name_of(GetParam().verdict)))
        << "seed " << seed << ": " << run.result.outcome.reason;
    // Any of the decisions that went wrong may be the deciding one; the cause stands in one of them.
    std::string said = run.result.outcome.reason;
    for (const Decision& d : run.result.outcome.decisions) {
      if (d.verdict != Verdict::pass) said += "\n" + d.title + ": " + d.reason;
    }
    EXPECT_NE(said.find(GetParam().named), std::string::npos) << "seed " << seed << ": " << said;
    EXPECT_TRUE(run.result.record_durable);
    EXPECT_TRUE(run.record.closed);
    EXPECT_EQ(run.record.outcome.verdict, run.result.outcome.verdict);
  }
}

INSTANTIATE_TEST_SUITE_P(Named, Defect, ::testing::ValuesIn(kExpected), [](const auto& named) {
  std::string name = named.param.defect;
  std::erase(name, '-');
  return name;
});

TEST(Defects, EveryOneThatCanBeNamedIsTestedHere) {
  for (const auto& defect : sim::defects()) {
    const bool tested = std::any_of(std::begin(kExpected), std::end(kExpected),
                                    [&](const Expected& e) { return defect.name == e.defect; });
    EXPECT_TRUE(tested) << defect.name;
  }
  EXPECT_EQ(std::size(kExpected), sim::defects().size());
}

}  // namespace
}  // namespace penrig::test
