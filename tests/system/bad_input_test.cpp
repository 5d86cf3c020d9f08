#include <fstream>

#include <gtest/gtest.h>

#include "tests/system/example_bench.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/json_lines.hpp"

namespace penrig::test {
namespace {

/// A folder with copies of the shipped smoke plan, product and rig, for a test to spoil.
class BadInput : public ::testing::Test {
 protected:
  BadInput() {
    write("product.yaml", read_text(kSource + "/fixtures/products/pen-pro.yaml"));
    std::string plan = read_text(kSource + "/rig/plans/smoke.yaml");
    replace_first(plan, "../../fixtures/products/pen-pro.yaml", "product.yaml");
    write("plan.yaml", plan);
    write("rig.yaml", example_bench());
  }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  void spoil(const std::string& name, const std::string& from, const std::string& to) {
    std::string text = read_text(folder_.path() / name);
    replace_first(text, from, to);
    write(name, text);
  }
  Finished run(const std::string& rig = "sim:seed=1", const std::string& plan = "plan.yaml") {
    return run_program({"run", plan, "--rig", rig, "--serial-number", "PRO-0001"}, folder_.path().string());
  }
  /// Exit 4, the words of the message (not those of the line that is shown below it) in the output, and no record.
  void expect_refused(const Finished& f, const std::string& words) {
    EXPECT_EQ(f.exit_code, 4) << f.out << f.err;
    EXPECT_NE((f.out + f.err).find(words), std::string::npos) << f.out << f.err;
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "records" / "records.db"));
  }

  ScratchDirectory folder_;
};

TEST_F(BadInput, AMissingPlanIsNamed) {
  expect_refused(run("sim:seed=1", "nowhere.yaml"), "nowhere.yaml: no such file");
}

TEST_F(BadInput, ANameThatIsTooLongIsRefused) {
  expect_refused(run(std::string(300, 'r')), "r: cannot be read: File name too long (check the path");
}

TEST_F(BadInput, AYamlSyntaxErrorIsShownAtItsPlace) {
  write("plan.yaml", "plan: [unclosed\nrevision: 1\n");
  expect_refused(run(), "plan.yaml:1:7: this is no YAML: ");
}

TEST_F(BadInput, AnUnknownKeyIsShownWithASuggestion) {
  spoil("plan.yaml", "revision:", "revison:");
  expect_refused(run(), "did you mean 'revision'?");
}

TEST_F(BadInput, AWrongUnitIsShownWithWhatToWrite) {
  spoil("plan.yaml", "depth_mm:", "depth_um:");
  expect_refused(run(), "unknown key 'depth_um' (this takes mm: write depth_mm)");
}

TEST_F(BadInput, AWrongTypeIsShown) {
  spoil("plan.yaml", "sample_rate_hz: ", "sample_rate_hz: fast #");
  expect_refused(run(), "a number was expected, in Hz (the key says so), not 'fast'");
}

TEST_F(BadInput, ADuplicateKeyIsRefused) {
  write("plan.yaml", read_text(folder_.path() / "plan.yaml") + "\nrevision: 2\n");
  expect_refused(run(), "given twice");
}

TEST_F(BadInput, ALimitOnNothingIsRefused) {
  spoil("plan.yaml", "judge: [", "judge: [S3, ");
  expect_refused(run(), "'S3' limits link_loss_stop, which nothing in this plan exercises");
}

TEST_F(BadInput, ASettingOutsideTheProductIsRefused) {
  spoil("plan.yaml", "depth_mm: [", "depth_mm: [2.75, ");
  expect_refused(run(), "depth 2.75 mm is no setting of pen-pro");
}

TEST_F(BadInput, ARigWithoutADaqIsRefused) {
  spoil("rig.yaml", "daq: serial", "# d: serial");
  expect_refused(run("rig.yaml"), "slot '1' has no daq link");
}

TEST_F(BadInput, AnUnknownUriSchemeIsRefused) {
  spoil("rig.yaml", "daq: serial:", "daq: telnet:");
  expect_refused(run("rig.yaml"), "unknown link scheme 'telnet:'");
}

TEST_F(BadInput, AnUnknownDefectIsRefusedWithASuggestion) {
  expect_refused(run("sim:seed=1&defect=too-dep"), "did you mean 'too-deep'?");
}

TEST_F(BadInput, StreamsBeyondTheLinksCapacityAreRefused) {
  spoil("rig.yaml", "daq: serial:/dev/ttyUSB1?baud=3000000", "daq: serial:/dev/ttyUSB1?baud=115200");
  expect_refused(run("rig.yaml"), "80 % of 115200 baud carry 9 kB/s");
}

TEST_F(BadInput, ASerialNumberThatDoesNotFitTheProductIsRefused) {
  const Finished f =
      run_program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "XYZ"}, folder_.path().string());
  expect_refused(f, "'XYZ' is no serial number of pen-pro");
}

TEST_F(BadInput, AnUnknownOptionIsAUsageError) {
  EXPECT_EQ(run_program({"run", "--no-such-option"}, folder_.path().string()).exit_code, 4);
  EXPECT_EQ(run_program({"no-such-command"}, folder_.path().string()).exit_code, 4);
}

TEST_F(BadInput, APortThatDoesNotExistIsAnErrorWithARecord) {
  const Finished f = run("rig.yaml");
  EXPECT_EQ(f.exit_code, 3) << f.out << f.err;
  EXPECT_NE(f.out.find("no port with USB identity 0403:6001 and serial number PEN-DOCK-1"), std::string::npos)
      << f.out << f.err;
  const auto runs = cli::json_lines(run_program({"records", "list", "--json"}, folder_.path().string()).out);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].at("verdict"), "ERROR") << "closed: an open one would be INTERRUPTED";
  EXPECT_NE(runs[0].at("reason").get<std::string>().find("PEN-DOCK-1"), std::string::npos) << runs[0];
}

TEST_F(BadInput, AJunitFileOfYesterdayIsRedBeforeThePlanIsRead) {
  write("result.xml", "<testsuite tests=\"1\" failures=\"0\"/>");
  write("plan.yaml", "plan: [\n");
  const Finished f =
      run_program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--junit", "result.xml"},
                  folder_.path().string());
  EXPECT_EQ(f.exit_code, 4);
  EXPECT_NE(read_text(folder_.path() / "result.xml").find("<error"), std::string::npos);
}

TEST_F(BadInput, TheJunitFileOfARefusedPlanHoldsEveryMistakeWithItsPlace) {
  spoil("plan.yaml", "revision:", "revison:");
  spoil("plan.yaml", "depth_mm: [", "depth_mm: [2.75, ");
  run_program({"run", "plan.yaml", "--rig", "sim:seed=1", "--serial-number", "XYZ", "--junit", "result.xml"},
              folder_.path().string());
  const std::string junit = read_text(folder_.path() / "result.xml");
  for (const char* part : {"plan.yaml:4:1: unknown key 'revison'", "plan.yaml:12:16: depth 2.75 mm is no setting",
                           "--serial-number: 'XYZ' is no serial number", "3 mistakes in the command line and 1 file"}) {
    EXPECT_NE(junit.find(part), std::string::npos) << part << "\n" << junit;
  }
}

}  // namespace
}  // namespace penrig::test
