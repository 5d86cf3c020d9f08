#include <filesystem>

#include <gtest/gtest.h>

#include "reports/scratch_directory.hpp"
#include "reports/store/measured_values.hpp"
#include "tests/reports/as_nobody.hpp"

namespace penrig {
namespace {

TEST(MeasuredValues, OfAFolderThatMayNotBeLookedIntoAreNotAbsent) {
  const ScratchDirectory folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::none);
  const auto runs = [&] {
    const test::AsNobody nobody;
    return runs_to_study(folder.path() / "records", {});
  }();
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  ASSERT_FALSE(runs.has_value());
  EXPECT_EQ(runs.error().code, Errc::io);
  EXPECT_NE(runs.error().message.find("records.db: cannot be looked into: Permission denied"), std::string::npos)
      << runs.error().message;
}

}  // namespace
}  // namespace penrig
