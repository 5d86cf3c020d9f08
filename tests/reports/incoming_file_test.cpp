#include "reports/waveforms/incoming_file.hpp"

#include <gtest/gtest.h>

#include "reports/digest.hpp"
#include "tests/reports/file_bytes.hpp"

namespace penrig {
namespace {

class OfEachWriter : public ::testing::TestWithParam<WrittenIn> {
 protected:
  /// Keeps a file that is written in parts of 64 KiB, and whose head is written again at the end where asked.
  void keep(std::size_t parts, bool returns) const {
    IncomingFile file(folder_.path(), "R-000001", ".raw", GetParam());
    std::string all;
    for (std::size_t i = 0; i < parts; ++i) {
      const std::string part(std::size_t{64} << 10U, static_cast<char>('a' + i % 26));
      ASSERT_TRUE(file.write(part));
      all += part;
    }
    if (returns) {
      ASSERT_TRUE(file.seek(3) && file.write("head"));
      all.replace(3, 4, "head");
    }
    const Result<IncomingFile::Kept> kept = file.keep(nullptr);
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(kept->bytes, all.size());
    EXPECT_EQ(kept->sha256, sha256_hex(all));
    EXPECT_EQ(testing::bytes_in(folder_.path() / waveform_path(kept->sha256, ".raw")), all);
  }
  ScratchDirectory folder_;
};
INSTANTIATE_TEST_SUITE_P(IncomingFile, OfEachWriter, ::testing::Values(WrittenIn::one_go, WrittenIn::returns),
                         [](const auto& written) {
                           return std::string(written.param == WrittenIn::one_go ? "InOneGo" : "Returns");
                         });

TEST_P(OfEachWriter, KeepsAShortFileUnderTheHashOfItsBytes) { keep(3, false); }
TEST_P(OfEachWriter, KeepsALongFileUnderTheHashOfItsBytes) { keep(40, false); }
TEST_P(OfEachWriter, KeepsWhatWasWrittenAgainUnderTheHashOfWhatItIsNow) {
  keep(3, true);
  keep(40, true);
}

}  // namespace
}  // namespace penrig
