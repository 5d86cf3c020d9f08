#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/calibration_json.hpp"
#include "reports/digest.hpp"
#include "reports/html_report.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "rig/spec/civil_date.hpp"
#include "tests/reports/old_store.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::opened;
using testing::small_record;
using testing::Sqlite;
using testing::write_old_store;

Calibration sample_calibration() {
  Calibration c;
  c.target = "load-cell";
  c.factor = "force_n_per_count";
  c.unit = "N/count";
  c.fixture_id = "BENCH-2";
  c.date = *parse_date("2026-02-10");
  c.due = *parse_date("2027-02-09");
  c.operator_name = "A. Meier";
  c.standards = {{"REF-LC-7", "PTB 51042/26", 2e-4, true, ""}, {"W-3", "DKD 7", std::nullopt, false, "force_n"}};
  c.temperature_c = 21.4;
  c.note = "with <b> and \"quotes\"";
  c.points_name = "cell.csv";
  c.points.columns = {"force_n", "reading_counts"};
  for (int i = 0; i < 12; ++i) {
    if (i == 0) c.points.values.resize(2);
    c.points.values[0].push_back(i / 3.0);
    c.points.values[1].push_back(std::round(5000 * i / 3.0 + (i % 3 - 1) * 2));
    c.points.direction.push_back(i % 2 == 0 ? 1 : -1);
  }
  EvaluationInput input;
  input.standards = {{"REF-LC-7", "PTB 51042/26", 2e-4, true, ""}};
  c.evaluation = evaluate(*find_target("load-cell"), c.points, input).value();
  c.software_version = "0.1.0";
  c.software_commit = "abc";
  c.filed_utc_ns = 1'770'700'000'000'000'000;
  return c;
}

TEST(CalibrationStore, GivesBackEveryFieldToTheBit) {
  const ScratchDirectory folder;
  Calibration c = sample_calibration();
  c.evaluation.nu = std::numeric_limits<double>::infinity();
  c.evaluation.residuals[0] = -0.0;
  c.evaluation.budget.push_back(
      {"reference", false, "normal", 2e-9, 7, "N", 49.99999999999999, -0.0, -4e-11, "REF-LC-7 \xC2\xB5"});
  c.id = opened(folder.path())->file_calibration(c).value();
  EXPECT_EQ(c.id, "C-000001");
  const auto store = RecordStore::open_existing(folder.path()).value();
  EXPECT_EQ(calibration_json_text(store->load_calibration("C-000001").value()), calibration_json_text(c));
  ASSERT_EQ(store->list_calibrations().value().size(), 1U);
  EXPECT_EQ(store->list_calibrations().value()[0].evaluation.value, c.evaluation.value);
  EXPECT_EQ(*store->list_calibrations().value()[0].evaluation.u, *c.evaluation.u);
  const BudgetLine line = store->list_calibrations().value()[0].evaluation.budget.back();
  EXPECT_EQ(line.value, 49.99999999999999);
  EXPECT_TRUE(std::signbit(line.u_input));
  EXPECT_EQ(line.cause, "REF-LC-7 µ");
}

TEST(CalibrationStore, KeepsTheAbsenceOfAnUncertainty) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  Calibration c = sample_calibration();
  c.evaluation.u.reset();
  store->file_calibration(c).value();
  EXPECT_FALSE(store->list_calibrations().value()[0].evaluation.u);
}

TEST(CalibrationStore, IsAppendOnly) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  store->file_calibration(sample_calibration()).value();
  Sqlite other(folder.path());
  EXPECT_NE(other.run("UPDATE calibrations SET due = '2099-01-01'"), "");
  EXPECT_NE(other.run("DELETE FROM calibrations"), "");
  EXPECT_NE(other.run("INSERT OR REPLACE INTO calibrations SELECT * FROM calibrations"), "");
  EXPECT_EQ(store->file_calibration(sample_calibration()).value(), "C-000002");
}

TEST(CalibrationStore, NoticesWhatWasChangedBehindItsBack) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  store->file_calibration(sample_calibration()).value();
  ASSERT_EQ(Sqlite(folder.path())
                .run("DROP TRIGGER calibrations_no_update; UPDATE calibrations SET bytes = CAST(replace(CAST(bytes AS "
                     "TEXT), '2027-02-09', '2037-02-09') AS BLOB)"),
            "");
  const auto all = store->list_calibrations();
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Errc::bad_data);
  EXPECT_NE(all.error().message.find("C-000001"), std::string::npos) << all.error().message;
}

TEST(CalibrationStore, SaysWhichOnesThereAre) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  EXPECT_EQ(store->load_calibration("C-000001").error().code, Errc::usage);
  store->file_calibration(sample_calibration()).value();
  EXPECT_NE(store->load_calibration("C-7").error().message.find("the newest is C-000001"), std::string::npos);
}

TEST(CalibrationJson, RefusesWhatIsNone) {
  for (const char* text : {"", "{}", "[]", "{\"format\":\"penrig-record\"}", "{\"format\":\"penrig-calibration\"}"}) {
    const auto c = calibration_of(text);
    ASSERT_FALSE(c) << text;
    EXPECT_EQ(c.error().code, Errc::bad_data);
  }
  std::string text = calibration_json_text(sample_calibration());
  text.replace(text.find("2027-02-09"), 10, "2027-02-30");
  EXPECT_FALSE(calibration_of(text));
}

TEST(CalibrationJson, RefusesANumberThatNoIntegerHolds) {
  Calibration c = sample_calibration();
  c.filed_utc_ns = 1'795'688'888'000'000'000;
  const std::string text = calibration_json_text(c);
  ASSERT_TRUE(calibration_of(text));
  for (const char* other : {"17956888888880000000", "1.8e45", "1.5", "\"1\"", "null"}) {
    std::string changed = text;
    changed.replace(changed.find("1795688888000000000"), 19, other);
    const auto read = calibration_of(changed);
    ASSERT_FALSE(read) << other;
    EXPECT_NE(read.error().message.find("integer from -9223372036854775808"), std::string::npos)
        << read.error().message;
  }
}

TEST(CalibrationInRecord, StandsInJsonAndReport) {
  RunRecord run = small_record();
  Calibration c = sample_calibration();
  c.id = "C-000042";
  SourceDocument document;
  document.kind = "calibration";
  document.name = "C-000042 load-cell";
  document.bytes = calibration_json_text(c);
  document.sha256 = sha256_hex(document.bytes);
  run.header.documents.push_back(document);
  const auto json = record_json(run).at("header").at("calibrations");
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0].at("id"), "C-000042");
  EXPECT_EQ(json[0].at("value").get<double>(), c.evaluation.value);
  const std::string html = html_report(run);
  EXPECT_NE(html.find("Filed calibrations that the run measured with"), std::string::npos);
  EXPECT_NE(html.find("C-000042"), std::string::npos);
  EXPECT_TRUE(record_json(small_record()).at("header").at("calibrations").empty());
  EXPECT_EQ(html_report(small_record()).find("Filed calibrations"), std::string::npos);
}

TEST(StoreVersion2, HasNoCalibrationsAndTakesOneWhenItIsMigrated) {
  const ScratchDirectory folder;
  write_old_store(folder.path(), 2);
  EXPECT_TRUE(RecordStore::open_existing(folder.path()).value()->list_calibrations().value().empty());
  const auto store = opened(folder.path());
  EXPECT_EQ(Sqlite(folder.path()).first("SELECT group_concat(name) FROM spots_taken"), "A3");
  EXPECT_EQ(store->file_calibration(sample_calibration()).value(), "C-000001");
}

}  // namespace
}  // namespace penrig
