#include "rig/record/attempts.hpp"

#include <gtest/gtest.h>

namespace penrig {
namespace {

PhaseRecord attempt(const char* name, std::uint32_t number, bool failed) {
  PhaseRecord p;
  p.kind = "setting";
  p.name = name;
  p.attempt = number;
  p.verdict = failed ? Verdict::error : Verdict::not_judged;
  return p;
}

TEST(Attempts, AFailedOneIsSupersededByALaterOne) {
  const std::vector<PhaseRecord> phases{attempt("1.0", 1, true), attempt("1.0", 2, false)};
  EXPECT_TRUE(superseded(phases[0], phases));
  EXPECT_FALSE(superseded(phases[1], phases));
}

TEST(Attempts, AGoodOneOfTheSameNameKeepsItsResults) {
  const std::vector<PhaseRecord> phases{attempt("1.0", 1, false), attempt("1.5", 1, false), attempt("1.0", 1, true),
                                        attempt("1.0", 2, false)};
  EXPECT_FALSE(superseded(phases[0], phases)) << "the sweep came back to its depth; only that attempt failed";
  EXPECT_TRUE(superseded(phases[2], phases));
}

TEST(Attempts, AFailedOneThatWasNotRepeatedStays) {
  const std::vector<PhaseRecord> phases{attempt("1.0", 2, false), attempt("1.0", 1, true)};
  EXPECT_FALSE(superseded(phases[1], phases));
}

}  // namespace
}  // namespace penrig
