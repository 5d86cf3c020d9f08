#include "reports/atomic_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/reports/file_bytes.hpp"
#include "tests/system/variable.hpp"

namespace penrig {
namespace {

namespace fs = std::filesystem;
using testing::bytes_in;
using testing::write_bytes;

TEST(AtomicFile, LeavesOnlyTheNewBytes) {
  const ScratchDirectory scratch;
  write_bytes(scratch.path() / "report.html", "old and longer");
  ASSERT_TRUE(replace_file(scratch.path() / "report.html", "new"));
  EXPECT_EQ(bytes_in(scratch.path() / "report.html"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), fs::directory_iterator{}), 1);
}

TEST(AtomicFile, LeavesALinkAndReplacesWhatItLeadsTo) {
  const ScratchDirectory scratch;
  fs::create_directory(scratch.path() / "elsewhere");
  write_bytes(scratch.path() / "elsewhere" / "report.html", "old");
  fs::create_symlink("elsewhere/report.html", scratch.path() / "latest.html");
  ASSERT_TRUE(replace_file(scratch.path() / "latest.html", "new"));
  EXPECT_TRUE(fs::is_symlink(scratch.path() / "latest.html"));
  EXPECT_EQ(bytes_in(scratch.path() / "elsewhere" / "report.html"), "new");
}

TEST(AtomicFile, NeverReplacesAPipeOrAFolder) {
  const ScratchDirectory scratch;
  const fs::path pipe = scratch.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink("pipe", scratch.path() / "link");
  for (const fs::path& file : {pipe, scratch.path() / "link", scratch.path()}) {
    const Result<void> replaced = replace_file(file, "new");
    ASSERT_FALSE(replaced) << file;
    EXPECT_EQ(replaced.error().code, Errc::usage);
    EXPECT_NE(replaced.error().message.find("name a file"), std::string::npos) << replaced.error().message;
  }
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(AtomicFile, AFolderThatIsNotThereIsTheUsersMistake) {
  const ScratchDirectory scratch;
  write_bytes(scratch.path() / "file", "no folder");
  for (const char* name : {"none/report.html", "file/report.html"}) {
    const Result<void> replaced = replace_file(scratch.path() / name, "new");
    ASSERT_FALSE(replaced) << name;
    EXPECT_EQ(replaced.error().code, Errc::usage) << name;
    EXPECT_NE(replaced.error().message.find("make the folder, or name another"), std::string::npos)
        << replaced.error().message;
  }
}

TEST(ScratchDirectory, NamesTheFolderThatIsNotThere) {
  const test::Variable nowhere("TMPDIR", "/nowhere/tmp");
  try {
    const ScratchDirectory scratch;
    ADD_FAILURE() << scratch.path();
  } catch (const ErrorException& e) {
    EXPECT_NE(e.error.message.find("/nowhere/tmp: no folder for temporary files"), std::string::npos)
        << e.error.message;
  }
}

}  // namespace
}  // namespace penrig
