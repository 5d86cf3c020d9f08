#include "reports/store/measured_values.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "reports/study/run_selection.hpp"
#include "reports/study/value_series.hpp"
#include "rig/measure/corrections.hpp"
#include "rig/spec/measurand.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::opened;
using testing::SampleEnd;
using testing::small_record;
using testing::stored;

std::vector<ValuesRun> runs_of(const std::filesystem::path& folder) { return runs_to_study(folder, {}).value(); }

TEST(MeasuredValues, AreThoseOfTheRunsThemselves) {
  ScratchDirectory folder;
  const auto store = opened(folder.path());
  std::vector<RunRecord> records{small_record(), small_record(SampleEnd::fail)};
  for (RunRecord& r : records) stored(*store, r);
  const MeasuredValues found = values_to_study(folder.path(), {}, runs_of(folder.path())).value();
  ASSERT_EQ(found.runs.size(), 2U);
  std::size_t values = 0, limits = 0;
  for (std::size_t r = 0; r < records.size(); ++r) {
    const RunRecord run = store->load_run(found.runs[r].run_id).value();
    // In the order of the run's list, measurand by measurand.
    std::map<std::string, unsigned> seen;
    for (std::size_t i = 0; i < run.outcome.measurements.size(); ++i) {
      const Measurement& m = run.outcome.measurements[i];
      if (const MeasurandInfo* info = find_measurand(m.measurand); info != nullptr && info->text) continue;
      ValuesKey key{m.measurand, m.unit, m.depth_mm, m.rate_per_min, m.link, 1};
      key.occurrence = ++seen[name_of(key)];
      const auto at = std::find_if(found.keys.begin(), found.keys.end(),
                                   [&](const ValuesKey& k) { return name_of(k) == name_of(key); });
      ASSERT_NE(at, found.keys.end()) << name_of(key);
      const auto& series = found.values[static_cast<std::size_t>(at - found.keys.begin())];
      const auto value = std::find_if(series.begin(), series.end(), [&](const MeasuredValue& v) { return v.run == r; });
      ASSERT_NE(value, series.end());
      if (!m.censored_high) {
        EXPECT_EQ(value->value, m.value);
      }
      ++values;
      Verdict verdict = Verdict::not_judged;
      for (const Decision& d : run.outcome.decisions)
        if (d.measurement == i) verdict = worst(verdict, d.verdict);
      EXPECT_EQ(value->verdict, verdict) << name_of(key);
      limits += value->lower || value->upper ? 1U : 0U;
    }
  }
  EXPECT_GT(values, 20U);
  EXPECT_GT(limits, 4U);
}

TEST(MeasuredValues, OfOneMeasurandAreTheSame) {
  ScratchDirectory folder;
  const auto store = opened(folder.path());
  RunRecord run = small_record();
  stored(*store, run);
  const MeasuredValues all = values_to_study(folder.path(), {}, runs_of(folder.path())).value();
  const MeasuredValues some = values_to_study(folder.path(), {}, runs_of(folder.path()), "penetration").value();
  ASSERT_FALSE(some.keys.empty());
  for (std::size_t k = 0; k < some.keys.size(); ++k) {
    EXPECT_EQ(some.keys[k].measurand, "penetration");
    const auto at = std::find_if(all.keys.begin(), all.keys.end(),
                                 [&](const ValuesKey& x) { return name_of(x) == name_of(some.keys[k]); });
    ASSERT_NE(at, all.keys.end());
    const auto& other = all.values[static_cast<std::size_t>(at - all.keys.begin())];
    ASSERT_EQ(other.size(), some.values[k].size());
    EXPECT_EQ(other.front().value, some.values[k].front().value);
    EXPECT_EQ(other.front().upper, some.values[k].front().upper);
  }
}

TEST(MeasuredValues, RefuseAFolderWithoutRecords) {
  ScratchDirectory folder;
  const auto refused = runs_to_study(folder.path(), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
}

TEST(MeasuredValues, TellRunsWithCorrectionsSwitchedOff) {
  ScratchDirectory folder;
  const auto store = opened(folder.path());
  WithoutCorrections without;
  for (const bool off : {false, true}) {
    if (off) without.add(CorrectionKind::temperature);
    RunRecord run = small_record();
    run.outcome.corrections = list_corrections({}, std::nullopt, without);
    stored(*store, run);
  }
  const std::vector<ValuesRun> runs = runs_of(folder.path());
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_FALSE(runs[0].uncorrected) << "not calibrated is not switched off";
  EXPECT_TRUE(runs[1].uncorrected);
}

TEST(ValueSeries, KeepsWhatIsKnownToBeBeyondALimitWithoutAValue) {
  MeasuredValues values;
  values.runs.resize(3);
  values.keys = {{"link_loss_stop", "ms", {}, {}, {}, 1}, {"depth_linearity", "mm", {}, {}, {}, 1}};
  // Censored and failed in two runs, not there in the third; and one that is nowhere measured or judged.
  values.values = {{{0, {}, 0, {}, 800, Verdict::fail}, {1, {}, 0, {}, 800, Verdict::fail}}, {{0, {}, 0, {}, {}}}};
  const std::vector<ValueSeries> all = series_of(values, GroupBy::none);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].missing, 3U);
  EXPECT_EQ(all[0].beyond, 2U);
  EXPECT_EQ(missing_text(all[0]), "3 of 3 without a value, 2 of them known to be beyond a limit");
}

TEST(ValueSeries, NamesTheNewestRunThatWasJudgedByOtherLimits) {
  MeasuredValues values;
  values.runs.resize(5);
  for (std::size_t i = 0; i < 5; ++i) values.runs[i].run_id = "R-00000" + std::to_string(i + 1);
  values.keys = {{"penetration", "mm", {}, {}, {}, 1}};
  const auto judged = [](std::size_t run, double upper) {
    return MeasuredValue{run, 1.0, 0, 0.5, upper, Verdict::pass};
  };
  // The third was not judged at all.
  values.values = {{judged(0, 1.1), judged(1, 1.2), {2, 1.0, 0, {}, {}}, judged(3, 1.5), judged(4, 1.5)}};
  const ValueSeries s = series_of(values, GroupBy::none).front();
  EXPECT_EQ(s.tolerance.upper, 1.5);
  EXPECT_EQ(s.note, "limits differ between runs; those of the newest count");
  const UnequalLimits found = unequal_limits(s).value();
  EXPECT_EQ(found.earlier, "R-000002");
  EXPECT_EQ(limits_text(found.of_earlier), "0.5 … 1.2");
  EXPECT_EQ(found.later, "R-000005");
  EXPECT_EQ(limits_text(found.of_later), "0.5 … 1.5");
  values.values = {{judged(0, 1.5), {2, 1.0, 0, {}, {}}, judged(4, 1.5)}};
  EXPECT_FALSE(unequal_limits(series_of(values, GroupBy::none).front()));
}

TEST(RunSelection, ReadsDemandsAndRuns) {
  const auto s = parse_selection("firmware=2.4.1,R-000002..R-000004,R-000009,since=2026-01-01", "BASE");
  ASSERT_TRUE(s.ok());
  ValuesRun run;
  run.firmware = "2.4.1";
  run.started_utc_ns = 1'800'000'000'000'000'000;
  for (const auto& [number, taken] : {std::pair{1, false}, {2, true}, {4, true}, {5, false}, {9, true}}) {
    run.number = number;
    EXPECT_EQ(s.value.takes(run), taken) << number;
  }
  run.firmware = "2.4.0";
  EXPECT_FALSE(s.value.takes(run));
}

TEST(RunSelection, ShowsWhatItCannotRead) {
  for (const auto& [text, message] : {std::pair{"firmwre=2", "unknown key 'firmwre' (did you mean 'firmware'?)"},
                                      {"since=2026-02-30", "'2026-02-30' is no day"},
                                      {"R-3..R-1", "names no runs"},
                                      {"firmware=", "firmware of what?"},
                                      {"verdict=PAS", "unknown verdict 'PAS' (did you mean PASS?)"},
                                      {"verdict=fail", "did you mean FAIL?"},
                                      {"verdict=good", "PASS, INDETERMINATE, FAIL, ABORTED, ERROR"},
                                      {"a,,b", "names no runs"}}) {
    const auto s = parse_selection(text, "BASE");
    ASSERT_FALSE(s.ok()) << text;
    EXPECT_NE(s.mistakes.front().message.find(message), std::string::npos) << s.mistakes.front().message;
    EXPECT_FALSE(render(s.mistakes.front(), false).empty());
  }
}

ValuesRun good_run(std::int64_t number) {
  ValuesRun r;
  r.number = number;
  r.plan_name = "eol";
  r.product_name = "pro";
  r.plan_revision = r.product_revision = 1;
  r.closed = true;
  r.verdict = Verdict::pass;
  return r;
}

TEST(SelectRuns, LeavesOutWhatCountsForNothingAndSaysSo) {
  std::vector<ValuesRun> runs{good_run(1), good_run(2), good_run(3), good_run(4), good_run(5)};
  runs[1].voided = true;
  runs[2].closed = false;
  runs[3].verdict = Verdict::error;
  runs[4].verdict = Verdict::fail;
  const auto s = select_runs(runs, {}, "BASE", false).value();
  EXPECT_EQ(s.runs.size(), 2U) << "a FAIL is a measured pen";
  EXPECT_EQ(s.left_out(), "1 void, 1 not finished, 1 in ERROR or ABORTED");
  runs[0].uncorrected = true;
  EXPECT_EQ(select_runs(runs, {}, "BASE", false).value().left_out(),
            "1 void, 1 not finished, 1 in ERROR or ABORTED, 1 with corrections switched off");
  EXPECT_EQ(select_runs(runs, {}, "BASE", false, true).value().runs.size(), 4U) << "a yield counts them";
}

TEST(SelectRuns, RefusesWhatIsNotOneThing) {
  std::vector<ValuesRun> runs{good_run(1), good_run(2)};
  const auto refusal = [&](bool mixed = false) {
    const auto s = select_runs(runs, {}, "BASE", mixed);
    return s ? std::string() : s.error().message;
  };
  EXPECT_EQ(refusal(), "");
  runs[1].plan_revision = 2;
  EXPECT_NE(refusal().find("plan_revision=1 (1 run), plan_revision=2 (1 run)"), std::string::npos) << refusal();
  EXPECT_EQ(refusal(true), "");
  runs[1].plan_name = "smoke";
  EXPECT_NE(refusal(true).find("several plans: eol (1 run), smoke (1 run)"), std::string::npos);
  runs[1] = good_run(2);
  runs[1].simulated = true;
  EXPECT_NE(refusal().find("simulated"), std::string::npos);
  runs.clear();
  EXPECT_EQ(refusal(), "BASE: no run matches the store");
}

}  // namespace
}  // namespace penrig
