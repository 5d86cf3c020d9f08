#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/export/json_schema.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/reports/sample_record.hpp"
#include "tests/reports/some_inputs.hpp"

namespace penrig {
namespace {

using testing::output_of;
using testing::sample_record;
using testing::SampleEnd;
using testing::write_bytes;

/// By the validator of Debian's python3-jsonschema.
class RecordSchema : public ::testing::Test {
 protected:
  testing::Output checked(const std::string& schema, const std::string& records) {
    write_bytes(folder_.path() / "schema.json", schema);
    write_bytes(folder_.path() / "records.ndjson", records);
    return output_of("/usr/bin/python3 " PENRIG_SOURCE_DIR "/tests/reports/check_json_schema.py '" +
                     (folder_.path() / "schema.json").string() + "' '" + (folder_.path() / "records.ndjson").string() +
                     "'");
  }
  static RunRecord record(SampleEnd end, bool real = false) {
    RunRecord run = sample_record({.end = end,
                                   .depths_mm = {0.5, 2.5},
                                   .rates_per_min = {9000},
                                   .strokes = 12,
                                   .simulated = !real,
                                   .engineering = !real});
    // One of everything that a record can hold.
    run.spots_taken = {{"B1", 1.5, -2}};
    WaveformRecord w;
    w.purpose = "setting";
    w.sha256 = std::string(64, '3');
    w.sample_rate_hz = 1e5 / 3;
    w.ticks_per_sample = std::numeric_limits<double>::infinity();
    w.gaps = {{17, "a frame was lost"}};
    w.inputs = testing::some_inputs({{"calibrations.id", "CAL-1"},
                                     {"surface_mm", 0.25},
                                     {"offset_mm", -0.0},
                                     {"settle_strokes", std::int64_t{20}},
                                     {"way", "stream"}});
    w.parts = {{0, 256}, {256, 256}};
    run.phases[2].waveforms = {w};
    run.link_trace = LinkTraceRecord{std::string(64, '4'), 1000, 3, {{"sim:pen", 12, 7}}};
    // The first and the last are what the check changes.
    std::swap(run.phases[2], run.phases.back());
    return run;
  }
  ScratchDirectory folder_;
};

TEST_F(RecordSchema, IsTheFileInTheTree) {
  EXPECT_EQ(record_json_schema(), testing::bytes_in(PENRIG_SOURCE_DIR "/reports/record.schema.json"));
}

TEST_F(RecordSchema, AcceptsEveryKindOfRecordAndNothingBeside) {
  std::string records;
  for (const SampleEnd end :
       {SampleEnd::pass, SampleEnd::fail, SampleEnd::error, SampleEnd::aborted, SampleEnd::interrupted}) {
    records += record_json_text(record(end));
  }
  records += record_json_text(record(SampleEnd::pass, true));
  RunRecord odd = record(SampleEnd::fail);
  odd.header.serial_number = odd.header.operator_name = "\x01 \xff \"<";
  odd.header.simulant_sheet.clear();
  odd.outcome.corrections.clear();
  odd.outcome.pen.reset();
  odd.outcome.daq.reset();
  odd.outcome.temperature_c.reset();
  odd.outcome.deciding.reset();
  for (Measurement& m : odd.outcome.measurements) {
    m.value = std::numeric_limits<double>::infinity();
    m.expanded_u = std::numeric_limits<double>::quiet_NaN();
  }
  for (Decision& d : odd.outcome.decisions) {
    d.used = -std::numeric_limits<double>::infinity();
    d.conformity.reset();
    d.verdict = Verdict::indeterminate;
  }
  for (PhaseRecord& p : odd.phases) {
    if (p.spot) p.spot->strokes_after.reset();
  }
  odd.outcome.verdict = Verdict::indeterminate;
  records += record_json_text(odd);
  RunRecord not_judged = record(SampleEnd::pass);
  not_judged.outcome.verdict = Verdict::not_judged;
  RunRecord bare;
  bare.header.run_id = "R-000001";
  RunRecord of_format_1 = record(SampleEnd::pass);
  of_format_1.format = 1;
  for (PhaseRecord& p : of_format_1.phases) {
    for (WaveformRecord& w : p.waveforms) w.parts.clear();  // newer than that
  }
  records += record_json_text(not_judged) + record_json_text(bare) + record_json_text(of_format_1);
  const testing::Output said = checked(record_json_schema(), records);
  EXPECT_EQ(said.status, 0) << said.text;
  EXPECT_NE(said.text.find("10 records valid"), std::string::npos) << said.text;
}

TEST_F(RecordSchema, RefusesTheOtherFormatsWayOfSayingIt) {
  for (const std::uint32_t format : {1U, 2U}) {
    RunRecord run = record(SampleEnd::pass);
    run.format = format;
    std::string json = record_json_text(run);
    const std::string from = fmt::format("\"format_version\":{}", format);
    json.replace(json.find(from), from.size(), fmt::format("\"format_version\":{}", 3 - format));
    const testing::Output said = checked(record_json_schema(), json);
    EXPECT_EQ(said.status, 1) << said.text;
    EXPECT_NE(said.text.find("budget"), std::string::npos) << said.text;
  }
}

TEST_F(RecordSchema, RefusesAWordForAVerdictThatThereIsNot) {
  std::string json = record_json_text(record(SampleEnd::pass));
  const std::string from = "\"verdict\":\"PASS\"", to = "\"verdict\":\"GOOD\"";
  json.replace(json.find(from), from.size(), to);
  const testing::Output said = checked(record_json_schema(), json);
  EXPECT_EQ(said.status, 1) << said.text;
  EXPECT_NE(said.text.find("$.verdict"), std::string::npos) << said.text;
}

TEST_F(RecordSchema, IsCheckedByACheckThatSeesALooseSchema) {
  std::string loose = record_json_schema();
  const std::string closed = "\"additionalProperties\": false";
  for (std::size_t at = loose.find(closed); at != std::string::npos; at = loose.find(closed, at))
    loose.replace(at, closed.size(), "\"additionalProperties\": true");
  const testing::Output said = checked(loose, record_json_text(record(SampleEnd::pass)));
  EXPECT_EQ(said.status, 1);
  EXPECT_NE(said.text.find("an unknown key in '' is accepted"), std::string::npos) << said.text;
}

}  // namespace
}  // namespace penrig
