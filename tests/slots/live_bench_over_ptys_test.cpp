#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/scratch_directory.hpp"
#include "tests/system/program.hpp"

namespace penrig {
namespace {

using test::Finished;
using test::Program;
using test::run_program;
using Json = nlohmann::json;

TEST(LiveBenchOverPtys, TakesWhatEverySlotStreamsIntoRecordsThatVerify) {
  for (const std::string waveforms : {"raw", "flac"}) {
    const ScratchDirectory folder;
    const Finished live =
        run_program({"bench", "live", "--slots", "3", "--rate", "20000", "--seconds", "2", "--block-samples", "512",
                     "--waveforms", waveforms, "--records", "records", "--json"},
                    folder.path());
    ASSERT_EQ(live.exit_code, 0) << live.out << live.err;
    const Json told = Json::parse(live.out);
    EXPECT_TRUE(told.at("whole"));
    EXPECT_EQ(told.at("gaps"), 0);
    // 79 blocks of 512 are the first that last 2 s.
    EXPECT_EQ(told.at("samples"), 3 * 2 * 79 * 512);
    ASSERT_EQ(told.at("by_slot").size(), 3U);
    for (const Json& slot : told.at("by_slot")) {
      EXPECT_EQ(slot.at("samples"), 79 * 512);
      EXPECT_GT(slot.at("strokes"), 200) << "150 a second";
      const Finished verified =
          run_program({"verify", slot.at("run").get<std::string>(), "--records", "records"}, folder.path());
      EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    }
  }
}

// A link is quicker than FLAC is packed, and no device loses samples by it.
TEST(LiveBenchOverPtys, AStreamAsFastAsItGoesWaitsForItsFile) {
  const ScratchDirectory folder;
  const Finished live = run_program({"bench", "live", "--slots", "1", "--rate", "100000", "--seconds", "400",
                                     "--waveforms", "flac", "--flat-out", "--json"},
                                    folder.path());
  ASSERT_EQ(live.exit_code, 0) << live.out << live.err;
  EXPECT_TRUE(Json::parse(live.out).at("whole"));
}

TEST(LiveBenchOverPtys, EndsWhenItIsToldToAndLeavesNothingBehind) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const ScratchDirectory folder;
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    Program live({"bench", "live", "--slots", "2", "--rate", "1000", "--seconds", "60", "--json"}, folder.path());
    ::unsetenv("TMPDIR");
    for (int looks = 0; looks < 1000 && std::filesystem::is_empty(folder.path()); ++looks)
      live.wait_for_output("{", 20);
    ASSERT_FALSE(std::filesystem::is_empty(folder.path()));
    ::kill(live.pid(), signal);
    EXPECT_EQ(live.wait_for_exit(60'000), 2) << live.out() << live.err();
    EXPECT_THAT(live.err(), ::testing::HasSubstr("stopped by"));
    const Json told = Json::parse(live.out());
    EXPECT_FALSE(told.at("whole"));
    EXPECT_LT(told.at("times_real_time"), 2) << "of what came, and not of the minute that was asked for";
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "its scratch store";
  }
}

TEST(LiveBenchOverPtys, AStreamThatEndsIsNotCalledWhole) {
  const ScratchDirectory folder;
  Program live({"bench", "live", "--slots", "2", "--rate", "20000", "--seconds", "20", "--json"}, folder.path());
  pid_t source = 0;
  for (int looks = 0; looks < 1000 && source == 0 && !live.wait_for_output("{", 20); ++looks) {
    std::ifstream children(fmt::format("/proc/{}/task/{}/children", live.pid(), live.pid()));
    children >> source;
  }
  ASSERT_GT(source, 0);
  ::kill(source, SIGKILL);
  EXPECT_EQ(live.wait_for_exit(60'000), 3) << live.out() << live.err();
}

}  // namespace
}  // namespace penrig
