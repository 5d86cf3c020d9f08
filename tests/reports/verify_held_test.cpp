#include <gtest/gtest.h>

#include "tests/reports/evidence_store.hpp"

namespace penrig {
namespace {

// Whoever is told of a run may have read its files for that: those alone are not read again.
TEST(VerifyStore, ReadsEveryWaveformThatNobodyHasJustReadAndHashed) {
  const ScratchDirectory folder;
  const auto store = testing::opened(folder.path());
  WaveformRecord held, other;
  held.purpose = other.purpose = "setting";
  held.sha256 = testing::write_waveform_file(folder.path(), "one");
  other.sha256 = testing::write_waveform_file(folder.path(), "another");
  RunRecord run = testing::small_record();
  run.phases.front().waveforms = {held, other};
  testing::stored(*store, run);
  for (const WaveformRecord& w : {held, other}) {
    testing::write_bytes(folder.path() / waveform_path(w), "damaged");
  }
  VerifyOptions options;
  EXPECT_EQ(verify_store(*store, options).value().faults.size(), 2U);
  std::set<std::string> read;
  options.seen = [&read](const RunRecord&) { return read; };
  EXPECT_EQ(verify_store(*store, options).value().faults.size(), 2U);
  read = {held.sha256, std::string(64, '0')};
  const Verification v = verify_store(*store, options).value();
  ASSERT_EQ(v.faults.size(), 1U);
  EXPECT_NE(v.faults.front().where.find(other.sha256.substr(0, 16)), std::string::npos);
  EXPECT_EQ(v.waveforms, 2U);
}

}  // namespace
}  // namespace penrig
