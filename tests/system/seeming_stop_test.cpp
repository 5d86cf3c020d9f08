// Needles that seem to stand, and do not: a slow creep through a dead centre, an encoder that freezes for a moment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/faulty_run.hpp"
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
  EXPECT_THAT(r.record.outcome.reason, HasSubstr("the needles crept from -1."));
  EXPECT_FALSE(r.record.outcome.safe_state_confirmed);
}

TEST(SeemingStop, APenThatSaysThatItsNeedlesAreNotParkedIsAnErrorWhereItStaysSo) {
  for (const int times : {3, 1'000'000}) {
    int asked = 0;
    bool ran = false;
    VirtualRun what;
    what.plan = "rig/plans/swarm.yaml";
    what.around_link = lying_pen([&](wire::PenStatus& s) {
      if (s.running()) {
        ran = true;
      } else if (ran && ++asked <= times) {
        s.set_parked(false);
      }
    });
    const VirtualResult r = run_virtual(what);
    if (times == 3) {
      EXPECT_EQ(r.record.outcome.verdict, Verdict::pass) << r.record.outcome.reason;
      continue;
    }
    EXPECT_EQ(r.record.outcome.verdict, Verdict::error);
    EXPECT_THAT(r.record.outcome.reason, HasSubstr("the pen on sim:pen says that they are not parked"));
  }
}

/// A pen that knows no dead-man, and an encoder that freezes while the link is silent.
FaultyRun ignoring_dead_man(double freezes_for_s) {
  FaultyRun what;
  what.uri = "sim:seed=1&defect=ignores-dead-man";
  what.plan = "rig/plans/swarm.yaml";
  faults::Fault freeze = faults::make_fault(faults::Kind::encoder_stuck, 0);
  freeze.start = {};
  freeze.start.at_phase = "silence";
  freeze.start.after_s = 0.6;
  freeze.for_s = freezes_for_s;
  what.script.faults = {freeze};
  return what;
}

TEST(SeemingStop, AnEncoderThatFreezesDoesNotLetAPenPassThatIgnoresTheDeadMan) {
  for (const double for_s : {0.085, 0.4, 10.0}) {
    const FaultyResult r = run_under(ignoring_dead_man(for_s));
    EXPECT_NE(r.record.outcome.verdict, Verdict::pass) << for_s;
    for (const Decision& d : r.record.outcome.decisions) {
      EXPECT_FALSE(d.requirement_id == "S3" && d.verdict == Verdict::pass) << for_s << ": " << d.reason;
    }
    EXPECT_EQ(r.recompute_differs, "");
  }
}

/// What becomes of a good pen that says something else of itself once it was silent.
RunOutcome after_silence(const LyingLink::Lie& lie) {
  bool was_silent = false;
  VirtualRun what;
  what.plan = "rig/plans/swarm.yaml";
  what.around_link = lying_pen([&](wire::PenStatus& s) {
    was_silent = was_silent || (s.fault_bits() & 1U << 7U) != 0;
    if (was_silent) lie(s);
  });
  return run_virtual(what).record.outcome;
}

TEST(SeemingStop, APenThatIsSeenToStandAndSaysThatItRunsIsAnError) {
  const RunOutcome runs = after_silence([](wire::PenStatus& s) { s.set_running(true); });
  EXPECT_EQ(runs.verdict, Verdict::error);
  EXPECT_THAT(runs.reason, HasSubstr("were seen to stand, but the pen on sim:pen says that it runs"));
}

TEST(SeemingStop, APenThatDoesNotSayThatItsDeadManStoppedItIsAnError) {
  const RunOutcome other = after_silence([](wire::PenStatus& s) { s.set_fault_bits(0); });
  EXPECT_EQ(other.verdict, Verdict::error);
  EXPECT_THAT(other.reason, HasSubstr("does not say that its dead-man stopped it"));
}

}  // namespace
}  // namespace penrig::test
