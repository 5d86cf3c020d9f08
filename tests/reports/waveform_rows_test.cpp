#include <limits>

#include <gtest/gtest.h>

#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/store_schema.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/record_bits.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/reports/some_inputs.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::bytes_in;
using testing::opened;
using testing::small_record;
using testing::Sqlite;
using testing::stored;

RunRecord with_waveforms() {
  RunRecord run = small_record();
  run.header.algorithm_version = "7";
  WaveformRecord waveform;
  waveform.purpose = "setting";
  waveform.sha256 = std::string(64, 'a');
  waveform.bytes = 123'456;
  waveform.samples = 105'000;
  waveform.sample_rate_hz = 50'000.25;
  waveform.first_tick = (std::uint64_t{1} << 52U) + 1;
  waveform.ticks_per_sample = 200.0 / 3;
  waveform.start_utc_ns = 1'767'225'600'123'456'789;
  waveform.calibration = "RIG-7, C-000012";
  waveform.gaps = {{17, "lost"}, {40, "häßlich"}};
  waveform.inputs = testing::some_inputs({{"tare.zero_counts", 0.1 + 0.2},
                                          {"nothing", -0.0},
                                          {"whole", 3.0},
                                          {"infinite", std::numeric_limits<double>::infinity()},
                                          {"start_sent_ns", std::int64_t{-5}},
                                          {"without", std::string("inertia")}});
  waveform.parts = {{0, 256}, {256, 255}, {600, 1}};
  run.phases.front().waveforms = {waveform, waveform};
  run.phases.front().waveforms[1].purpose = "tare";
  run.phases.front().waveforms[1].form = WaveformForm::raw;
  run.phases.front().waveforms[1].inputs = {};
  run.phases.front().waveforms[1].parts.clear();
  return run;
}

TEST(WaveformRows, AreReadBackFieldForFieldAndToTheBit) {
  const ScratchDirectory folder;
  RunRecord run = with_waveforms();
  const std::string id = stored(*opened(folder.path()), run);
  EXPECT_EQ(bits_of(RecordStore::open_existing(folder.path()).value()->load_run(id).value()), bits_of(run));
}

TEST(WaveformRows, AreShownByTheJsonWithTheFileThatHoldsTheSamples) {
  const auto json = record_json(with_waveforms());
  EXPECT_EQ(json["header"]["algorithm_version"], "7");
  const auto& waveform = json["phases"][0]["waveforms"][0];
  EXPECT_EQ(waveform["file"], "waveforms/aa/" + std::string(64, 'a') + ".flac");
  EXPECT_EQ(json["phases"][0]["waveforms"][1]["file"], "waveforms/aa/" + std::string(64, 'a') + ".raw");
  EXPECT_EQ(waveform["inputs"]["tare.zero_counts"], 0.1 + 0.2);
  EXPECT_EQ(waveform["gaps"][1]["before_sample"], 40);
  EXPECT_EQ(
      waveform["parts"].dump(),
      R"([{"first_sample":0,"samples":256},{"first_sample":256,"samples":255},{"first_sample":600,"samples":1}])");
  EXPECT_FALSE(json["phases"][0]["waveforms"][1].contains("parts"));
}

TEST(WaveformRows, WithPartsThatAreNoneAreBadData) {
  const ScratchDirectory folder;
  RunRecord run = with_waveforms();
  const std::string id = stored(*opened(folder.path()), run);
  Sqlite db(folder.path());
  for (const char* parts : {"[]", "{}", "", "[[0,256],[256]]", "[[0,256],[-1,2]]", "[[0,1.5]]", "[[0,256]] "}) {
    ASSERT_EQ(db.run("DROP TRIGGER IF EXISTS waveforms_no_update; UPDATE waveforms SET parts_json = '" +
                     std::string(parts) + "' WHERE id = 1"),
              "");
    const auto read = RecordStore::open_existing(folder.path()).value()->load_run(id);
    ASSERT_FALSE(read) << parts;
    EXPECT_EQ(read.error().code, Errc::bad_data) << parts;
  }
}

TEST(WaveformRows, CannotBeChangedRemovedOrAddedToAClosedRun) {
  const ScratchDirectory folder;
  RunRecord run = with_waveforms();
  stored(*opened(folder.path()), run);
  Sqlite db(folder.path());
  EXPECT_EQ(db.run("UPDATE waveforms SET sha256 = '" + std::string(64, 'b') + "'"), "records are append-only");
  EXPECT_EQ(db.run("DELETE FROM waveforms"), "records are append-only");
  EXPECT_EQ(
      db.run("INSERT INTO waveforms(phase, purpose, sha256, bytes, samples, first_tick, start_utc_ns, calibration,"
             " gaps_json, inputs_json) SELECT phase, 'more', sha256, 1, 1, 0, 0, '', '[]', '{}' FROM waveforms"),
      "the run is closed");
}

TEST(WaveformRows, OfAFormThatIsNoneAreBadData) {
  const ScratchDirectory folder;
  RunRecord run = with_waveforms();
  const std::string id = stored(*opened(folder.path()), run);
  ASSERT_EQ(Sqlite(folder.path())
                .run("PRAGMA ignore_check_constraints = ON; DROP TRIGGER waveforms_no_update;"
                     " UPDATE waveforms SET form = 'wav'"),
            "");
  const auto loaded = RecordStore::open_existing(folder.path()).value()->load_run(id);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Errc::bad_data);
  EXPECT_NE(loaded.error().message.find("'wav'"), std::string::npos) << loaded.error().message;
}

TEST(WaveformRows, WithAnInputThatIsNoneAreBadData) {
  const ScratchDirectory folder;
  RunRecord run = with_waveforms();
  const std::string id = stored(*opened(folder.path()), run);
  ASSERT_EQ(Sqlite(folder.path())
                .run("DROP TRIGGER waveforms_no_update; UPDATE waveforms SET inputs_json = '{\"depth_mm\":[1]}'"),
            "");
  const auto loaded = RecordStore::open_existing(folder.path()).value()->load_run(id);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, Errc::bad_data);
  EXPECT_NE(loaded.error().message.find("depth_mm"), std::string::npos) << loaded.error().message;
}

}  // namespace
}  // namespace penrig
