#include "tools/penrig/output_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "reports/evidence/key_ring.hpp"
#include "reports/scratch_directory.hpp"
#include "reports/store/record_store.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kReplaced = "would be replaced (name another)";

/// A folder of records with one run, and files where waveforms and the locks of runs lie.
class OutputFile : public ::testing::Test {
 protected:
  OutputFile() {
    const auto store = RecordStore::open(records()).value();
    RunHeader header;
    header.serial_number = "PRO-1";
    RunOutcome outcome;
    outcome.verdict = Verdict::pass;
    EXPECT_TRUE(store->close_run(store->open_run(header).value(), outcome).has_value());
    write(waveform(), "samples");
  }

  Said export_to(const fs::path& file) const {
    return run_line({"export", "--all", "--json", file.string(), "--records", records().string()});
  }
  void expect_kept(const fs::path& named, const fs::path& file) const {
    const std::string before = bytes(file);
    const Said said = export_to(named);
    EXPECT_EQ(said.code, 4) << named << said.both();
    EXPECT_THAT(said.both(), HasSubstr(kReplaced)) << named;
    EXPECT_EQ(bytes(file), before) << named;
  }

  fs::path in(const char* name) const { return folder_.path() / name; }
  fs::path records() const { return in("records"); }
  fs::path database() const { return records() / "records.db"; }
  fs::path waveform() const { return records() / "waveforms/8c/8c01.flac"; }
  static void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  static std::string bytes(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(from), {}};
  }

  ScratchDirectory folder_;
};

/// Every option that names a file to be written; the file itself is still to come.
std::vector<std::vector<std::string>> outputs() {
  std::vector<std::vector<std::string>> all;
  for (const char* option : {"--csv-wide", "--csv-long", "--limits", "--json", "--wsjf", "--junit"})
    all.push_back({"export", "--all", option});
  for (const char* option : {"--html", "--pdf"}) all.push_back({"report", "R-000001", option});
  for (const char* option : {"--strokes", "--html"}) all.push_back({"analyze", "c.csv", option});
  for (const char* command : {"capability", "spc", "yield"}) all.push_back({command, "--html"});
  for (const char* study : {"grr", "linearity", "type1", "stability"})
    all.push_back({"study", study, "--csv", "t.csv", "--html"});
  all.insert(all.end(), {{"export", "R-000001", "--bundle"},
                         {"compare", "a.csv", "b.csv", "--html"},
                         {"verify", "--write-checkpoint"},
                         {"swarm", "--html"},
                         {"sim", "--list-defects", "--write-rig"},
                         {"calibrate", "encoder", "--operator", "A", "--standard", "R, C", "--save"},
                         {"suite", "run", "suite.yaml", "--junit"},
                         {"run", "plan.yaml", "--rig", "sim:", "--serial-number", "X", "--junit"}});
  return all;
}

TEST_F(OutputFile, OfNoOptionReplacesTheDatabaseOfRecords) {
  const std::string before = bytes(database());
  for (std::vector<std::string> line : outputs()) {
    const std::string option = line.front() + " " + line.back();
    line.push_back(database().string());
    const Said said = run_line(line);
    EXPECT_EQ(said.code, 4) << option << said.both();
    EXPECT_THAT(said.both(), HasSubstr(kReplaced)) << option;
    ASSERT_EQ(bytes(database()), before) << option;
  }
}

TEST_F(OutputFile, OfNoOptionIsCalledAsTheStandardOutput) {
  for (std::vector<std::string> line : outputs()) {
    const std::string option = line.front() + " " + line.back();
    if (line.front() == "export" && line.back() != "--junit" && line.back() != "--bundle") continue;
    line.emplace_back("-");
    const Said said = run_line(line);
    EXPECT_EQ(said.code, 4) << option << said.both();
    EXPECT_THAT(said.both(), HasSubstr("is the standard output")) << option;
    ASSERT_FALSE(fs::exists("-")) << option;
  }
}

// A JUnit file turns red whatever else is wrong with the line: never that one.
TEST_F(OutputFile, OfARefusedCommandLineReplacesNoDatabaseEither) {
  const std::string before = bytes(database());
  EXPECT_EQ(run_line({"run", "plan.yaml", "--no-such-option", "--junit", database().string()}).code, 4);
  EXPECT_EQ(run_line({"rnu", "--junit=" + database().string()}).code, 4);
  EXPECT_EQ(bytes(database()), before);
}

TEST_F(OutputFile, ReplacesNoWaveformHoweverItIsReached) {
  fs::create_directory_symlink(records() / "waveforms/8c", in("folder"));
  fs::create_symlink(waveform(), in("page.html"));
  for (const fs::path& named :
       {waveform(), records() / "R-000001/../waveforms/8c/8c01.flac", in("folder") / "8c01.flac", in("page.html")}) {
    expect_kept(named, waveform());
  }
}

TEST_F(OutputFile, ReplacesNoWaveformOnAnotherDisk) {
  fs::rename(records() / "waveforms", in("disk"));
  fs::create_directory_symlink(in("disk"), records() / "waveforms");
  expect_kept(waveform(), in("disk") / "8c/8c01.flac");
}

TEST_F(OutputFile, ReplacesNothingElseThatAStoreIsMadeOf) {
  for (const char* name : {"records.db-wal", "records.db-shm", "running/R-000001.lock"}) {
    write(records() / name, "its own");
    EXPECT_THAT(why_not_replaced((records() / name).string()), HasSubstr(kReplaced)) << name;
  }
  EXPECT_NE(why_not_replaced((records() / "waveforms/new.csv").string()), "") << "nor does it lie among them";
}

TEST_F(OutputFile, ReplacesNoDatabaseUnderAnotherName) {
  fs::copy_file(database(), in("kept.html"));
  expect_kept(in("kept.html"), in("kept.html"));
}

TEST_F(OutputFile, OfNoOptionReplacesThePrivateKey) {
  ASSERT_TRUE(KeyRing::create(in("keys"), "M. Okafor").has_value());
  const fs::path key = in("keys") / "record-key";
  const std::string before = bytes(key);
  for (std::vector<std::string> line : outputs()) {
    const std::string option = line.front() + " " + line.back();
    line.push_back(key.string());
    const Said said = run_line(line);
    EXPECT_EQ(said.code, 4) << option << said.both();
    EXPECT_THAT(said.both(), HasSubstr(kReplaced)) << option;
    ASSERT_EQ(bytes(key), before) << option;
  }
}

TEST_F(OutputFile, ReplacesNothingThatAFolderOfKeysIsMadeOf) {
  ASSERT_TRUE(KeyRing::create(in("keys"), "M. Okafor").has_value());
  ASSERT_TRUE(KeyRing::rotate(in("keys"), "").has_value());
  fs::create_symlink(in("keys") / "record-key.pub", in("page.html"));
  for (const char* name : {"record-key", "record-key.pub", "record-key-1"})
    EXPECT_THAT(why_not_replaced((in("keys") / name).string()), HasSubstr(kReplaced)) << name;
  EXPECT_NE(why_not_replaced(in("page.html").string()), "");
  EXPECT_NE(why_not_replaced((in("keys") / "record-key-2").string()), "") << "nor is the next one's place taken";
  EXPECT_EQ(why_not_replaced((in("keys") / "all.json").string()), "");
}

TEST_F(OutputFile, ReplacesNoPrivateKeyOfAnyKindUnderAnyName) {
  for (const char* head : {"-----BEGIN OPENSSH PRIVATE KEY-----\n", "-----BEGIN PRIVATE KEY-----\r\n",
                           "-----BEGIN EC PARAMETERS-----\nBg==\n-----BEGIN EC PRIVATE KEY-----\n"}) {
    write(in("tls.html"), head);
    EXPECT_THAT(why_not_replaced(in("tls.html").string()), HasSubstr("is a private key")) << head;
  }
  write(in("tls.html"), "-----BEGIN PUBLIC KEY-----\nno -----BEGIN PRIVATE KEY----- of its own\n");
  EXPECT_EQ(why_not_replaced(in("tls.html").string()), "");
}

TEST_F(OutputFile, MayLieBesideTheRecordsAndBeReplacedThere) {
  for (int i = 0; i < 2; ++i) {
    const Said said = export_to(records() / "records.json");
    EXPECT_EQ(said.code, 0) << i << said.both();
  }
  EXPECT_THAT(bytes(records() / "records.json"), HasSubstr("R-000001"));
  fs::create_directory(in("waveforms"));
  EXPECT_EQ(export_to(in("waveforms") / "all.json").code, 0) << "no records are beside that folder";
}

TEST_F(OutputFile, OfTwoOptionsIsRefusedAndNothingIsWritten) {
  const std::string one = in("same").string(), other = (folder_.path() / "." / "same").string();
  const std::vector<std::vector<std::string>> lines{
      {"export", "--all", "--csv-wide", one, "--csv-long", other, "--records", records().string()},
      {"report", "R-000001", "--html", one, "--pdf", other, "--records", records().string()},
      {"analyze", "no-such-capture.csv", "--strokes", one, "--html", other}};
  for (const std::vector<std::string>& line : lines) {
    const Said said = run_line(line);
    EXPECT_EQ(said.code, 4) << line.front() << said.both();
    EXPECT_THAT(said.both(), HasSubstr(line[2] + " and " + line[4] + " both name")) << line.front();
    EXPECT_FALSE(fs::exists(one)) << line.front();
  }
}

TEST(OutputFiles, AreApartWhereTheirPlacesAreNotTheirNames) {
  EXPECT_FALSE(check_apart({{"--a", "l.csv"}, {"--b", "./l.csv"}}).has_value());
  EXPECT_FALSE(check_apart({{"--a", "l.csv"}, {"--b", ""}, {"--c", "no-such-folder/../l.csv"}}).has_value());
  EXPECT_TRUE(check_apart({{"--a", "l.csv"}, {"--b", "no-such-folder/l.csv"}}).has_value());
  EXPECT_TRUE(check_apart({{"--a", ""}, {"--b", ""}}).has_value()) << "neither is asked for";
}

}  // namespace
}  // namespace penrig::cli
