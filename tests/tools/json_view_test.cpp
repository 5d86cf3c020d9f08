#include "tools/penrig/json_view.hpp"

#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/tools/json_lines.hpp"
#include "tests/tools/sample_outcome.hpp"

namespace penrig::cli {
namespace {

RunEnd end_of(const RunResult& result) {
  return {result, "PRO-000123", "records", 0, "records/R-000391/report.html", ""};
}

TEST(JsonView, SaysWhyARunDidNotBegin) {
  std::ostringstream out;
  write_refused_json(out, "rig 'bench' is held by another penrig");
  const auto lines = json_lines(out.str());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["event"], "refused");
  EXPECT_EQ(lines[0]["message"], "rig 'bench' is held by another penrig");
}

TEST(JsonView, WritesOneObjectALine) {
  const auto timeline = make_virtual_timeline();
  std::ostringstream out;
  JsonView view(out, *timeline);
  const RunResult result = stored(passing_outcome());
  view.progress({0.5, 10, "here", 1, 2});
  view.event({1.5, "retry", "again\nand again", std::nullopt});
  view.end(end_of(result));
  const auto lines = json_lines(out.str());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0]["event"], "progress");
  EXPECT_EQ(lines[2]["event"], "result");
  EXPECT_EQ(lines[2]["verdict"], "PASS");
  EXPECT_EQ(lines[2]["decisions"].size(), result.outcome.decisions.size());
}

TEST(JsonView, SaysWhatADecisionRisksWhereThereIsADistribution) {
  const auto timeline = make_virtual_timeline();
  std::ostringstream out;
  JsonView view(out, *timeline);
  RunResult result = stored(passing_outcome());
  result.outcome.decisions[1].conformity = 0.9998123456;
  result.outcome.decisions[1].false_acceptance_max = 0.02275013195;
  view.end(end_of(result));
  const auto decisions = json_lines(out.str())[0]["decisions"];
  EXPECT_EQ(decisions[1]["conformity"], 0.9998123456);
  EXPECT_EQ(decisions[1]["false_acceptance_max"], 0.02275013195);
  EXPECT_FALSE(decisions[0].contains("conformity"));
  EXPECT_FALSE(decisions[0].contains("false_acceptance_max"));
}

TEST(JsonView, SaysProgressAtMostFiveTimesASecond) {
  const auto timeline = make_virtual_timeline();
  std::ostringstream out;
  JsonView view(out, *timeline);
  timeline->run([](Timeline& line, JsonView& v) -> Awaitable<int> {
    for (int i = 0; i < 200; ++i) {
      v.progress({0.5, 10, "here", 1, 2});
      co_await line.sleep_for(std::chrono::milliseconds{10});
    }
    co_return 0;
  }(*timeline, view));
  EXPECT_EQ(json_lines(out.str()).size(), 10U);
}

TEST(JsonView, NeverSaysPassWithoutADurableRecord) {
  const auto timeline = make_virtual_timeline();
  std::ostringstream out;
  JsonView view(out, *timeline);
  RunResult result = stored(passing_outcome());
  result.record_durable = false;
  result.record_error = "disk full";
  view.end(end_of(result));
  EXPECT_EQ(out.str().find("PASS"), std::string::npos) << out.str();
  EXPECT_EQ(json_lines(out.str())[0]["verdict"], "ERROR");
}

TEST(JsonView, StaysJsonWhateverADeviceSays) {
  const auto timeline = make_virtual_timeline();
  std::ostringstream out;
  JsonView view(out, *timeline);
  PenIdentity pen;
  pen.serial_number = "\xff\xfe\"\n\x01";
  view.connected(pen, {});
  RunResult result = stored(passing_outcome());
  result.outcome.measurements[0].value = std::numeric_limits<double>::quiet_NaN();
  result.outcome.decisions[0].used = std::numeric_limits<double>::infinity();
  view.end(end_of(result));
  const auto lines = json_lines(out.str());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1]["decisions"][0]["value"], "NaN");
}

}  // namespace
}  // namespace penrig::cli
