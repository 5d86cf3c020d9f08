#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/system/program.hpp"
#include "tests/system/record_measurements.hpp"
#include "tests/system/virtual_run.hpp"
#include "tests/tools/golden_text.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;

/// A variable of this process, and so of the programs that it starts, until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Environment() { ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
};

/// The record of a run of the shipped end-of-line plan, as `records show --json` gives it: doubles to their last bit.
std::string record_of_seed(int seed) {
  const ScratchDirectory folder;
  const std::string in = folder.path().string(), plan = std::string(PENRIG_SOURCE_DIR) + "/rig/plans/eol-pro.yaml";
  const std::string bench = fmt::format("sim:seed={}", seed);
  const Finished run = run_program({"run", plan, "--rig", bench, "--serial-number", "PRO-0001"}, in);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  const Finished shown = run_program({"records", "show", "R-000001", "--json"}, in);
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  return shown.out;
}

std::string text_of(const json& number) { return number.is_null() ? "-" : number.dump(); }

/// One line a measurement of the record: what certifies, to the last bit.
std::string numbers_of(const std::string& record) {
  std::string text = "# measurand depth_mm rate_per_min value U k nu_eff realised\n";
  for (const json& m : measurements_of(json::parse(record))) {
    text += m.at("measurand").get<std::string>();
    for (const char* key : {"depth_mm", "rate_per_min", "value", "expanded_u", "k", "nu_eff", "realised"}) {
      text += " " + text_of(m.value(key, json()));
    }
    text += "\n";
  }
  return text;
}

// glibc takes other code for exp, log, sin and pow where FMA and AVX2 are there, with other last bits: none of it may
// enter a recorded number.
TEST(RecordedNumbers, AreTheSameOnAMachineWithoutFmaAndAvx2) {
  const std::string here = record_of_seed(1);
  const Environment masked("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F");
  EXPECT_EQ(here, record_of_seed(1));
}

// The same file holds the optimised, the debug and the sanitizer builds together, and the machines that run them.
TEST(RecordedNumbers, AreThoseOfEveryOtherBuildAndMachine) {
  cli::expect_golden_file("system/golden/recorded_numbers.txt", numbers_of(record_of_seed(1)));
}

}  // namespace
}  // namespace penrig::test
