#include <gtest/gtest.h>

#include "tools/penrig/swarm_view.hpp"

namespace penrig::cli {
namespace {

swarm::Summary summary_of(std::uint64_t seeds) {
  swarm::Summary s;
  for (std::uint64_t i = 0; i < seeds; ++i) {
    swarm::SeedResult one;
    one.seed = i + 1;
    one.verdict = Verdict::pass;
    s.add(one);
  }
  return s;
}

std::string text_of(const TerminalStyle& style, const swarm::Summary& s) {
  std::string text;
  for (const Line& line : swarm_text(style, s, 1, "penrig swarm")) text += render(style, line);
  return text;
}

TEST(SwarmText, CountsOneSeedAsOne) {
  EXPECT_NE(text_of({}, summary_of(1)).find("   1 seed, 0.0 s of rig time"), std::string::npos);
  EXPECT_NE(text_of({}, summary_of(1234)).find("   1,234 seeds, "), std::string::npos);
  EXPECT_TRUE(swarm_progress({}, summary_of(1), 1, 1).starts_with("1 of 1 seed "));
}

}  // namespace
}  // namespace penrig::cli
