#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/system/program.hpp"

namespace penrig::test {
namespace {

using penrig::testing::output_of;

/// A simulated run through the whole program, packed, and verified by the program and without it.
class BundleOfARun : public ::testing::Test {
 protected:
  Finished program(std::vector<std::string> arguments, bool with_keys = true) const {
    if (with_keys) arguments.insert(arguments.end(), {"--keys", path("keys")});
    return run_program(arguments, folder_.path().string());
  }
  void record(const char* plan, const char* rig, int exit_code) const {
    const Finished made = program({"keys", "init", "--name", "M. Okafor"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const Finished run = program({"run", std::string(PENRIG_SOURCE_DIR) + "/rig/plans/" + plan, "--rig", rig,
                                  "--serial-number", "PRO-0001", "--no-report"});
    ASSERT_EQ(run.exit_code, exit_code) << run.out << run.err;
    const Finished packed = program({"export", "R-000001", "--bundle", "b.zip", "--json", "record.json"});
    ASSERT_EQ(packed.exit_code, 0) << packed.err;
  }
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  penrig::testing::Output without_penrig() const {
    return output_of("bash " PENRIG_SOURCE_DIR "/tests/reports/verify_bundle.sh '" + path("b.zip") + "'");
  }

  penrig::ScratchDirectory folder_;
};

TEST_F(BundleOfARun, OfTheSwarmVerifiesWithAndWithoutPenrig) {
  record("swarm-sweep.yaml", "sim:seed=1", 0);
  const Finished checked = program({"verify", "--bundle", "b.zip", "--json"}, false);
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  const auto json = nlohmann::json::parse(checked.out);
  EXPECT_TRUE(json.at("verified").get<bool>());
  EXPECT_EQ(json.at("signed_by"), "M._Okafor");
  EXPECT_EQ(json.at("void_as_certificate"), "SIMULATED");
  EXPECT_GT(json.at("waveforms").get<int>(), 10);
  EXPECT_EQ(without_penrig().text, "verified\n");
}

TEST_F(BundleOfARun, ThatFailedHasARecordAsTheSchemaSays) {
  record("smoke.yaml", "sim:seed=3&defect=too-deep", 1);
  EXPECT_EQ(without_penrig().text, "verified\n");
  const Finished schema = program({"export", "--json-schema"}, false);
  std::ofstream(path("schema.json"), std::ios::binary) << schema.out;
  const auto valid = output_of("/usr/bin/python3 " PENRIG_SOURCE_DIR "/tests/reports/check_json_schema.py '" +
                               path("schema.json") + "' '" + path("record.json") + "'");
  EXPECT_EQ(valid.status, 0) << valid.text;
}

TEST_F(BundleOfARun, WithAnotherByteIsRefusedByBoth) {
  record("smoke.yaml", "sim:seed=1", 0);
  std::ifstream in(path("b.zip"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path("b.zip"), std::ios::binary) << bytes;
  EXPECT_EQ(program({"verify", "--bundle", "b.zip"}, false).exit_code, 1);
  EXPECT_EQ(without_penrig().status, 1);
}

}  // namespace
}  // namespace penrig::test
