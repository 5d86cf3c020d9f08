#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/reports/output_of.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// A run whose waveforms are kept as they are, through all that is done with records.
class RawWaveforms : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  void run_once(const std::string& form, const std::string& records) const {
    const Finished f = program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1",
                                "--serial-number", "PRO-0001", "--waveforms", form, "--records", records});
    ASSERT_EQ(f.exit_code, 0) << f.err;
  }
  std::vector<std::filesystem::path> waveforms(const std::string& records) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / records / "waveforms"))
      if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
  }
  nlohmann::json measurements(const std::string& records) const {
    return nlohmann::json::parse(program({"records", "show", "--json", "--records", records}).out).at("measurements");
  }

  ScratchDirectory folder_;
};

TEST_F(RawWaveforms, GiveTheNumbersThatFlacGives) {
  run_once("raw", "raw");
  run_once("flac", "flac");
  ASSERT_GT(waveforms("raw").size(), 3U);
  EXPECT_EQ(waveforms("raw").size(), waveforms("flac").size());
  for (const auto& file : waveforms("raw")) EXPECT_EQ(file.extension(), ".raw");
  for (const auto& file : waveforms("flac")) EXPECT_EQ(file.extension(), ".flac");
  EXPECT_EQ(measurements("raw"), measurements("flac"));
  EXPECT_EQ(program({"recompute", "R-000001", "--records", "raw"}).exit_code, 0);
  EXPECT_EQ(program({"verify", "--records", "raw"}).exit_code, 0);
}

TEST_F(RawWaveforms, GoIntoArchivesAndComeBack) {
  run_once("raw", "records");
  const std::size_t before = waveforms("records").size();
  std::filesystem::create_directories(folder_.path() / "old");
  const Finished away = program({"records", "archive", "--before", "2026-01-02", "--to", "old"});
  ASSERT_EQ(away.exit_code, 0) << away.err;
  EXPECT_EQ(waveforms("records").size(), 0U);
  const Finished back = program({"records", "archive", "--restore", away.out.substr(0, away.out.find('\n'))});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(waveforms("records").size(), before);
  EXPECT_EQ(program({"recompute", "R-000001"}).exit_code, 0);
}

TEST_F(RawWaveforms, GoIntoBundlesThatStockToolsVerify) {
  run_once("raw", "records");
  ASSERT_EQ(program({"export", "R-000001", "--bundle", "b.zip"}).exit_code, 0);
  EXPECT_EQ(program({"verify", "--bundle", "b.zip"}).exit_code, 0);
  const std::string bundle = (folder_.path() / "b.zip").string();
  EXPECT_EQ(
      penrig::testing::output_of("bash " PENRIG_SOURCE_DIR "/tests/reports/verify_bundle.sh '" + bundle + "'").text,
      "verified\n");
}

TEST_F(RawWaveforms, AreFoundWhereOneByteWasChanged) {
  run_once("raw", "records");
  const auto file = waveforms("records").front();
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(700).write("x", 1);
  const Finished verified = program({"verify"});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_NE((verified.out + verified.err).find(file.filename().string()), std::string::npos) << verified.out;
  EXPECT_NE(program({"recompute", "R-000001"}).exit_code, 0);
}

TEST_F(RawWaveforms, OfAnotherFormAreAMistake) {
  const Finished f =
      program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--waveforms", "wav"});
  EXPECT_EQ(f.exit_code, 4);
  EXPECT_NE(f.err.find("--waveforms"), std::string::npos) << f.err;
}

}  // namespace
}  // namespace penrig::test
