#include <cmath>

#include <gtest/gtest.h>

#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::opened;
using testing::SampleEnd;
using testing::small_record;
using testing::stored;

constexpr std::int64_t kDay = 86'400'000'000'000;

/// A run with one measurement of each value, in one phase.
RunRecord run_with(const std::string& measurand, const std::vector<std::optional<double>>& values) {
  RunRecord run = small_record();
  run.outcome.measurements.clear();
  run.outcome.decisions.clear();
  run.outcome.deciding.reset();
  for (PhaseRecord& phase : run.phases) phase.measurements.clear();
  for (const auto& value : values) {
    Measurement m;
    m.measurand = measurand;
    m.unit = "mm";
    m.value = value;
    run.phases.front().measurements.push_back(m);
  }
  return run;
}

class Queries : public ::testing::Test {
 protected:
  std::string ids(const RunFilter& filter) const {
    std::string all;
    for (const RunRow& row : store_->list_runs(filter).value()) all += row.run_id.substr(6) + " ";
    return all;
  }
  std::string where(const std::string& condition) const {
    Loaded<Condition> loaded = parse_condition(condition, "--where");
    EXPECT_TRUE(loaded.ok()) << condition;
    RunFilter filter;
    filter.where = loaded.value;
    return ids(filter);
  }

  ScratchDirectory folder_;
  std::unique_ptr<RecordStore> store_ = opened(folder_.path());
};

TEST_F(Queries, FindRunsOfWhichAMeasurementFulfilsTheCondition) {
  for (RunRecord run : {run_with("penetration_error", {0.01, 0.06}),
                        run_with("penetration_error", {-0.2, std::nullopt}), run_with("peak_force", {1.5})})
    stored(*store_, run);
  EXPECT_EQ(where("penetration_error > 0.05"), "01 ");
  EXPECT_EQ(where("penetration_error > 60 µm"), "") << "not greater";
  EXPECT_EQ(where("penetration_error >= 60 µm"), "01 ");
  EXPECT_EQ(where("abs(penetration_error) > 0.05"), "01 02 ");
  EXPECT_EQ(where("not penetration_error > 0.05"), "02 03 ") << "nor where it was not measured";
  EXPECT_EQ(where("penetration_error > 0.05 or peak_force = 1.5"), "01 03 ");
  EXPECT_EQ(where("penetration_error > 0.05 and peak_force = 1.5"), "");
  EXPECT_EQ(where("penetration_error < 0.05 and penetration_error > 0.05"), "01 ");
}

TEST_F(Queries, FindANegativeZeroWhichSqliteDoesNotKeep) {
  for (RunRecord run : {run_with("penetration_error", {-0.0}), run_with("penetration_error", {std::nan("")})})
    stored(*store_, run);
  EXPECT_EQ(where("penetration_error <= 0"), "01 ");
  EXPECT_EQ(where("penetration_error = 0"), "01 ");
  EXPECT_EQ(where("penetration_error > -1"), "01 ");
  EXPECT_EQ(where("penetration_error != 0"), "");
  EXPECT_EQ(where("penetration_error > 0"), "");
}

TEST_F(Queries, FindTexts) {
  RunRecord run = run_with("firmware", {std::nullopt});
  run.phases.front().measurements.front().text_value = "2.4.1";
  stored(*store_, run);
  EXPECT_EQ(where("firmware = '2.4.1'"), "01 ");
  EXPECT_EQ(where("firmware != '2.4.1'"), "");
}

TEST_F(Queries, FindBySlotFirmwareAndDay) {
  RunRecord first = small_record(), second = small_record();
  first.header.started_utc_ns = 10 * kDay;
  first.header.slot = "left";
  first.outcome.pen->firmware = "1.0";
  second.header.started_utc_ns = 11 * kDay;
  second.header.slot = "right";
  second.outcome.pen->firmware = "1.1";
  stored(*store_, first);
  stored(*store_, second);
  EXPECT_EQ(ids({.slot = "left"}), "01 ");
  EXPECT_EQ(ids({.firmware = "1.1"}), "02 ");
  EXPECT_EQ(ids({.since_utc_ns = 11 * kDay}), "02 ");
  EXPECT_EQ(ids({.before_utc_ns = 11 * kDay}), "01 ");
  EXPECT_EQ(ids({.firmware = "1.1", .slot = "left"}), "");
  EXPECT_EQ(store_->list_runs().value()[1].firmware, "1.1");
}

TEST_F(Queries, FindByRigAndOnlyThoseAtABench) {
  RunRecord first = small_record(), second = small_record(), third = small_record();
  first.header.rig_name = second.header.rig_name = "left bench";
  third.header.rig_name = "right bench";
  first.header.simulation = third.header.simulation = "";
  second.header.simulation = "sim:seed=1";
  for (RunRecord* const run : {&first, &second, &third}) stored(*store_, *run);
  EXPECT_EQ(ids({.rig_name = "left bench"}), "01 02 ");
  EXPECT_EQ(ids({.at_a_bench = true}), "01 03 ");
  EXPECT_EQ(ids({.rig_name = "left bench", .at_a_bench = true}), "01 ");
}

TEST_F(Queries, FindInterruptedRunsWhetherSomebodyClosedThemOrNot) {
  RunRecord whole = small_record(), error = small_record(SampleEnd::error), open = small_record(SampleEnd::interrupted);
  stored(*store_, whole);
  stored(*store_, error);
  stored(*opened(folder_.path()), open);
  EXPECT_EQ(ids({.interrupted = true}), "03 ");
  store_->close_interrupted(kDay).value();
  EXPECT_EQ(ids({.interrupted = true}), "03 ");
  EXPECT_EQ(ids({.verdict = Verdict::error}), "02 03 ");
}

TEST_F(Queries, ShowWhatWasMeasuredBesideEachRun) {
  for (RunRecord run : {run_with("penetration_error", {0.01, -0.06, std::nullopt}), run_with("peak_force", {1.5}),
                        run_with("penetration_error", {-0.0})})
    stored(*store_, run);
  RunFilter filter;
  filter.measurand = "penetration_error";
  const std::vector<RunRow> rows = store_->list_runs(filter).value();
  ASSERT_EQ(rows.size(), 3U);
  ASSERT_TRUE(rows[0].measured.has_value());
  EXPECT_EQ(rows[0].measured->n, 3U);
  EXPECT_EQ(rows[0].measured->least, -0.06);
  EXPECT_EQ(rows[0].measured->greatest, 0.01);
  EXPECT_FALSE(rows[1].measured.has_value());
  EXPECT_EQ(rows[2].measured->greatest, 0.0);
}

TEST_F(Queries, LookMeasurementsUpInAnIndex) {
  RunFilter filter;
  filter.where = parse_condition("penetration_error > 0.05 or abs(peak_force) < 1", "--where").value;
  filter.measurand = "penetration_error";
  filter.serial_number = "PRO-0001";
  int by_index = 0;
  for (const std::string& step : store_->plan_of_list(filter).value()) {
    if (step.find("measurements") == std::string::npos) continue;
    EXPECT_NE(step.find("SEARCH measurements USING"), std::string::npos) << step;
    EXPECT_NE(step.find("measurements_by_value"), std::string::npos) << step;
    ++by_index;
  }
  EXPECT_GE(by_index, 3);
}

TEST_F(Queries, LookSerialNumbersUpInAnIndex) {
  RunFilter filter;
  filter.serial_number = "PRO-0001";
  bool found = false;
  for (const std::string& step : store_->plan_of_list(filter).value())
    found = found || step.find("SEARCH runs USING INDEX runs_by_serial") != std::string::npos;
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace penrig
