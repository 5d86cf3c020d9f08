#include <fstream>

#include <gtest/gtest.h>

#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// Old waveforms go into archives, and come back.
class Archive : public ::testing::Test {
 protected:
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  void run_once() const {
    const Finished f = program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", "sim:seed=1",
                                "--serial-number", "PRO-0001"});
    ASSERT_EQ(f.exit_code, 0) << f.err;
  }
  std::size_t waveforms() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "records/waveforms"))
      n += entry.path().extension() == ".flac" ? 1U : 0U;
    return n;
  }
  std::string zip() const { return (folder_.path() / "old/waveforms-2026-01-02-001.zip").string(); }
  Finished archive(const std::string& before = "2026-01-02") const {
    std::filesystem::create_directories(folder_.path() / "old");
    return program({"records", "archive", "--before", before, "--to", "old"});
  }

  ScratchDirectory folder_;  // virtual time begins at 2026-01-01
};

TEST_F(Archive, TakesOldWaveformsAndBringsThemBackToTheByte) {
  run_once();
  const std::size_t before = waveforms();
  ASSERT_GT(before, 3U);
  const Finished f = archive();
  ASSERT_EQ(f.exit_code, 0) << f.err;
  EXPECT_TRUE(f.out.starts_with(zip() + "\n")) << f.out;
  EXPECT_EQ(waveforms(), 0U);
  const Finished back = program({"records", "archive", "--restore", zip()});
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(waveforms(), before);
  EXPECT_EQ(program({"recompute", "R-000001"}).exit_code, 0);
  EXPECT_EQ(program({"verify"}).exit_code, 0);
}

TEST_F(Archive, IsNamedWhereAWaveformIsWanted) {
  run_once();
  ASSERT_EQ(archive().exit_code, 0);
  const Finished again = program({"recompute", "R-000001"});
  EXPECT_NE(again.exit_code, 0);
  EXPECT_NE((again.out + again.err).find("archived in " + zip()), std::string::npos) << again.out << again.err;
  const Finished verified = program({"verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_NE(verified.out.find("archived in " + zip()), std::string::npos) << verified.out;
  EXPECT_NE(program({"audit"}).out.find("waveforms archived"), std::string::npos);
}

TEST_F(Archive, LeavesWhatIsNotOldEnough) {
  run_once();
  const std::size_t before = waveforms();
  const Finished f = archive("2026-01-01");
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_EQ(f.out, "no waveform is that old\n");
  EXPECT_EQ(waveforms(), before);
}

TEST_F(Archive, RefusesADamagedWaveformAndRemovesNothing) {
  run_once();
  const std::size_t before = waveforms();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "records/waveforms")) {
    if (entry.path().extension() == ".flac") std::ofstream(entry.path(), std::ios::app) << "x";
  }
  const Finished f = archive();
  EXPECT_EQ(f.exit_code, 3);
  EXPECT_NE(f.err.find("is damaged"), std::string::npos) << f.err;
  EXPECT_EQ(waveforms(), before);
}

TEST_F(Archive, IsMissedAndFoundDamagedByVerify) {
  run_once();
  ASSERT_EQ(archive().exit_code, 0);
  std::fstream file(zip(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(500).put('~');
  file.close();
  const Finished verified = program({"verify"});
  EXPECT_NE(verified.exit_code, 0);
  EXPECT_NE((verified.out + verified.err).find("is damaged"), std::string::npos) << verified.out << verified.err;
  EXPECT_EQ(program({"records", "archive", "--restore", zip()}).exit_code, 3);
}

TEST_F(Archive, OfAnotherStoreIsRefused) {
  run_once();
  ASSERT_EQ(archive().exit_code, 0);
  ASSERT_EQ(program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/smoke.yaml", "--rig", "sim:seed=2",
                     "--serial-number", "PRO-0001", "--records", "others"})
                .exit_code,
            0);
  const Finished f = program({"records", "archive", "--restore", zip(), "--records", "others"});
  EXPECT_EQ(f.exit_code, 3);
  EXPECT_NE(f.err.find("never archived from this store"), std::string::npos) << f.err;
}

}  // namespace
}  // namespace penrig::test
