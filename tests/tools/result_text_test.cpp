#include "tools/penrig/result_text.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "tests/tools/golden_text.hpp"
#include "tests/tools/sample_outcome.hpp"

namespace penrig::cli {
namespace {

constexpr std::int64_t kOnDisk = 1'795'167'720'417'000'000;  // 2026-11-20T09:42:00.417Z

std::string text_of(const RunResult& result, const TerminalStyle& style,
                    const std::vector<DeepestStroke>& deepest = {}) {
  const RunEnd end{result, "PRO-000123", "records", kOnDisk, "records/R-000391/report.html", ""};
  std::string text;
  for (const Line& line : result_text(style, end, deepest)) text += render(style, line);
  return text;
}

const std::vector<DeepestStroke> kDeepest{{2.5, 9000, 2.6596, 0.0059}};

TEST(ResultText, SaysPassAsTheTargetPictureDoes) {
  expect_golden("pass_128.txt", text_of(stored(passing_outcome()), {}));
}

TEST(ResultText, ColoursOnlyVerdicts) {
  expect_golden("fail_colour.txt", text_of(stored(failing_outcome()), {.rewrites = true, .colour = true}, kDeepest));
}

TEST(ResultText, NamesTheStrokesThatFailed) {
  expect_golden("fail_128.txt", text_of(stored(failing_outcome()), {}, kDeepest));
}

TEST(ResultText, TellsStrokesBeyondALimitAsTheRecordDoesWhereverTheirMeanLies) {
  RunOutcome outcome = failing_outcome();
  outcome.measurements[0].value = 2.4994;  // on the side of the limit that no stroke is beyond
  outcome.measurements[0].n = 149;         // those of the interval: fewer than all that were seen
  const std::string text = text_of(stored(outcome), {.ascii = true});
  EXPECT_NE(text.find("    3 of 150 strokes beyond 2.5 +- 0.150 by more than their U; the farthest 2.6596 mm\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("strokes beyond 2.3500"), std::string::npos) << text;
}

TEST(ResultText, QualifiesANumberAsTheTableDoes) {
  RunOutcome outcome = passing_outcome();
  outcome.deciding = 3;  // a jitter and its interval, which is no ± U
  EXPECT_NE(text_of(stored(outcome), {}).find("\n    23.4 (21.0 … 26.4) µs, limit ≤ 100 µs"), std::string::npos);
  outcome.deciding = 4;
  outcome.measurements[4].censored_high = true;
  const std::string text = text_of(stored(outcome), {});
  EXPECT_NE(text.find("\n    ≥ 21.0 ms, limit ≤ 200 ms"), std::string::npos) << text;
}

TEST(ResultText, SaysTheSameInAscii) {
  const std::string text = text_of(stored(failing_outcome()), {.ascii = true}, kDeepest);
  for (const char c : text) EXPECT_LT(static_cast<unsigned char>(c), 0x80);
  expect_golden("fail_ascii.txt", text);
}

TEST(ResultText, FitsNarrowTerminals) {
  const std::string text = text_of(stored(failing_outcome()), {.columns = 80}, kDeepest);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), 80U) << line;
  expect_golden("fail_80.txt", text);
}

TEST(ResultText, DrawsNothingThatWouldWrap) {
  for (const std::size_t columns : {70U, 60U}) {
    const std::string text = text_of(stored(failing_outcome()), {.columns = columns});
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool of_table_or_picture = line.starts_with("  ");
      EXPECT_TRUE(!of_table_or_picture || width(line) <= columns) << line;
    }
  }
}

TEST(ResultText, SaysHowLikelyAnUndecidedOneConforms) {
  RunOutcome outcome;
  outcome.verdict = Verdict::indeterminate;
  Decision& d = decide_sample(outcome, measured("stop_latency", "ms", 2.5, 9000, 95, 10), "S1", "stop latency",
                              Verdict::indeterminate, 1.05, "≤ 100", std::nullopt, 100);
  d.reason = "95 ms lies nearer to a limit of ≤ 100 than its uncertainty";
  d.conformity = 0.8413447461;
  Decision& other = decide_sample(outcome, measured("stop_latency", "ms", 2.0, 9000, 108, 10), "S1", "stop latency",
                                  Verdict::indeterminate, 1.02, "≤ 100", std::nullopt, 100);
  other.reason = "108 ms lies nearer to it too";
  other.conformity = 0.0547992917;
  outcome.deciding = 0;
  const std::string text = text_of(stored(outcome), {.ascii = true});
  EXPECT_NE(text.find("than its uncertainty; 84.1 % likely to conform"), std::string::npos) << text;
  EXPECT_NE(text.find("it too; 5.48 % likely to conform"), std::string::npos) << text;
  outcome.decisions[0].verdict = outcome.decisions[1].verdict = Verdict::pass;
  EXPECT_EQ(text_of(stored(outcome), {}).find("likely"), std::string::npos) << "what passed needs no weighing";
}

TEST(ResultText, GivesTheReasonOfAnError) {
  RunOutcome outcome;
  outcome.verdict = Verdict::error;
  outcome.reason = "2.5 mm at 9000/min: the encoder stood still while the pen said that it ran (stuck encoder?)";
  outcome.safe_state_confirmed = true;
  expect_golden("error_128.txt", text_of(stored(outcome), {}));
}

TEST(ResultText, SaysThatAnAbortedRunLeftARecord) {
  RunOutcome outcome;
  outcome.verdict = Verdict::aborted;
  outcome.reason = "SIGINT";
  outcome.safe_state_confirmed = true;
  expect_golden("aborted_80.txt", text_of(stored(outcome), {.columns = 80}));
}

TEST(ResultText, ShowsNoTableOfWhatWasNotMeasured) {
  RunOutcome outcome = passing_outcome();
  outcome.verdict = Verdict::aborted;
  outcome.reason = "stopped by SIGINT";
  for (std::size_t i = 0; i < outcome.decisions.size(); ++i) {
    if (i == 3) continue;
    outcome.measurements[i].value.reset();
    outcome.measurements[i].text_value.clear();
    outcome.decisions[i].verdict = Verdict::error;
    outcome.decisions[i].reason = "not measured";
  }
  const std::string text = text_of(stored(outcome), {});
  EXPECT_EQ(text.find("not measured"), std::string::npos) << text;
  EXPECT_NE(text.find("1 of 9 decisions had been measured by then; the report has them"), std::string::npos) << text;
}

TEST(ResultText, PointsToNoReportForWhatWasNotMeasured) {
  RunOutcome outcome;
  outcome.verdict = Verdict::error;
  outcome.reason = "no pen answers";
  outcome.decisions.resize(2);
  outcome.measurements.resize(1);
  const std::string text = text_of(stored(outcome), {});
  EXPECT_NE(text.find("0 of 2 decisions had been measured by then\n"), std::string::npos) << text;
}

TEST(ResultText, NeverSaysPassWithoutADurableRecord) {
  RunResult result = stored(passing_outcome());
  result.record_durable = false;
  result.record_error = "records/records.db: the disk is full";
  const std::string text = text_of(result, {});
  EXPECT_EQ(text.find("PASS"), std::string::npos) << text;
  EXPECT_NE(text.find("ERROR"), std::string::npos);
  EXPECT_NE(text.find("the disk is full"), std::string::npos);
}

TEST(ResultText, WarnsWhereTheSafeStateIsNotConfirmed) {
  RunOutcome outcome = passing_outcome();
  outcome.safe_state_confirmed = false;
  EXPECT_NE(text_of(stored(outcome), {}).find("safe state NOT confirmed"), std::string::npos);
}

TEST(ResultText, ShowsNoControlCharactersOfADevice) {
  RunOutcome outcome;
  outcome.verdict = Verdict::error;
  outcome.reason = "the pen says '\x1b[2J\x07' of itself";
  const std::string text = text_of(stored(outcome), {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(ResultText, SurvivesNumbersThatAreNone) {
  RunOutcome outcome = passing_outcome();
  outcome.measurements[0].value = std::numeric_limits<double>::quiet_NaN();
  outcome.decisions[0].used = std::numeric_limits<double>::infinity();
  outcome.decisions[0].verdict = Verdict::error;
  outcome.decisions[0].reason = "no finite value";
  outcome.verdict = Verdict::error;
  const std::string text = text_of(stored(outcome), {});
  EXPECT_NE(text.find("NaN"), std::string::npos);
  EXPECT_NE(text.find("no finite value"), std::string::npos);
}

}  // namespace
}  // namespace penrig::cli
