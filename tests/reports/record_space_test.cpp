#include "reports/store/record_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "tests/reports/file_bytes.hpp"
#include "tests/reports/scratch_store.hpp"

namespace penrig {
namespace {

using testing::bytes_in;
using testing::opened;
using testing::sample_record;
using testing::Sqlite;
using testing::stored;
using Json = nlohmann::ordered_json;

constexpr RunSize kSmall{.planned_s = 6, .sample_rate_hz = 50'000, .settings = 1, .decisions = 7};

TEST(RecordSpace, IsThereForASmallRun) {
  const ScratchDirectory folder;
  EXPECT_TRUE(opened(folder.path())->check_space(kSmall).has_value());
}

TEST(RecordSpace, IsRefusedWithFiguresWhereTheDiskHasLess) {
  const ScratchDirectory folder;
  RunSize size = kSmall;
  size.planned_s = 1e9;
  const auto refused = opened(folder.path())->check_space(size);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::no_space);
  for (const char* part : {"this run needs 49500", " MB of waveforms", "and the disk has ", "penrig records archive"})
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << part << "\n" << refused.error().message;
}

TEST(RecordSpace, HasNoRunWhoseSizeIsNoNumber) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1.0}) {
    RunSize size = kSmall;
    size.planned_s = odd;
    EXPECT_FALSE(store->check_space(size).has_value()) << odd;
  }
}

TEST(RecordSpace, IsRefusedWhereTheQuotaOfTheDatabaseHasLess) {
  const ScratchDirectory folder;
  const auto refused = opened(folder.path(), {.file_max_kib = 600})->check_space(kSmall);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::no_space);
  EXPECT_NE(refused.error().message.find("the file may grow by"), std::string::npos) << refused.error().message;
}

TEST(RecordSpace, IsRefusedWhereFilesMayNotGrowThatLarge) {
  const ScratchDirectory folder;
  const auto store = opened(folder.path());
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 600 << 10;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto refused = store->check_space(kSmall);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("the limit of this process for files"), std::string::npos);
}

TEST(RecordSpace, IsMoreThanTheRowsOfARunTake) {
  const ScratchDirectory folder;
  RunRecord run = sample_record();
  stored(*opened(folder.path()), run);
  RunSize size = kSmall;
  size.settings = run.header.settings_planned;
  size.decisions = run.outcome.decisions.size();
  const auto taken = std::filesystem::file_size(folder.path() / "records.db");
  EXPECT_LT(taken, space_of(size, WaveformForm::flac).rows);
  EXPECT_GT(taken, space_of(size, WaveformForm::flac).rows / 20) << "far too careful";
}

TEST(BudgetInTheStore, IsWrittenAsTheJsonLibraryWouldWriteIt) {
  const ScratchDirectory folder;
  RunRecord run = testing::small_record();
  const auto phase = std::ranges::find_if(run.phases, [](const PhaseRecord& p) { return !p.measurements.empty(); });
  ASSERT_NE(phase, run.phases.end());
  Measurement& m = phase->measurements.front();
  m.budget.clear();
  m.budget.push_back({"plain source", true, "normal", 1.25e-4, 0, "µm/N", 1, -0.0, 1e-300, ""});
  m.budget.push_back({"quote \" and \\ and \x01", false, "", 1e22, 123456789.123, "mm", 0.1, 5e-324,
                      std::numeric_limits<double>::infinity(), "\xFF no UTF-8 é"});
  m.budget.push_back({"only \"", true, "\\", 1, 2, "\x7F", 3, 4, 5, "tab\t"});
  stored(*opened(folder.path()), run);
  Json expected = Json::array();
  const auto number = [](double v) { return std::isfinite(v) ? Json(v) : Json("bits:7ff0000000000000"); };
  for (const BudgetLine& l : m.budget) {
    expected.push_back({l.source, l.type_a ? "A" : "B", l.distribution, number(l.u), number(l.nu), l.unit,
                        number(l.value), number(l.u_input), number(l.sensitivity), l.cause});
  }
  Sqlite db(folder.path());
  const std::string lines = db.first("SELECT budget_lines_json FROM phases WHERE budget_lines_json <> '[]' LIMIT 1");
  const std::string wanted = expected.dump(-1, ' ', false, Json::error_handler_t::replace);
  EXPECT_EQ(lines.substr(0, wanted.size() - 1), wanted.substr(0, wanted.size() - 1)) << "other budgets' lines follow";
  EXPECT_EQ(db.first("SELECT budget_json FROM measurements ORDER BY id LIMIT 1"), "[0,1,2]");
}

}  // namespace
}  // namespace penrig
