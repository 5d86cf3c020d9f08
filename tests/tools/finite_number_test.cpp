#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;

/// Commands, and those of their options that take a floating-point number.
struct Numbers {
  std::vector<std::string> command, options;
};

std::vector<Numbers> all_numbers() {
  return {{{"capability", "--csv", "t.csv"}, {"--lower", "--upper", "--least", "--reading-u", "--reading-nu"}},
          {{"spc", "--csv", "t.csv"}, {"--lower", "--upper", "--lambda", "--width", "--allowance", "--decision"}},
          {{"compare", "a.csv", "b.csv"}, {"--lower", "--upper", "--margin-percent", "--margin"}},
          {{"yield"}, {"--least"}},
          {{"study", "stability", "--csv", "t.csv"}, {"--lower", "--upper"}},
          {{"study", "grr", "--csv", "t.csv"}, {"--tolerance", "--accept"}},
          {{"study", "type1", "--csv", "t.csv"}, {"--reference", "--tolerance", "--least"}},
          {{"study", "size"},
           {"--difference", "--margin", "--sd", "--power", "--share", "--confidence", "--factor", "--good", "--bad",
            "--alpha", "--beta"}},
          {{"calibrate", "load-cell"}, {"--temperature-c", "--humidity-percent", "--read-s", "--at"}},
          {{"calibrate", "time-base"}, {"--duration-s", "--tick-hz"}},
          {{"calibrate", "tilt"}, {"--span-mm"}},
          {{"analyze", "c.csv"},
           {"--surface-mm", "--delay-us", "--frame-um-per-n", "--cell-hz", "--cell-damping", "--rate-hz"}}};
}

TEST(FiniteNumber, IsWhatEveryOptionNeedsThatTakesANumber) {
  for (const auto& [command, options] : all_numbers()) {
    for (const std::string& option : options) {
      for (const char* value : {"nan", "NaN", "inf", "1e999"}) {
        std::vector<std::string> line = command;
        line.insert(line.end(), {option, value});
        const Said said = run_line(line);
        EXPECT_EQ(said.code, 4) << command.front() << ' ' << option << ' ' << value;
        EXPECT_THAT(said.err, HasSubstr(option + ": needs a finite number")) << command.front() << ' ' << value;
      }
    }
  }
}

TEST(FiniteNumber, IsEachOfAList) {
  EXPECT_THAT(run_line({"calibrate", "load-cell", "--at", "0,0.5,nan"}).err, HasSubstr("--at: needs a finite number"));
}

TEST(FiniteNumber, HasItsRangeAsBefore) {
  EXPECT_EQ(run_line({"study", "size", "--difference", "1", "--sd", "1", "--power", "0.5"}).code, 0)
      << "its end is in it";
  for (const char* share : {"49.9", "100", "most"}) {
    const Said said = run_line({"study", "size", "--share", share});
    EXPECT_EQ(said.code, 4) << share;
    EXPECT_THAT(said.err, HasSubstr("not in range")) << share;
  }
  EXPECT_EQ(run_line({"study", "size", "--difference", "much"}).code, 4) << "no number at all";
}

}  // namespace
}  // namespace penrig::cli
