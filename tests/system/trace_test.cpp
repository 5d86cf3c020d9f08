#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/reports/output_of.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

using Json = nlohmann::json;

class Traced : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1); }
  std::string folder() const { return folder_.path().string(); }
  /// @return the record.
  Json run(const std::string& records, bool trace) {
    std::vector<std::string> arguments{"run",
                                       kSource + "/rig/plans/smoke.yaml",
                                       "--rig",
                                       "sim:seed=1",
                                       "--serial-number",
                                       "PRO-0001",
                                       "--records",
                                       records,
                                       "--no-report"};
    if (trace) arguments.emplace_back("--trace");
    const Finished f = run_program(arguments, folder());
    EXPECT_EQ(f.exit_code, 0) << f.out << f.err;
    return Json::parse(run_program({"records", "show", "R-000001", "--json", "--records", records}, folder()).out);
  }
  ScratchDirectory folder_;
};

TEST_F(Traced, ARunHasTheSameNumbersAndTheSameTraceEachTime) {
  const Json first = run("first", true), second = run("second", true), without = run("without", false);
  EXPECT_EQ(first.at("link_trace"), second.at("link_trace"));
  EXPECT_GT(first.at("link_trace").at("bytes").get<int>(), 100'000);
  EXPECT_FALSE(without.contains("link_trace"));
  for (const char* key : {"verdict", "measurements", "decisions", "events", "phases"})
    EXPECT_EQ(first.at(key), without.at(key)) << key;
}

TEST_F(Traced, EveryRequestHasItsReplyAndEverySampleOfTheRecordPassed) {
  const Json record = run("records", true);
  const Finished shown = run_program({"records", "trace", "R-000001", "--json"}, folder());
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  std::map<std::string, int> messages;
  std::set<std::pair<int, int>> asked, answered;
  std::int64_t last_ns = 0;
  std::map<std::string, std::uint64_t> bytes;
  for (const Json& line : cli::json_lines(shown.out)) {
    EXPECT_FALSE(line.at("bad").get<bool>()) << line;
    EXPECT_LE(last_ns, line.at("utc_ns").get<std::int64_t>());
    last_ns = line.at("utc_ns");
    bytes[line.at("link").dump() + line.at("direction").get<std::string>()] += line.at("bytes").get<std::uint64_t>();
    if (line.at("message").is_null()) continue;
    ++messages[line.at("message")];
    if (line.at("request_id").is_null()) continue;
    (line.at("direction") == "out" ? asked : answered).emplace(line.at("link"), line.at("request_id"));
  }
  EXPECT_EQ(asked, answered);
  EXPECT_GT(asked.size(), 50U);
  EXPECT_EQ(messages["hello"], 2);
  EXPECT_EQ(messages["pen.start"], 1);
  EXPECT_GT(messages["daq.touch_off"], 10);
  std::uint64_t samples = 0;
  for (const Json& phase : record.at("phases")) {
    for (const Json& w : phase.at("waveforms")) samples += w.at("samples").get<std::uint64_t>();
  }
  EXPECT_GT(messages["sample_block"] * 1024, static_cast<int>(samples));
  // Nothing passed that is not in a frame, but for the delimiter ahead of a session's first.
  const Json& links = record.at("link_trace").at("links");
  ASSERT_EQ(links.size(), 2U);
  for (int link = 0; link < 2; ++link) {
    const Json& said = links.at(static_cast<std::size_t>(link));
    EXPECT_EQ(bytes[std::to_string(link) + "in"] + 1, said.at("bytes_in").get<std::uint64_t>()) << link;
    EXPECT_EQ(bytes[std::to_string(link) + "out"] + 1, said.at("bytes_out").get<std::uint64_t>()) << link;
  }
}

TEST_F(Traced, AStockToolReadsTheTraceAndABundleCarriesIt) {
  const Json record = run("records", true);
  const std::string file = folder() + "/records/" + record.at("link_trace").at("file").get<std::string>();
  const auto info = penrig::testing::output_of("capinfos -M -c '" + file + "'");
  EXPECT_EQ(info.status, 0) << info.text;
  const auto packets =
      penrig::testing::output_of("env HOME='" + folder() + "' tshark -r '" + file + "' 2>/dev/null | wc -l");
  EXPECT_GE(std::stoul(packets.text), record.at("link_trace").at("chunks").get<std::size_t>());
  ASSERT_EQ(run_program({"export", "R-000001", "--bundle", "b.zip"}, folder()).exit_code, 0);
  EXPECT_EQ(run_program({"verify", "--bundle", "b.zip"}, folder()).exit_code, 0);
  const auto listed = penrig::testing::output_of("unzip -l '" + folder() + "/b.zip'");
  EXPECT_NE(listed.text.find(record.at("link_trace").at("file").get<std::string>()), std::string::npos) << listed.text;
  const auto stock =
      penrig::testing::output_of("bash " + kSource + "/tests/reports/verify_bundle.sh '" + folder() + "/b.zip'");
  EXPECT_EQ(stock.text, "verified\n");
}

TEST_F(Traced, AChangedOrMissingTraceIsNamed) {
  const Json record = run("records", true);
  const std::string file = folder() + "/records/" + record.at("link_trace").at("file").get<std::string>();
  EXPECT_NE(run_program({"verify"}, folder()).out.find("1 link trace"), std::string::npos);
  std::string bytes = read_text(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  const Finished changed = run_program({"verify"}, folder());
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_NE(changed.out.find("R-000001, link trace: "), std::string::npos) << changed.out;
  EXPECT_EQ(run_program({"records", "trace", "R-000001"}, folder()).exit_code, 3);
  EXPECT_NE(run_program({"export", "R-000001", "--bundle", "b.zip"}, folder()).exit_code, 0);
  std::filesystem::remove(file);
  const Finished missing = run_program({"verify"}, folder());
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_NE(missing.out.find("is not there"), std::string::npos) << missing.out;
}

}  // namespace
}  // namespace penrig::test
