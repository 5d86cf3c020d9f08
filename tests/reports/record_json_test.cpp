#include "reports/record_json.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/store/record_store.hpp"
#include "reports/store/stroke_blob.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::SampleEnd;
using testing::small_record;

TEST(RecordJson, HasTheSameBytesForTheSameRecordFromTwoStores) {
  const RunRecord run = small_record();
  std::string texts[2];
  for (std::string& text : texts) {
    const ScratchDirectory folder;
    const auto store = RecordStore::open(folder.path()).value();
    const std::string id = store->open_run(run.header).value();
    for (const PhaseRecord& phase : run.phases) store->add_phase(id, phase).value();
    store->close_run(id, run.outcome).value();
    text = record_json_text(store->load_run(id).value());
    EXPECT_EQ(text.find(folder.path().string()), std::string::npos);
  }
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(RecordJson, BeginsWithTheVerdictAndEndsItsLine) {
  const std::string text = record_json_text(small_record());
  EXPECT_TRUE(text.starts_with(
      R"({"format":"penrig-record","format_version":2,"run_id":"R-000391","closed":true,"verdict":"PASS","counts_as":"PASS","void_as_certificate":"SIMULATED")"))
      << text.substr(0, 200);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(RecordJson, GivesEveryDoubleBackToTheBit) {
  const RunRecord run = small_record();
  const auto json = nlohmann::ordered_json::parse(record_json_text(run));
  const auto& strokes = run.phases[2].strokes;
  for (std::size_t i = 0; i < strokes.size(); ++i)
    EXPECT_EQ(json["phases"][2]["strokes"]["penetration_mm"][i].get<double>(), strokes[i].penetration_mm);
}

TEST(RecordJson, SaysWhatIsNotFiniteInWords) {
  RunRecord run = small_record();
  run.outcome.measurements[0].value = std::nan("");
  run.outcome.measurements[1].value = -std::numeric_limits<double>::infinity();
  run.outcome.measurements[2].value = std::nullopt;
  const auto json = record_json(run);
  EXPECT_EQ(json["measurements"][0]["value"], "NaN");
  EXPECT_EQ(json["measurements"][1]["value"], "-Infinity");
  EXPECT_TRUE(json["measurements"][2]["value"].is_null());
}

TEST(RecordJson, CallsARunThatNobodyClosedInterrupted) {
  const auto json = record_json(small_record(SampleEnd::interrupted));
  EXPECT_EQ(json["verdict"], "INTERRUPTED");
  EXPECT_EQ(json["counts_as"], "ERROR");
  EXPECT_TRUE(json["ended_utc"].is_null());
}

TEST(RecordJson, SurvivesTextThatIsNoUtf8) {
  RunRecord run = small_record();
  run.outcome.pen->serial_number = "\xFF\xFE";
  EXPECT_NE(record_json_text(run).find("\uFFFD"), std::string::npos);
}

TEST(StrokeBlob, RefusesBytesThatDoNotFollowTheLayout) {
  const RunRecord run = small_record();
  const std::string strokes = bytes_of(run.phases[2].strokes), traces = bytes_of(run.phases[2].traces);
  EXPECT_EQ(strokes.size(), 8 + 48 * run.phases[2].strokes.size());
  for (std::size_t n = 0; n < strokes.size(); n += 7)
    EXPECT_THROW(strokes_of(std::string_view(strokes).substr(0, n)), ErrorException) << n;
  for (std::size_t n = 0; n < traces.size(); n += 101)
    EXPECT_THROW(traces_of(std::string_view(traces).substr(0, n)), ErrorException) << n;
  EXPECT_THROW(strokes_of(strokes + "x"), ErrorException);
  std::string huge = strokes;
  for (std::size_t i = 4; i < 8; ++i) huge[i] = static_cast<char>(0xFF);
  EXPECT_THROW(strokes_of(huge), ErrorException);
}

}  // namespace
}  // namespace penrig
