#include "reports/waveforms/unsynced_files.hpp"

#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "reports/scratch_directory.hpp"
#include "reports/waveforms/incoming_file.hpp"
#include "tests/reports/file_bytes.hpp"

namespace penrig {
namespace {

using ::testing::HasSubstr;

/// No file system makes a pipe durable.
FileDescriptor never_durable() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return {};
  ::close(ends[0]);
  return FileDescriptor(ends[1]);
}

class OfAGroup : public ::testing::Test {
 protected:
  /// Keeps one more file, and returns where it lies.
  std::filesystem::path keep(const std::string& bytes) {
    IncomingFile file(folder_.path(), "R-000001", ".raw", WrittenIn::one_go);
    EXPECT_TRUE(file.write(bytes));
    const Result<IncomingFile::Kept> kept = file.keep(&unsynced_);
    EXPECT_TRUE(kept) << kept.error().message;
    return folder_.path() / waveform_path(kept->sha256, ".raw");
  }
  ScratchDirectory folder_;
  UnsyncedFiles unsynced_;
};

TEST_F(OfAGroup, AFileIsInItsPlaceAndWaits) {
  EXPECT_EQ(testing::bytes_in(keep("samples")), "samples");
  EXPECT_EQ(unsynced_.held(), 1U);
  ASSERT_TRUE(unsynced_.sync());
  EXPECT_EQ(unsynced_.held(), 0U);
}

// The one that is there may be another run's evidence: a crash must find it whole, so what replaces it does not wait.
TEST_F(OfAGroup, NoFileThatWaitsReplacesOne) {
  const std::filesystem::path place = keep("samples");
  ASSERT_TRUE(unsynced_.sync());
  EXPECT_EQ(keep("samples"), place);
  EXPECT_EQ(unsynced_.held(), 0U);
  EXPECT_EQ(testing::bytes_in(place), "samples");
}

TEST_F(OfAGroup, NoMoreFilesWaitThanThereAreDescriptorsFor) {
  for (std::size_t i = 0; i < UnsyncedFiles::kHeldMax; ++i) keep(fmt::format("samples {}", i));
  EXPECT_EQ(unsynced_.held(), UnsyncedFiles::kHeldMax);
  keep("one more");
  EXPECT_EQ(unsynced_.held(), 0U);
}

// A kernel tells of a write that it lost once; the next fsync of the file succeeds.
TEST_F(OfAGroup, WhatWasNotMadeDurableOnceIsNeverSaidToBe) {
  ASSERT_TRUE(unsynced_.add_file(never_durable(), "waveforms/ab/abc.raw"));
  for (int again = 0; again < 2; ++again) {
    const Result<void> durable = unsynced_.sync();
    ASSERT_FALSE(durable);
    EXPECT_EQ(durable.error().code, Errc::io);
    EXPECT_THAT(durable.error().message, HasSubstr("waveforms/ab/abc.raw: cannot be made durable: "));
  }
}

TEST_F(OfAGroup, AFolderThatIsGoneKeepsItFromBeingDurable) {
  const std::filesystem::path holding = keep("samples").parent_path();
  std::filesystem::remove_all(holding);
  for (int again = 0; again < 2; ++again) {
    const Result<void> durable = unsynced_.sync();
    ASSERT_FALSE(durable);
    EXPECT_THAT(durable.error().message, HasSubstr(holding.string() + ": cannot be made durable"));
    std::filesystem::create_directory(holding);
  }
}

}  // namespace
}  // namespace penrig
