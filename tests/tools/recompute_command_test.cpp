#include "tools/penrig/recompute_command.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "reports/scratch_directory.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;

TEST(RecomputeCommand, OfASelectionWithNoRunOfTheProductIsAMistake) {
  const ScratchDirectory folder;
  const std::string records = (folder.path() / "records").string();
  ASSERT_EQ(run_line({"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number",
                      "PRO-0001", "--no-report", "--records", records})
                .code,
            0);
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

}  // namespace
}  // namespace penrig::cli
