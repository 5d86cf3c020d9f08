#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "reports/digest.hpp"
#include "reports/export/zip_archive.hpp"
#include "reports/store/record_store.hpp"
#include "reports/waveforms/kept_waveform.hpp"
#include "reports/waveforms/waveform_flac.hpp"
#include "reports/waveforms/waveform_path.hpp"
#include "tests/reports/scratch_store.hpp"
#include "tests/system/forwarding_sink.hpp"
#include "tests/system/program.hpp"
#include "tests/system/recomputed.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;
using penrig::testing::Sqlite;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kProduct = std::string(PENRIG_SOURCE_DIR) + "/fixtures/products/pen-pro.yaml";

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

// run_virtual() derives every run of this suite again; here is what is not said of all of them.

TEST(Recompute, FindsEveryNumberOfAGoodPenAgainFromItsWaveformsAlone) {
  VirtualRun what;
  what.plan = "rig/plans/eol-pro.yaml";
  const VirtualResult run = run_virtual(what);
  ASSERT_EQ(run.result.outcome.verdict, Verdict::pass) << run.result.outcome.reason;
  const Recomputation& again = run.again;
  EXPECT_EQ(in_words(again), "");
  EXPECT_EQ(again.outcome.verdict, Verdict::pass);
  ASSERT_EQ(again.measurements.size(), run.record.outcome.measurements.size());
  std::size_t told = 0;
  for (const RecomputedMeasurement& m : again.measurements) told += m.told ? 1U : 0U;
  EXPECT_LE(told, 4U) << "firmware, two latencies of the link, battery";
  EXPECT_GT(again.compared, 5000U);
  std::size_t waveforms = 0;
  for (const PhaseRecord& phase : run.record.phases) waveforms += phase.waveforms.size();
  EXPECT_EQ(again.waveforms, waveforms);
}

// The touches of one surface follow each other sample by sample.
TEST(Recompute, FindsTheTouchesOfASurfaceInOneFileEachInItsPart) {
  const VirtualResult run = run_virtual({});
  std::size_t references = 0;
  for (const PhaseRecord& phase : run.record.phases) {
    if (phase.kind != "reference") continue;
    ++references;
    ASSERT_EQ(phase.waveforms.size(), 2U);
    for (const WaveformRecord& w : phase.waveforms) {
      ASSERT_EQ(w.parts.size(), 5U) << w.purpose;
      std::uint64_t end = 0;
      for (const WaveformPart& part : w.parts) {
        EXPECT_EQ(part.first_sample, end);
        EXPECT_GT(part.samples, 100U);
        end += part.samples;
      }
      EXPECT_EQ(end, w.samples);
      EXPECT_FALSE(w.inputs.empty());
    }
  }
  EXPECT_EQ(references, 2U);
  EXPECT_EQ(in_words(run.again), "");
}

TEST(Recompute, FindsWhatWasMeasuredWithoutCorrections) {
  VirtualRun what;
  for (const CorrectionInfo& correction : all_corrections()) {
    if (correction.kind != CorrectionKind::scale && correction.kind != CorrectionKind::temperature) {
      what.without.add(correction.kind);
    }
  }
  const VirtualResult run = run_virtual(what);
  EXPECT_NE(run.result.outcome.verdict, Verdict::pass);
  EXPECT_EQ(in_words(run.again), "");
  EXPECT_FALSE(run.again.measurements.empty());
}

/// A run of the program, whose files somebody then changes.
class RecomputeProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(
        program({"run", kSmokePlan, "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--no-report"}).exit_code, 0);
    record_ = RecordStore::open_existing(records()).value()->load_run("R-000001").value();
  }
  Finished program(const std::vector<std::string>& arguments) const {
    return run_program(arguments, folder_.path().string());
  }
  json recomputed(int exit_code) const {
    const Finished f = program({"recompute", "R-000001", "--json"});
    EXPECT_EQ(f.exit_code, exit_code) << f.out << f.err;
    return json::parse(f.out);
  }
  std::filesystem::path records() const { return folder_.path() / "records"; }
  /// Of the phase of that kind, its last.
  const WaveformRecord& waveform(const std::string& kind) const {
    for (const PhaseRecord& phase : record_.phases) {
      if (phase.kind == kind && !phase.waveforms.empty()) return phase.waveforms.back();
    }
    throw std::runtime_error("no waveform of a " + kind);
  }
  void sql(const std::string& text) const { ASSERT_EQ(Sqlite(records()).run(text), ""); }

  ScratchDirectory folder_;
  RunRecord record_;
};

TEST_F(RecomputeProgram, SaysThatAllIsTheSame) {
  const Finished f = program({"recompute", "R-000001"});
  EXPECT_EQ(f.exit_code, 0) << f.err;
  EXPECT_THAT(f.out, HasSubstr("every number, decision and verdict is the same"));
  EXPECT_THAT(f.out, HasSubstr("command latencies, signal strength and battery"));
  EXPECT_EQ(recomputed(0).at("result"), "same");
}

TEST_F(RecomputeProgram, NamesTheFileInWhichASampleWasChanged) {
  const std::filesystem::path file = records() / waveform_path(waveform("setting"));
  std::string bytes = read_text(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  write_text(file, bytes);
  const json said = recomputed(3);
  EXPECT_EQ(said.at("result"), "missing");
  EXPECT_THAT(said.at("missing").dump(), HasSubstr(waveform("setting").sha256));
}

TEST_F(RecomputeProgram, NamesTheFileThatIsNotThere) {
  std::filesystem::remove(records() / waveform_path(waveform("reference")));
  const json said = recomputed(3);
  EXPECT_THAT(said.at("missing").dump(), HasSubstr(waveform("reference").sha256));
}

// Whoever changes a sample and all hashes after it has not changed what the samples give.
TEST_F(RecomputeProgram, FindsASampleThatWasChangedWithItsHash) {
  for (const char* kind : {"setting", "reference", "set-up"}) {
    const WaveformRecord& kept = waveform(kind);
    const std::string bytes = read_text(records() / waveform_path(kept));
    Waveform forged = decode_flac({}, bytes_of(bytes)).value();
    const std::size_t middle =
        kept.parts.empty() ? kept.samples / 2 : kept.parts.back().first_sample + kept.parts.back().samples / 2;
    forged.channels[0].counts[middle] += 40;
    const std::string forged_bytes = encode_flac(forged).value(), sha256 = sha256_hex(forged_bytes);
    std::filesystem::create_directories(
        (records() / waveform_path(sha256, suffix_of(WaveformForm::flac))).parent_path());
    write_text(records() / waveform_path(sha256, suffix_of(WaveformForm::flac)), forged_bytes);
    sql(fmt::format(
        "DROP TRIGGER IF EXISTS waveforms_no_update; UPDATE waveforms SET sha256 = '{}' WHERE sha256 = '{}'", sha256,
        kept.sha256));
    const json said = recomputed(1);
    EXPECT_EQ(said.at("result"), "differs");
    EXPECT_FALSE(said.at("differences").empty()) << kind;
    sql(fmt::format("UPDATE waveforms SET sha256 = '{}' WHERE sha256 = '{}'", kept.sha256, sha256));
  }
  EXPECT_EQ(recomputed(0).at("result"), "same");
}

TEST_F(RecomputeProgram, FindsEveryValueThatWasChangedInTheRecord) {
  for (const char* change :
       {"UPDATE measurements SET value = value + 1e-9 WHERE id = (SELECT max(id) FROM measurements WHERE measurand = "
        "'extension')",
        "UPDATE measurements SET expanded_u = expanded_u * 0.9 WHERE phase IS NOT NULL AND expanded_u > 0",
        "UPDATE decisions SET verdict = 3 WHERE id = 2", "UPDATE decisions SET conformity = 0.75 WHERE id = 1",
        "UPDATE phases SET values_json = json_set(values_json, '$.needle_zero_mm', 1.0) WHERE kind = 'reference'",
        "UPDATE waveforms SET inputs_json = json_set(inputs_json, '$.\"tare.zero_counts\"', 3.5) "
        "WHERE purpose = 'setting'",
        "UPDATE waveforms SET parts_json = json_remove(parts_json, '$[4]') WHERE purpose = 'touch tips'",
        "UPDATE calibration_inputs SET inputs_json = json_set(inputs_json, '$.\"calibrations.id\"', 'RIG-0')",
        "UPDATE outcomes SET verdict = 3", "UPDATE corrections SET value = 5 WHERE id = 2"}) {
    const std::string before = read_text(records() / "records.db"), wal = read_text(records() / "records.db-wal");
    for (const char* table :
         {"measurements", "decisions", "phases", "waveforms", "calibration_inputs", "outcomes", "corrections"}) {
      sql(fmt::format("DROP TRIGGER IF EXISTS {}_no_update", table));
    }
    sql(change);
    const json said = recomputed(1);
    EXPECT_EQ(said.at("result"), "differs") << change;
    std::filesystem::remove(records() / "records.db-wal");
    std::filesystem::remove(records() / "records.db-shm");
    write_text(records() / "records.db", before);
    if (!wal.empty()) write_text(records() / "records.db-wal", wal);
  }
  EXPECT_EQ(recomputed(0).at("result"), "same");
}

TEST_F(RecomputeProgram, CallsAnotherAlgorithmNewerAndNotTampering) {
  sql("DROP TRIGGER runs_no_update; UPDATE runs SET algorithm_version = '0'; DROP TRIGGER measurements_no_update;"
      "UPDATE measurements SET value = value + 1 WHERE measurand = 'extension'");
  const Finished f = program({"recompute", "R-000001"});
  EXPECT_EQ(f.exit_code, 1);
  EXPECT_THAT(f.out, HasSubstr("recorded by algorithm 0"));
  EXPECT_THAT(f.out, HasSubstr("newer algorithm"));
  EXPECT_THAT(f.out, HasSubstr("extension: value: "));
  EXPECT_THAT(f.out, Not(HasSubstr("not what its samples give")));
  EXPECT_EQ(recomputed(1).at("result"), "newer algorithm");
}

TEST_F(RecomputeProgram, FindsTheSameOnAMachineWithoutFmaAndAvx2) {
  ::setenv("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F", 1);
  const json said = recomputed(0);
  ::unsetenv("GLIBC_TUNABLES");
  EXPECT_EQ(said.at("result"), "same");
}

TEST_F(RecomputeProgram, FindsTheSameFromABundleInAFreshDirectory) {
  const Finished packed = program({"export", "R-000001", "--bundle", "run.zip"});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;
  const ScratchDirectory fresh;
  for (const ArchiveEntry& entry : entries_of_zip(read_text(folder_.path() / "run.zip")).value()) {
    std::filesystem::create_directories((fresh.path() / entry.name).parent_path());
    write_text(fresh.path() / entry.name, entry.bytes);
  }
  const Finished f = run_program({"recompute", "R-000001", "--records", "R-000001", "--json"}, fresh.path().string());
  EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
  EXPECT_EQ(json::parse(f.out).at("waveforms"), recomputed(0).at("waveforms"));
}

TEST_F(RecomputeProgram, ShowsWhichVerdictsOtherLimitsWouldOverturnAndWritesNothing) {
  std::string product = read_text(kProduct);
  const std::size_t at = product.find("tolerance_mm: 0.150");
  ASSERT_NE(at, std::string::npos);
  product.replace(at, 19, "tolerance_mm: 0.020");
  write_text(folder_.path() / "tight.yaml", product);
  const auto rows = [this] {
    return Sqlite(records()).first(
        "SELECT (SELECT count(*) FROM runs) || ' ' || (SELECT count(*) FROM decisions) || ' ' || "
        "(SELECT count(*) FROM measurements)");
  };
  const std::string before = rows();
  const Finished text = program({"recompute", "R-000001", "--product", "tight.yaml"});
  EXPECT_EQ(text.exit_code, 1) << text.err;
  EXPECT_THAT(text.out, HasSubstr("D1"));
  const Finished f = program({"recompute", "--serial-number", "PRO-0001", "--product", "tight.yaml", "--json"});
  EXPECT_EQ(f.exit_code, 1) << f.err;
  const json said = json::parse(f.out);
  EXPECT_EQ(said.at("verdict_was"), "PASS");
  EXPECT_NE(said.at("verdict_is"), "PASS");
  std::size_t overturned = 0;
  for (const json& d : said.at("decisions")) {
    EXPECT_EQ(d.at("overturned"), d.at("requirement") == "D1") << d;
    overturned += d.at("overturned") == true ? 1U : 0U;
  }
  EXPECT_GE(overturned, 1U);
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(program({"recompute", "R-000001", "--product", kProduct}).exit_code, 0) << "the same limits change nothing";
  EXPECT_EQ(recomputed(0).at("result"), "same");
}

TEST_F(RecomputeProgram, NeedsToKnowWhichRun) {
  EXPECT_EQ(program({"recompute"}).exit_code, 4);
  EXPECT_EQ(program({"recompute", "R-000001", "--all"}).exit_code, 4);
  EXPECT_EQ(program({"recompute", "R-000009"}).exit_code, 4);
  EXPECT_THAT(program({"recompute", "R-000001", "--product", "nowhere.yaml"}).err,
              HasSubstr("nowhere.yaml: no such file"));
  EXPECT_EQ(program({"recompute", "--serial-number", "PRO-0009"}).exit_code, 4);
  EXPECT_EQ(program({"recompute", "--all"}).exit_code, 0);
}

/// A disk on which one waveform cannot be written.
class FailingWaveforms final : public ForwardingSink {
 public:
  FailingWaveforms(RecordSink& store, int failing) : ForwardingSink(store), failing_(failing) {}
  std::unique_ptr<WaveformWriter> begin_waveform(const std::string& run_id, const WaveformHead& head) override {
    if (begun_++ != failing_) return ForwardingSink::begin_waveform(run_id, head);
    return std::make_unique<Failing>();
  }

 private:
  class Failing final : public WaveformWriter {
   public:
    void samples(const SampleBlock&) override {}
    void gap(const std::string&) override {}
    void end() override {}
    Result<WaveformRecord> finish() override { return fail(Errc::no_space, "the disk of waveforms is full"); }
  };
  int failing_, begun_ = 0;
};

TEST(WaveformFailure, EndsInAnErrorThatNamesItAndNeverInAPass) {
  for (const int failing : {0, 1, 2, 3, 4, 5, 6}) {
    VirtualRun what;
    what.plan = "rig/plans/smoke.yaml";
    what.recomputed = false;
    what.before_store = [failing](RecordSink& store) { return std::make_unique<FailingWaveforms>(store, failing); };
    const VirtualResult run = run_virtual(what);
    EXPECT_EQ(run.result.outcome.verdict, Verdict::error) << failing;
    EXPECT_FALSE(run.result.record_durable) << failing;
    EXPECT_NE(run.result.outcome.reason.find("disk of waveforms is full"), std::string::npos) << failing;
    EXPECT_FALSE(run.record.closed) << failing;
    EXPECT_TRUE(run.result.outcome.safe_state_confirmed) << failing;
  }
}

}  // namespace
}  // namespace penrig::test
