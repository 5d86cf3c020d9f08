#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "reports/budget_lines.hpp"
#include "reports/phase_measurements.hpp"
#include "reports/record_json.hpp"
#include "tests/reports/evidence_store.hpp"
#include "tests/reports/record_bits.hpp"
#include "tests/reports/some_inputs.hpp"

namespace penrig {
namespace {

using testing::bits_of;
using testing::faults_in;
using testing::opened;
using testing::Sqlite;
using testing::tamper;
using Json = nlohmann::ordered_json;

/// A run as a real one leaves it: most measurements of the run stand in a phase, one was amended at the end; waveforms
/// of two phases with one set of calibrations, and one with another.
RunRecord with_repetitions() {
  RunRecord run = testing::small_record();
  WaveformRecord w;
  w.purpose = "setting";
  w.sha256 = std::string(64, '7');
  w.inputs = testing::some_inputs({{"calibrations.cell.u", 0.1 + 0.2},
                                   {"calibrations.cell.value", -0.0},
                                   {"calibrations.id", std::string("RIG-7")},
                                   {"calibrations.max_counts", std::int64_t{50'000}},
                                   {"angle_deg", std::numeric_limits<double>::infinity()},
                                   {"depth_mm", 0.5}});
  run.phases[2].waveforms = {w, w};
  run.phases[3].waveforms = {w, w, w};
  run.phases[3].waveforms[1].inputs["calibrations.id"] = std::string("RIG-8");
  run.phases[3].waveforms[2].inputs = {};
  Measurement& amended = run.outcome.measurements[1];
  amended.budget.push_back({"thermal growth", false, "uniform", 0.0011, 0});
  amended.expanded_u = 0.0071;
  run.outcome.measurements[2].value = run.phases[2].measurements[2].value = std::nan("");
  return run;
}

/// What format 1 would have where format 2 refers to it.
Json spelt_out(Json json) {
  const Json lines = json["budget_lines"], sets = json["calibration_inputs"];
  const auto spell = [&](Json& measurement) {
    for (Json& line : measurement["budget"]) line = lines.at(line.get<std::size_t>());
  };
  for (Json& phase : json["phases"]) {
    for (Json& m : phase["measurements"]) spell(m);
    for (Json& w : phase["waveforms"]) {
      const Json set = w["calibration_inputs"], rest = w["inputs"];
      w.erase("calibration_inputs");
      std::map<std::string, Json> all;
      for (const auto& [name, value] : rest.items()) all[name] = value;
      if (!set.is_null()) {
        for (const auto& [name, value] : sets.at(set.get<std::size_t>()).items()) all[name] = value;
      }
      w["inputs"] = Json::object();
      for (const auto& [name, value] : all) w["inputs"][name] = value;
    }
  }
  for (Json& m : json["measurements"]) {
    if (m.contains("phase")) {
      m = Json(
          json["phases"].at(m["phase"].get<std::size_t>())["measurements"].at(m["measurement"].get<std::size_t>()));
    } else {
      spell(m);
    }
  }
  json.erase("budget_lines");
  json.erase("calibration_inputs");
  json["format_version"] = 1;
  return json;
}

TEST(RecordFormat2, SaysWhatFormat1SaidAndNothingElse) {
  RunRecord run = with_repetitions();
  const std::string json = spelt_out(record_json(run)).dump(), text = record_json_text(run);
  run.format = 1;
  EXPECT_EQ(json + "\n", record_json_text(run));
  EXPECT_LT(text.size(), json.size() * 3 / 4);
}

TEST(RecordFormat2, IsReadBackAsItWasWritten) {
  const ScratchDirectory folder;
  RunRecord run = with_repetitions();
  const std::string id = testing::stored(*opened(folder.path()), run);
  const RunRecord read = RecordStore::open_existing(folder.path()).value()->load_run(id).value();
  EXPECT_EQ(bits_of(read), bits_of(run));
  EXPECT_EQ(read.format, 2U);
}

TEST(RecordFormat2, HoldsNothingLargeTwice) {
  const ScratchDirectory folder;
  RunRecord run = with_repetitions();
  testing::stored(*opened(folder.path()), run);
  Sqlite db(folder.path());
  // Of the run alone: the amended one, and the five of no phase.
  EXPECT_EQ(db.first("SELECT count(*) || '' FROM measurements WHERE phase IS NULL"), "6");
  EXPECT_EQ(db.first("SELECT count(*) || '' FROM calibration_inputs"), "2");
  EXPECT_EQ(db.first("SELECT count(*) || '' FROM waveforms WHERE inputs_json LIKE '%calibrations.%'"), "0");
  const Json json = record_json(run);
  EXPECT_EQ(json["measurements"][0].dump(), R"({"phase":2,"measurement":0})");
  EXPECT_EQ(json["measurements"][1]["measurand"], "penetration");
  EXPECT_EQ(json["measurements"][2].dump(), R"({"phase":2,"measurement":2})") << "a NaN is the same NaN";
  EXPECT_EQ(json["phases"][3]["waveforms"][0]["calibration_inputs"], 0);
  EXPECT_EQ(json["phases"][3]["waveforms"][1]["calibration_inputs"], 1);
  EXPECT_TRUE(json["phases"][3]["waveforms"][2]["calibration_inputs"].is_null());
}

/// What somebody who can write the store may try, and a piece of what is said of it.
struct Attempt {
  const char* name;
  const char* sql;
  const char* said;

  friend void PrintTo(const Attempt& attempt, std::ostream* out) { *out << attempt.name; }
};

class RecordFormat2Tampered : public ::testing::TestWithParam<Attempt> {};

TEST_P(RecordFormat2Tampered, IsFound) {
  const ScratchDirectory folder;
  {
    const auto store = opened(folder.path());
    RunRecord run = with_repetitions();
    for (PhaseRecord& phase : run.phases) {
      for (WaveformRecord& w : phase.waveforms) w.sha256 = testing::write_waveform_file(folder.path(), "samples");
    }
    testing::stored(*store, run);
  }
  ASSERT_EQ(faults_in(folder.path()), "");
  tamper(folder.path(), GetParam().sql);
  const std::string faults = faults_in(folder.path());
  EXPECT_NE(faults.find("R-000001: "), std::string::npos) << faults;
  EXPECT_NE(faults.find(GetParam().said), std::string::npos) << faults;
}

constexpr const char* kOtherBytes = "its rows do not give the bytes";

INSTANTIATE_TEST_SUITE_P(
    Attempts, RecordFormat2Tampered,
    ::testing::Values(
        Attempt{"TheMeasurementThatIsReferredTo", "UPDATE measurements SET value = value + 1 WHERE id = 1",
                kOtherBytes},
        Attempt{"TheLinkThatItWasToldOver", "UPDATE measurements SET link = 'ble' WHERE id = 1", kOtherBytes},
        Attempt{"AReferenceToAnother",
                "UPDATE outcomes SET measurements_json = replace(measurements_json, ',4,', ',5,')", kOtherBytes},
        Attempt{"AReferenceToNothing",
                "UPDATE outcomes SET measurements_json = replace(measurements_json, ',4,', ',4000,')",
                "R-000001 lists measurement 4000, which is not there"},
        Attempt{"AReferenceThatIsGone",
                "UPDATE outcomes SET measurements_json = replace(measurements_json, ',4,', ',')", kOtherBytes},
        Attempt{"AllReferences", "UPDATE outcomes SET measurements_json = NULL",
                "R-000001 has '' where its list of measurements belongs"},
        Attempt{"AMeasurementThatIsNotListed",
                "INSERT INTO measurements SELECT 4000, run, phase, 'peak_force', unit, depth_mm, rate_per_min, 1.0, "
                "text_value, expanded_u, low, high, k, nu_eff, realised, realised_u, n, n_eff, '[]', has_interval, "
                "interval_low, interval_high, interval_mean, interval_s, interval_k, interval_k_low, interval_u_sys, "
                "censored_high, strokes_beyond, note, not_real, link FROM measurements WHERE phase IS NULL LIMIT 1",
                "R-000001 has measurement 4000, which it does not list"},
        Attempt{"SharedCalibrationInputs",
                "UPDATE calibration_inputs SET inputs_json = replace(inputs_json, 'RIG-7', 'RIG-9')", kOtherBytes},
        Attempt{"WhichCalibrationInputsAreShared",
                "UPDATE waveforms SET calibration_inputs = 2 WHERE calibration_inputs = 1 AND id = 1", kOtherBytes},
        Attempt{"ThatCalibrationInputsAreShared", "UPDATE waveforms SET calibration_inputs = NULL WHERE id = 1",
                kOtherBytes},
        Attempt{"CalibrationInputsOfNoWaveform",
                "INSERT INTO calibration_inputs SELECT 4000, run, inputs_json FROM calibration_inputs LIMIT 1",
                "R-000001 has calibration inputs 4000, which no waveform was given"},
        Attempt{"CalibrationInputsThatAreGone",
                "PRAGMA foreign_keys = OFF; DELETE FROM calibration_inputs WHERE id = 1",
                "a waveform of R-000001 refers to calibration inputs 1, which are not there"},
        Attempt{"AnInputInTwoPlaces",
                "UPDATE waveforms SET inputs_json = replace(inputs_json, '{', '{\"calibrations.id\":\"RIG-9\",') "
                "WHERE id = 1",
                "has the input 'calibrations.id' of its own and of calibration inputs 1"},
        Attempt{"ALineOfBudgets", "UPDATE phases SET budget_lines_json = replace(budget_lines_json, 'LASER', 'TAPE')",
                kOtherBytes},
        Attempt{"ALineOfNoBudget",
                "UPDATE outcomes SET budget_lines_json = "
                "'[[\"tilt\",\"B\",\"normal\",0.5,0.0,\"\",0.0,0.0,0.0,\"\"],' || substr(budget_lines_json, 2)",
                "lines of budgets, and 1 of them are in no budget"},
        Attempt{"TheLinesOfABudget",
                "UPDATE measurements SET budget_json = '[0]' WHERE measurand = 'peak_force' AND phase IS NOT NULL",
                kOtherBytes},
        Attempt{"TheOrderOfLines", "UPDATE measurements SET budget_json = replace(budget_json, '[0,1,', '[1,0,')",
                "which are no numbers of its"},
        Attempt{"ALineThatIsNotThere", "UPDATE measurements SET budget_json = '[0,99]' WHERE budget_json <> '[]'",
                "the record holds the budget '[0,99]', which are no numbers of its"},
        Attempt{"AnEarlierFormat", "UPDATE runs SET record_format = NULL", "damaged"},
        Attempt{"AFormatThatNobodyKnows", "UPDATE runs SET record_format = 3",
                "R-000001 is of record format 3, this program knows 1 to 2; use the newer penrig that wrote it"}),
    [](const auto& tried) { return std::string(tried.param.name); });

TEST(PhaseMeasurements, AreFoundInTheOrderOfThePhasesWhereSeveralAreTheSame) {
  std::vector<PhaseRecord> phases(3);
  Measurement count, other;
  count.measurand = "missed_strokes";
  other.measurand = "double_strokes";
  for (PhaseRecord& phase : phases) phase.measurements = {other, count};
  const auto places = places_in_phases({other, count, count, Measurement{}, other}, phases);
  ASSERT_EQ(places.size(), 5U);
  EXPECT_EQ(places[1]->phase, 0U);
  EXPECT_EQ(places[2]->phase, 1U);
  EXPECT_EQ(places[2]->measurement, 1U);
  EXPECT_FALSE(places[3].has_value());
  EXPECT_EQ(places[4]->phase, 2U);
}

TEST(BudgetLines, AreTheSameToTheBitAlone) {
  std::vector<BudgetLine> lines(300);
  for (std::size_t i = 0; i < lines.size(); ++i) lines[i].u = static_cast<double>(i % 100);
  lines[200].u = -0.0;
  lines[201].cause = "tare";
  BudgetLines numbered;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(numbered.number_of(lines[i]), i == 200 ? 100U : i == 201 ? 101U : i % 100) << i;
  }
  ASSERT_EQ(numbered.all().size(), 102U);
  EXPECT_EQ(numbered.all()[101], &lines[201]);
}

}  // namespace
}  // namespace penrig
