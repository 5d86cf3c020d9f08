#include "tools/penrig/export_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "reports/export/bundle.hpp"
#include "reports/record_json.hpp"
#include "reports/store/record_store.hpp"
#include "tests/system/variable.hpp"
#include "tests/tools/run_line.hpp"

namespace penrig::cli {
namespace {

/// A store with two runs that ended and one that was left open.
class Export : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "penrig-export-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const auto store = RecordStore::open(records()).value();
    for (const char* serial : {"PRO-1", "PRO-2", "PRO-3"}) {
      RunHeader h;
      h.serial_number = serial;
      h.plan_name = "smoke";
      h.product_name = "pen-pro";
      h.simulated = true;
      const std::string id = store->open_run(h).value();
      if (h.serial_number == "PRO-3") continue;
      RunOutcome o;
      o.verdict = Verdict::pass;
      Measurement m;
      m.measurand = "stop_latency";
      m.unit = "ms";
      m.value = 0.1 + 0.2;
      o.measurements = {m};
      Decision d;
      d.requirement_id = "S1";
      d.upper = 200;
      d.verdict = Verdict::pass;
      o.decisions = {d};
      ASSERT_TRUE(store->close_run(id, o).has_value());
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path records() const { return folder_ / "records"; }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  std::string text(const char* name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Said run(std::vector<std::string> words) const {
    words.insert(words.begin(), "export");
    words.insert(words.end(), {"--records", records().string()});
    return run_line(words);
  }
  static std::size_t lines(const std::string& of) {
    return static_cast<std::size_t>(std::count(of.begin(), of.end(), '\n'));
  }

  penrig::test::Variable no_keys_{"XDG_CONFIG_HOME", "/nowhere"};  ///< a developer's key would sign
  std::filesystem::path folder_;
};

TEST_F(Export, WritesEveryFormatOfASelection) {
  const Said said =
      run({"--all", "--csv-wide", path("wide.csv"), "--csv-long", path("long.csv"), "--limits", path("limits.csv"),
           "--json", path("all.ndjson"), "--wsjf", path("wats.json"), "--junit", path("junit.xml")});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(lines(said.out), 6U);
  EXPECT_EQ(lines(text("wide.csv")), 4U);
  EXPECT_EQ(lines(text("long.csv")), 4U) << "the run that was left open is not lost";
  EXPECT_EQ(text("limits.csv"), "Variable,LSL,Target,USL,void_as_certificate\r\nstop_latency_ms,,,200,SIMULATED\r\n");
  EXPECT_EQ(lines(text("all.ndjson")), 3U);
  EXPECT_EQ(lines(text("wats.json")), 3U);
  EXPECT_NE(text("wide.csv").find("0.30000000000000004"), std::string::npos);
  EXPECT_NE(text("junit.xml").find("errors=\"1\""), std::string::npos);
}

TEST_F(Export, ChoosesByNameSerialNumberAndPlan) {
  EXPECT_EQ(run({"R-000002", "R-000001", "--json", path("a")}).code, 0);
  EXPECT_LT(text("a").find("R-000002"), text("a").find("R-000001")) << "in the order in which they were named";
  EXPECT_EQ(run({"--serial", "PRO-2", "--json", path("b")}).code, 0);
  EXPECT_EQ(lines(text("b")), 1U);
  EXPECT_EQ(run({"--plan", "smoke", "--json", path("c")}).code, 0);
  EXPECT_EQ(lines(text("c")), 3U);
}

TEST_F(Export, TheJsonIsToTheByteWhatRecordsShowPrints) {
  ASSERT_EQ(run({"R-000001", "--json", path("a")}).code, 0);
  const auto store = RecordStore::open_existing(records()).value();
  EXPECT_EQ(text("a"), record_json_text(store->load_run("R-000001").value()));
}

TEST_F(Export, TheJsonOfARunThatWasDeclaredVoidComesWithAWarning) {
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  AuditEntry entry{.who = "M. Okafor", .action = audit::kRunVoided, .subject = "R-000001"};
  entry.reason = "wrong cartridge";
  RecordStore::open(records()).value()->add_audit(entry).value();
  const Said json = run({"--all", "--json", path("a")}), table = run({"--all", "--csv-wide", path("b")});
  spdlog::set_default_logger(before);
  EXPECT_EQ(json.code, 0);
  EXPECT_NE(json.err.find("R-000001 is void, which its JSON does not say"), std::string::npos) << json.err;
  EXPECT_NE(json.err.find("wrong cartridge"), std::string::npos) << json.err;
  EXPECT_EQ(json.err.find("R-000002"), std::string::npos) << json.err;
  EXPECT_EQ(table.err, "") << "a table says so itself";
}

TEST_F(Export, ABundleHoldsTogether) {
  ASSERT_EQ(run({"R-000001", "--bundle", path("b.zip"), "--paper", "letter"}).code, 0);
  const BundleCheck check = check_bundle_file(folder_ / "b.zip").value();
  for (const std::string& fault : check.faults) ADD_FAILURE() << fault;
  EXPECT_EQ(check.serial_number, "PRO-1");
}

TEST_F(Export, EveryMistakeEndsWithFourAndWritesNothing) {
  const std::string out = path("out");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--json", out},
                                             {"R-000001"},
                                             {"R-000001", "--all", "--json", out},
                                             {"R-000009", "--json", out},
                                             {"--serial", "PRO-9", "--json", out},
                                             {"--all", "--bundle", out},
                                             {"R-000003", "--bundle", out},
                                             {"R-000001", "--json", path("plan.yaml")},
                                             {"R-000001", "--bundle", out, "--paper", "a3"},
                                             {"R-000001", "--json", ""}}) {
    const Said said = run(words);
    EXPECT_EQ(said.code, 4) << words.front();
    EXPECT_NE(said.out + said.err, "") << words.front();
    EXPECT_FALSE(std::filesystem::exists(out)) << words.front();
  }
}

TEST_F(Export, NoMistakeLeavesAnEarlierGreenJUnitFile) {
  for (std::vector<std::string> words :
       std::vector<std::vector<std::string>>{{"R-000099"},
                                             {"R-000001", "--all"},
                                             {},
                                             {"--serial", "PRO-9"},
                                             {"--all", "--bundle", path("b.zip")},
                                             {"R-000003", "--bundle", path("b.zip")},
                                             {"R-000001", "--json", path("j"), "--wsjf", path("j")}}) {
    ASSERT_EQ(run({"R-000001", "--junit", path("st.xml")}).code, 0);
    ASSERT_NE(text("st.xml").find("errors=\"0\""), std::string::npos) << text("st.xml");
    words.insert(words.end(), {"--junit", path("st.xml")});
    const Said said = run(words);
    EXPECT_EQ(said.code, 4) << said.both();
    EXPECT_NE(text("st.xml").find("errors=\"1\""), std::string::npos) << words.front() << text("st.xml");
    EXPECT_NE(text("st.xml").find("the export failed: "), std::string::npos) << words.front() << text("st.xml");
  }
}

TEST_F(Export, AFileThatAnotherOptionNamesAsWellStaysAsItIs) {
  for (const char* other : {"--csv-wide", "--csv-long", "--limits", "--json", "--wsjf", "--bundle"}) {
    std::ofstream(folder_ / "t.csv") << "kept";
    EXPECT_EQ(run({"R-000001", other, path("t.csv"), "--junit", path("t.csv")}).code, 4) << other;
    EXPECT_EQ(text("t.csv"), "kept") << other;
  }
}

TEST_F(Export, ToTheStandardOutputIsAllThatIsSaidThere) {
  ASSERT_EQ(run({"--all", "--json", path("a"), "--csv-long", path("b")}).code, 0);
  const Said json = run({"--all", "--json", "-", "--csv-long", path("c"), "--junit", path("j.xml")});
  EXPECT_EQ(json.code, 0) << json.err;
  EXPECT_EQ(json.out, text("a"));
  EXPECT_EQ(text("c"), text("b"));
  EXPECT_NE(text("j.xml").find("errors=\"0\""), std::string::npos);
  EXPECT_EQ(run({"--all", "--csv-long", "-"}).out, text("b"));
  EXPECT_EQ(run({"--all", "--json", "-", "--csv-long", "-"}).code, 4) << "two would stand there as one";
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST_F(Export, PrintsItsSchemaWithoutAStore) {
  const Said said = run({"--json-schema"});
  EXPECT_EQ(said.code, 0);
  EXPECT_NE(said.out.find("https://json-schema.org/draft/2020-12/schema"), std::string::npos);
}

}  // namespace
}  // namespace penrig::cli
