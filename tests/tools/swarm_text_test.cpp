#include <sstream>

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

TEST(SwarmText, IsNoWiderThanTheTerminalAndSaysTheSame) {
  swarm::Summary s = summary_of(12);
  swarm::SeedResult bad;
  bad.seed = 13;
  bad.defect = "saturated-load-cell";
  bad.unit = "N";
  bad.size_from = 0.05;
  bad.size_to = 0.3;
  bad.outside = "the load cell";
  bad.fault_kinds = {"mute"};
  s.add(bad);
  const std::string wide = text_of({}, s);
  EXPECT_NE(wide.find("seeds  outside   PASS  INDET   FAIL  ABORT  ERROR\n"), std::string::npos) << wide;
  for (const std::size_t columns : {93U, 60U, 40U}) {
    const std::string text = text_of({.columns = columns}, s);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), columns) << line;
    EXPECT_NE(text.find("    1 seed, 1 outside: 1 ERROR\n"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace penrig::cli
