#include <fstream>

#include <gtest/gtest.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "tests/reports/evidence_store.hpp"
#include "tests/system/variable.hpp"
#include "tests/tools/json_lines.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

using penrig::testing::opened;

class EvidenceCommands : public ::testing::Test {
 protected:
  // As the program itself does: complaints go to stderr.
  void SetUp() override {
    before_ = spdlog::default_logger();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  }
  void TearDown() override { spdlog::set_default_logger(before_); }
  /// With this test's own store and keys.
  Said here(std::vector<std::string> words, bool keys = true) {
    words.insert(words.end(), {"--records", records()});
    if (keys) words.insert(words.end(), {"--keys", (folder_.path() / "keys").string()});
    return run_line(words);
  }
  std::string records() const { return (folder_.path() / "records").string(); }
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  std::string add_run() {
    RunRecord record = penrig::testing::small_record();
    return penrig::testing::stored(*opened(records()), record);
  }
  const std::string plan_ = PENRIG_SOURCE_DIR "/rig/plans/eol-pro.yaml";
  std::shared_ptr<spdlog::logger> before_;
  penrig::ScratchDirectory folder_;
};

TEST_F(EvidenceCommands, KeysAreMadeOnceShownAndRotated) {
  EXPECT_EQ(here({"keys", "show"}).code, 4);
  EXPECT_EQ(here({"keys", "init"}).code, 4) << "whose?";
  add_run();
  const Said made = here({"keys", "init", "--name", "M. Okafor", "--json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto key = json_lines(made.out).at(0);
  EXPECT_EQ(key.at("name"), "M. Okafor");
  EXPECT_EQ(key.at("entered_in"), records());
  EXPECT_EQ(here({"keys", "init", "--name", "again"}).code, 4);
  const Said shown = here({"keys", "show"});
  EXPECT_NE(shown.out.find(key.at("fingerprint")), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("M._Okafor namespaces="), std::string::npos) << shown.out;
  EXPECT_EQ(here({"keys", "rotate"}).code, 0);
  EXPECT_EQ(here({"verify"}).code, 0) << here({"verify"}).out;
  EXPECT_NE(here({"audit"}, false).out.find("key rotated"), std::string::npos);
}

TEST_F(EvidenceCommands, NoKeyIsMadeBesideAStoreThatLostItsDatabase) {
  add_run();
  penrig::testing::write_waveform_file(records(), "samples");
  std::filesystem::remove(records() + "/records.db");
  const Said said = here({"keys", "init", "--name", "a"});
  EXPECT_EQ(said.code, 3) << said.both();
  EXPECT_NE(said.err.find("records.db: it is gone, and what was recorded with it is still there"), std::string::npos)
      << said.err;
  EXPECT_FALSE(std::filesystem::exists(path("keys")));
  penrig::testing::write_bytes(records() + "/records.db", "no database");
  EXPECT_EQ(here({"keys", "init", "--name", "a"}).code, 3) << "it would be entered nowhere, in silence";
  EXPECT_FALSE(std::filesystem::exists(path("keys")));
}

TEST_F(EvidenceCommands, AKeyThatOthersMayReadSignsNothing) {
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  std::filesystem::permissions(path("keys") + "/record-key", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  add_run();
  for (const std::vector<std::string>& words : {std::vector<std::string>{"keys", "show"},
                                                {"approve", plan_, "--reason", "x"},
                                                {"records", "void", "R-000001", "--reason", "x"}}) {
    const Said said = here(words);
    EXPECT_EQ(said.code, 3) << words[0];
    EXPECT_NE(said.err.find("chmod 600"), std::string::npos) << said.err;
  }
  EXPECT_TRUE(opened(records())->audit_trail().value().empty());
}

TEST_F(EvidenceCommands, ApprovingIsSignedHasAReasonAndCanBeTakenBack) {
  EXPECT_EQ(here({"approve", plan_, "--reason", "x"}).code, 4) << "no key where it was said to be";
  {
    const penrig::test::Variable nobody("XDG_CONFIG_HOME", path("config"));
    EXPECT_EQ(here({"approve", plan_, "--reason", "x"}, false).code, 3) << "no key";
  }
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  EXPECT_EQ(here({"approve", plan_}).code, 4) << "no reason";
  EXPECT_EQ(here({"approve", "--reason", "x"}).code, 4) << "no file";
  EXPECT_EQ(here({"approve", "--withdraw", plan_, "--reason", "x"}).code, 4) << "not approved";
  const Said approved = here({"approve", plan_, PENRIG_SOURCE_DIR "/fixtures/products/pen-pro.yaml",
                              PENRIG_SOURCE_DIR "/fixtures/rigs/bench-example.yaml", "--reason", "release 4"});
  EXPECT_EQ(approved.code, 0) << approved.err;
  EXPECT_EQ(here({"approve", plan_, "--reason", "x"}).code, 4) << "approved already";
  auto list = json_lines(here({"approve", "--list", "--json"}).out);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("kind"), "plan");
  EXPECT_EQ(list[1].at("kind"), "product");
  EXPECT_EQ(list[2].at("kind"), "rig");
  EXPECT_EQ(list[0].at("state"), "in force");
  EXPECT_EQ(list[0].at("reason"), "release 4");
  EXPECT_EQ(here({"approve", "--withdraw", plan_, "--reason", "limit was wrong"}).code, 0);
  list = json_lines(here({"approve", "--list", "--json"}).out);
  EXPECT_NE(list[0].at("state").get<std::string>().find("withdrawn by A-0"), std::string::npos) << list[0];
  EXPECT_EQ(here({"verify"}).code, 0);
}

TEST_F(EvidenceCommands, AFileWithMistakesIsNotApprovedAndTheMistakeIsShown) {
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  std::ofstream(path("plan.yaml")) << "name: x\nrevision: none\nphases: []\n";
  const Said said = here({"approve", path("plan.yaml"), "--reason", "x"});
  EXPECT_EQ(said.code, 4);
  EXPECT_NE(said.err.find("plan.yaml:"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("nothing was entered"), std::string::npos) << said.err;
}

TEST_F(EvidenceCommands, VerifyNamesWhatIsWrongAndEndsWithOne) {
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  EXPECT_EQ(here({"verify"}).code, 4) << "no store";
  const std::string run_id = add_run();
  EXPECT_EQ(here({"verify", run_id}, false).code, 0);
  EXPECT_EQ(here({"verify", run_id, "--all"}, false).code, 4);
  EXPECT_EQ(here({"verify", "R-000099"}, false).code, 4);
  EXPECT_EQ(here({"verify", "--checkpoint", path("none")}, false).code, 4);
  ASSERT_EQ(here({"verify", "--write-checkpoint", path("kept")}, false).code, 0);
  EXPECT_EQ(here({"verify", "--checkpoint", path("kept")}, false).code, 0);
  penrig::testing::tamper(records(), "UPDATE outcomes SET reason = 'never mind'");
  const Said said = here({"verify", "--json"}, false);
  EXPECT_EQ(said.code, 1);
  const auto json = json_lines(said.out).at(0);
  EXPECT_EQ(json.at("verified"), false);
  EXPECT_EQ(json.at("faults").at(0).at("where"), run_id);
  EXPECT_NE(here({"verify"}, false).out.find("NOT VERIFIED"), std::string::npos);
}

TEST_F(EvidenceCommands, OfWhatIsNoBundleOnlyThatIsSaid) {
  std::ofstream(path("b.zip")) << "no bundle";
  const Said said = run_line({"verify", "--bundle", path("b.zip")});
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.out.find("is no bundle, or a damaged one"), std::string::npos) << said.out;
  EXPECT_EQ(said.out.find("SHA-256"), std::string::npos) << said.out;
}

TEST_F(EvidenceCommands, ASimulatedRunWithAKeyIsSignedAndStillNoCertificate) {
  ASSERT_EQ(here({"keys", "init", "--name", "M. Okafor"}).code, 0);
  const Said ran = here({"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number",
                         "PRO-0001", "--no-report"});
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("simulated: not a certificate"), std::string::npos) << ran.out;
  const RunRecord run = opened(records())->load_run("R-000001").value();
  EXPECT_TRUE(run.header.engineering);
  EXPECT_EQ(run.standing.signatures.at(0).name, "M. Okafor");
  const auto verified = json_lines(here({"verify", "--json"}).out).at(0);
  EXPECT_EQ(verified.at("verified"), true) << verified;
  EXPECT_EQ(verified.at("signed_runs"), 1);
  EXPECT_GT(verified.at("waveforms"), 0);
  // One sample of one waveform.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(records() + "/waveforms")) {
    if (entry.path().extension() != ".flac") continue;
    std::string bytes = penrig::testing::bytes_in(entry.path());
    bytes[bytes.size() / 2] ^= 4;
    penrig::testing::write_bytes(entry.path(), bytes);
    break;
  }
  const Said altered = here({"verify"});
  EXPECT_EQ(altered.code, 1);
  EXPECT_NE(altered.out.find("R-000001, waveform "), std::string::npos) << altered.out;
}

TEST_F(EvidenceCommands, ARunWithoutASignatureIsUnsignedAndOneThatWouldCertifyIsCalledSo) {
  for (const bool certifying : {true, false}) {
    RunRecord record = penrig::testing::small_record();
    record.header.simulated = record.header.engineering = !certifying;
    penrig::testing::stored(*opened(records()), record);
  }
  const auto list = json_lines(run_line({"records", "list", "--json", "--records", records()}).out);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].at("signed"), false);
  EXPECT_EQ(list[1].at("signed"), false);
  EXPECT_EQ(list[0].at("certifying_unsigned"), true);
  EXPECT_EQ(list[1].at("certifying_unsigned"), false);
  const std::string text = run_line({"records", "list", "--records", records()}).out;
  EXPECT_NE(text.find("certifying, UNSIGNED\n"), std::string::npos) << text;
  const std::string notes = json_lines(here({"verify", "--json"}, false).out).at(0).at("notes").dump();
  EXPECT_NE(notes.find("2 of the closed runs, certifying or not, are unsigned"), std::string::npos) << notes;
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  add_run();
  EXPECT_EQ(json_lines(run_line({"records", "list", "--json", "--records", records()}).out).at(2).at("signed"), false)
      << "the store has a key, and this run was closed without it";
}

TEST_F(EvidenceCommands, AKeyThatWasNamedAndIsNotThereIsAMistakeAndNothingIsBegun) {
  add_run();
  std::ofstream(path("file")) << "no folder of keys\n";
  for (const char* keys : {"none", "file"}) {
    for (std::vector<std::string> words : {std::vector<std::string>{"records", "comment", "R-000001", "--reason", "x"},
                                           {"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1",
                                            "--serial-number", "PRO-0001", "--no-report"}}) {
      words.insert(words.end(), {"--records", records(), "--keys", path(keys)});
      const Said said = run_line(words);
      EXPECT_EQ(said.code, 4) << words[0] << ' ' << said.out << said.err;
      EXPECT_NE(said.err.find(path(keys) + ": there is no key"), std::string::npos) << said.err;
    }
  }
  EXPECT_TRUE(opened(records())->audit_trail().value().empty());
  EXPECT_EQ(opened(records())->list_runs().value().size(), 1U);
  EXPECT_EQ(run_line({"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number",
                      "PRO-0001", "--records", path("other"), "--keys", path("none")})
                .code,
            4);
  EXPECT_FALSE(std::filesystem::exists(path("other")));
}

TEST_F(EvidenceCommands, ACalibrationThatNobodySignsIsRefusedWhereRunsCertify) {
  ASSERT_EQ(here({"keys", "init", "--name", "M. Okafor"}).code, 0);
  std::ofstream points(path("cell.csv"));
  points << "force_n,reading_counts\n";
  for (int i = 0; i < 30; ++i) points << i % 10 << ',' << 120 + 4985 * (i % 10) + i % 3 << '\n';
  points.close();
  const std::vector<std::string> calibrate{"calibrate", "load-cell",  "--points", path("cell.csv"), "--fixture",
                                           "B",         "--operator", "A. Meier", "--standard",     "REF-7, PTB 51042"};
  const penrig::test::Variable nobody("XDG_CONFIG_HOME", path("config"));
  EXPECT_EQ(here(calibrate, false).both().find("M. Okafor"), std::string::npos) << "the store has no key yet";
  add_run();
  ASSERT_EQ(here({"records", "comment", "R-000001", "--reason", "a first entry with the key"}).code, 0);
  const Said warned = here(calibrate, false);
  EXPECT_EQ(warned.code, 0) << warned.err;
  EXPECT_NE(warned.err.find("no certifying run takes it"), std::string::npos) << warned.err;
  EXPECT_NE(warned.err.find("M. Okafor, SHA256:"), std::string::npos) << warned.err;
  EXPECT_EQ(here({"verify"}, false).code, 1);
  RunRecord certifying = penrig::testing::small_record(penrig::testing::SampleEnd::pass, false);
  penrig::testing::stored(*opened(records()), certifying);
  const Said refused = here(calibrate, false);
  EXPECT_EQ(refused.code, 3);
  EXPECT_NE(refused.err.find("must be signed by the key of these records (M. Okafor, SHA256:"), std::string::npos)
      << refused.err;
  EXPECT_EQ(json_lines(here({"calibration", "list", "--json"}, false).out).size(), 2U);
  EXPECT_EQ(here(calibrate).code, 0) << "with --keys";
  EXPECT_TRUE(opened(records())->audit_trail().value().back().signed_by == "M. Okafor");
}

TEST_F(EvidenceCommands, AVoidThatNobodySignsIsAskedForAndABlankReasonIsNone) {
  ASSERT_EQ(here({"keys", "init", "--name", "M. Okafor"}).code, 0);
  add_run();
  const penrig::test::Variable nobody("XDG_CONFIG_HOME", path("config"));
  EXPECT_EQ(here({"records", "void", "R-000001", "--reason", " "}).code, 4);
  EXPECT_EQ(here({"records", "comment", "R-000001", "--reason", " \t"}).code, 4);
  EXPECT_EQ(here({"approve", plan_, "--reason", " "}).code, 4);
  ASSERT_EQ(here({"records", "comment", "R-000001", "--reason", "a first entry with the key"}).code, 0);
  const Said refused = here({"records", "void", "R-000001", "--reason", "wrong pen"}, false);
  EXPECT_EQ(refused.code, 4) << refused.err;
  EXPECT_NE(refused.err.find("nobody signs that R-000001 is void"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("M. Okafor, SHA256:"), std::string::npos) << refused.err;
  EXPECT_EQ(here({"verify"}, false).code, 0) << "nothing was written";
  const Said said = here({"records", "void", "R-000001", "--reason", "wrong pen", "--unsigned"}, false);
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_NE(said.err.find("nobody signs that R-000001 is void"), std::string::npos) << said.err;
  EXPECT_EQ(here({"verify"}, false).code, 1);
}

TEST_F(EvidenceCommands, AVoidRunSaysSoEverywhereAndTheRecordStays) {
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  add_run();
  add_run();
  const std::string before = here({"records", "show", "R-000001", "--json"}, false).out;
  EXPECT_EQ(here({"records", "void", "R-000001"}).code, 4) << "no reason";
  EXPECT_EQ(here({"records", "void", "R-000009", "--reason", "x"}).code, 4);
  EXPECT_EQ(here({"records", "void", "R-000001", "--reason", "x", "--superseded-by", "R-000001"}).code, 4);
  ASSERT_EQ(here({"records", "void", "R-000001", "--reason", "wrong cartridge", "--superseded-by", "R-000002"}).code,
            0);
  EXPECT_EQ(here({"records", "void", "R-000001", "--reason", "again"}).code, 4);
  const Said by_void = here({"records", "void", "R-000002", "--reason", "x", "--superseded-by", "R-000001"});
  EXPECT_EQ(by_void.code, 4) << "what is void itself was said to count instead";
  EXPECT_NE(by_void.err.find("R-000001 is void: it counts for nothing either"), std::string::npos) << by_void.err;
  ASSERT_EQ(here({"records", "comment", "R-000002", "--reason", "the one that counts"}).code, 0);
  const Said show = here({"records", "show", "R-000001"}, false);
  for (const char* part : {"VOID", "wrong cartridge", "R-000002"})
    EXPECT_NE(show.out.find(part), std::string::npos) << part << show.out;
  const Said json = here({"records", "show", "R-000001", "--json"}, false);
  EXPECT_EQ(json.out, before) << "the signed bytes are as they were";
  EXPECT_NE(json.err.find("is void"), std::string::npos) << json.err;
  EXPECT_NE(here({"records", "show", "R-000002"}, false).out.find("the one that counts"), std::string::npos);
  const auto list = json_lines(here({"records", "list", "--json"}, false).out);
  EXPECT_EQ(list.at(0).at("void"), true);
  EXPECT_EQ(list.at(1).at("void"), false);
  ASSERT_EQ(here({"report", "R-000001", "--html", path("r.html"), "--pdf", path("r.pdf")}, false).code, 0);
  EXPECT_NE(penrig::testing::bytes_in(path("r.html")).find("VOID: not a certificate"), std::string::npos);
}

TEST_F(EvidenceCommands, WhatIsOpenedFirstOfAVoidRunSaysThatItIsVoid) {
  ASSERT_EQ(here({"keys", "init", "--name", "a"}).code, 0);
  add_run();
  const std::string report = records() + "/R-000001/report.html";
  std::filesystem::create_directories(records() + "/R-000001");
  ASSERT_EQ(here({"report", "R-000001", "--html", report}, false).code, 0);
  const Said done = here({"records", "void", "R-000001", "--reason", "wrong cartridge"});
  ASSERT_EQ(done.code, 0) << done.err;
  EXPECT_NE(done.out.find(report + "  says so"), std::string::npos) << done.out;
  const std::string page = penrig::testing::bytes_in(report);
  for (const char* part : {"VOID: not a certificate", "wrong cartridge", "SIMULATED: No pen was tested"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  const std::string show = here({"records", "show", "R-000001"}, false).out;
  const std::size_t end = show.find("VOID (was PASS)");
  ASSERT_NE(end, std::string::npos) << show;
  EXPECT_NE(show.find("declared this run void", end), std::string::npos) << show;
  const std::string list = here({"records", "list"}, false).out;
  EXPECT_EQ(list.find("✓"), std::string::npos) << list;
  EXPECT_NE(list.find("VOID"), std::string::npos) << list;
}

TEST_F(EvidenceCommands, ARunIsVoidWhereItsReportCannotBeWrittenAgainAndThatIsSaid) {
  add_run();
  add_run();
  std::filesystem::create_directories(records() + "/R-000001/report.html");
  const Said said = here({"records", "void", "R-000001", "--reason", "wrong cartridge"}, false);
  EXPECT_EQ(said.code, 0);
  EXPECT_NE(said.err.find("its report still shows it as it was before"), std::string::npos) << said.err;
  EXPECT_NE(said.err.find("penrig report R-000001 --html"), std::string::npos) << said.err;
  EXPECT_TRUE(opened(records())->load_run("R-000001").value().standing.voided.has_value());
  const Said none = here({"records", "void", "R-000002", "--reason", "wrong cartridge"}, false);
  EXPECT_EQ(none.err, "") << "no report was wanted";
  EXPECT_FALSE(std::filesystem::exists(records() + "/R-000002"));
}

TEST_F(EvidenceCommands, ABundleIsHeldAgainstTheKeysThatAreNamed) {
  ASSERT_EQ(here({"keys", "init", "--name", "M. Okafor"}).code, 0);
  ASSERT_EQ(run_line({"keys", "init", "--name", "M. Okafor", "--keys", path("other"), "--records", path("none")}).code,
            0);
  const Said ran = here({"run", PENRIG_SOURCE_DIR "/rig/plans/smoke.yaml", "--rig", "sim:seed=1", "--serial-number",
                         "PRO-0001", "--no-report"});
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  ASSERT_EQ(here({"export", "R-000001", "--bundle", path("b.zip")}).code, 0);
  const auto verify = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"verify", "--bundle", path("b.zip")});
    return run_line(more);
  };
  EXPECT_EQ(verify({}).code, 0);
  EXPECT_NE(verify({}).out.find("packed   M._Okafor, SHA256:"), std::string::npos) << verify({}).out;
  EXPECT_EQ(verify({"--keys", path("keys")}).code, 0) << verify({"--keys", path("keys")}).out;
  const Said others = verify({"--keys", path("other")});
  EXPECT_EQ(others.code, 1);
  EXPECT_NE(others.out.find("record.sig: is signed by SHA256:"), std::string::npos) << others.out;
  const Said nobody = verify({"--keys", path("nowhere")});
  EXPECT_EQ(nobody.code, 4);
  EXPECT_NE(nobody.err.find("there is no key"), std::string::npos) << nobody.err;
  const auto json = json_lines(verify({"--json"}).out).at(0);
  EXPECT_EQ(json.at("packer"), "M._Okafor");
  EXPECT_EQ(json.at("packer_fingerprint"), json.at("signer_fingerprint"));
}

}  // namespace
}  // namespace penrig::cli
