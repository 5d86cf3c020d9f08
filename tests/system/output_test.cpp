#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

/// A passing run in a shell, with the redirections of its standard streams. The exit code of the run.
int run_redirected(const std::string& redirections, const ScratchDirectory& folder) {
  const std::string code = (folder.path() / "code").string();
  const std::string line = fmt::format(
      "{{ {} run {}/rig/plans/smoke.yaml --rig sim:seed=1 --serial-number PRO-0001 --records {}; echo $? > {}; }} {}",
      PENRIG_PROGRAM, PENRIG_SOURCE_DIR, folder.path().string(), code, redirections);
  if (std::system(line.c_str()) < 0) return -1;  // every word of the line is this file's own
  return std::atoi(read_text(code).c_str());
}

TEST(StandardOutput, IsAnErrorWhereItsDiskIsFull) {
  const ScratchDirectory folder;
  EXPECT_EQ(run_redirected("> /dev/full 2> /dev/null", folder), 3);
}

TEST(StandardOutput, ThatItsReaderHasLeftStopsTheRun) {
  const ScratchDirectory folder;
  // `true` may be gone before the record is open: then nothing ran.
  const int code = run_redirected("| true", folder);
  EXPECT_TRUE(code == 2 || code == 5) << code;
}

TEST(StandardOutput, NeverLandsInTheRecordStoreWhenItIsClosed) {
  const ScratchDirectory folder;
  EXPECT_EQ(run_redirected("<&- >&- 2>&-", folder), 3) << "nobody could read what it said";
  EXPECT_EQ(run_redirected("> /dev/null", folder), 0) << "the store is whole";
}

}  // namespace
}  // namespace penrig::test
