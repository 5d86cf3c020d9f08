#include "tools/penrig/recompute_command.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "reports/digest.hpp"
#include "reports/scratch_directory.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;

std::string one_run_in(const ScratchDirectory& folder) {
  const std::string records = (folder.path() / "records").string();
  const Said run = run_line({"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number",
                             "PRO-0001", "--no-report", "--records", records});
  EXPECT_EQ(run.code, 0) << run.both();
  return records;
}

TEST(RecomputeCommand, OfASelectionWithNoRunOfTheProductIsAMistake) {
  const ScratchDirectory folder;
  const std::string records = one_run_in(folder);
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  const auto judged_by = [&](const char* product) {
    return run_line({"recompute", "--all", "--records", records, "--product",
                     std::string(PENRIG_SOURCE_DIR "/fixtures/products/") + product});
  };
  const Said others = judged_by("pen-home.yaml"), its_own = judged_by("pen-pro.yaml");
  spdlog::set_default_logger(before);
  EXPECT_EQ(others.code, 4) << others.both();
  EXPECT_THAT(others.err, HasSubstr("no selected run is of a pen-home (1 run, of pen-pro)"));
  EXPECT_EQ(its_own.code, 0) << its_own.both();
}

// The program of that day took it; no serial number is held against it again.
TEST(RecomputeCommand, ReadsARecordedProductWhoseSerialPatternIsRefusedToday) {
  const ScratchDirectory folder;
  const std::string records = one_run_in(folder);
  penrig::testing::Sqlite sqlite(records);
  const std::string its_own = " WHERE id = (SELECT document FROM run_documents WHERE kind = 'product')";
  const std::string pattern = "PRO-[0-9]{4,6}", refused = "PRO-(?=[0-9])[0-9]+";
  std::string product = sqlite.first("SELECT bytes FROM documents" + its_own);
  ASSERT_NE(product.find(pattern), std::string::npos);
  product.replace(product.find(pattern), pattern.size(), refused);
  const std::string bytes = "CAST(replace(CAST(bytes AS TEXT), '" + pattern + "', '" + refused + "') AS BLOB)";
  ASSERT_EQ(sqlite.run("DROP TRIGGER documents_no_update; UPDATE documents SET sha256 = '" + sha256_hex(product) +
                       "', bytes = " + bytes + its_own),
            "");
  const Said again = run_line({"recompute", "R-000001", "--records", records});
  EXPECT_EQ(again.code, 0) << again.both();
}

}  // namespace
}  // namespace penrig::cli
