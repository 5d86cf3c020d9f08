// Needles that seem to stand, and do not: a slow creep through a dead centre.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/lying_link.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;

TEST(SeemingStop, NeedlesThatCreepThroughADeadCentreAreAnError) {
  VirtualRun what;
  what.plan = "rig/plans/swarm.yaml";
  what.uri = "sim:seed=2";
  what.change_plant = [](sim::PlantParameters& p) {
    p.motor.creep_rate_per_min = 35;
    p.motor.brake_tau_ms = 22.3;
    p.motor.parks = false;
  };
  const VirtualResult r = run_virtual(what);
  EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("the needles crept from -1.5"));
  EXPECT_FALSE(r.record.outcome.safe_state_confirmed);
}

TEST(SeemingStop, APenThatSaysThatItsNeedlesAreNotParkedIsAnErrorWhereItStaysSo) {
  for (const int times : {3, 1'000'000}) {
    int asked = 0;
    bool ran = false;
    VirtualRun what;
    what.plan = "rig/plans/swarm.yaml";
    what.around_link = [&](Timeline&, std::unique_ptr<ByteLink> link, bool is_pen) -> std::unique_ptr<ByteLink> {
      if (!is_pen) return link;
      return std::make_unique<LyingLink>(std::move(link), [&](wire::PenStatus& s) {
        if (s.running()) {
          ran = true;
        } else if (ran && ++asked <= times) {
          s.set_parked(false);
        }
      });
    };
    const VirtualResult r = run_virtual(what);
    if (times == 3) {
      EXPECT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
      continue;
    }
    EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
    EXPECT_THAT(r.record.outcome.reason, HasSubstr("the pen on sim:pen says that they are not parked"));
  }
}

}  // namespace
}  // namespace penrig::test
