#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/rig/capture_generator.hpp"
#include "tests/system/program.hpp"

namespace penrig {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class MonteCarloOfACapture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / fmt::format("penrig-monte-carlo-{}", getpid());
    fs::create_directories(folder_);
    GeneratedCaptureParameters p;
    p.strokes = 45;
    p.sample_rate_hz = 20'000;
    const GeneratedCapture c = generate_capture(p, 1);
    std::string text = "t_s,position_mm,force_N\n";
    for (std::size_t i = 0; i < c.time_s.size(); ++i) {
      fmt::format_to(std::back_inserter(text), "{:.6f},{:.5f},{:.5f}\n", c.time_s[i], c.position_mm[i], c.force_n[i]);
    }
    std::ofstream(folder_ / "capture.csv", std::ios::binary) << text;
  }
  void TearDown() override { fs::remove_all(folder_); }

  test::Finished analyze(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(),
                     {"analyze", (folder_ / "capture.csv").string(), "--rig", "sim:", "--surface-mm", "0.1"});
    return test::run_program(arguments, folder_.string());
  }

  fs::path folder_;
};

TEST_F(MonteCarloOfACapture, StandsBesideEveryUInTheJson) {
  const test::Finished run = analyze({"--monte-carlo", "300", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "") << "no progress where nobody looks on";
  const json result = json::parse(run.out);
  int checked = 0;
  for (const json& m : result.at("measurements")) {
    if (!m.contains("monte_carlo")) continue;
    ++checked;
    const json& check = m.at("monte_carlo");
    EXPECT_EQ(check.at("trials"), 300) << m.at("name");
    EXPECT_EQ(check.at("failed"), 0) << m.at("name");
    EXPECT_LT(check.at("low").get<double>(), check.at("high").get<double>()) << m.at("name");
    if (m.at("name") == "period_jitter") continue;
    const double u = m.at("U").get<double>() / m.at("k").get<double>();
    EXPECT_NEAR(check.at("u").get<double>() / u, 1, 0.25) << m.at("name");
    // Where one uniform line holds nearly all of u, 2 u is wider than 95.45 % of it: the check says so, and U errs on
    // the safe side.
    if (check.at("agrees") == json(false)) {
      EXPECT_EQ(m.at("name"), "puncture_force");
      EXPECT_LT(m.at("value").get<double>() - m.at("U").get<double>(), check.at("low").get<double>());
      EXPECT_GT(m.at("value").get<double>() + m.at("U").get<double>(), check.at("high").get<double>());
    }
  }
  EXPECT_GE(checked, 8);
}

TEST_F(MonteCarloOfACapture, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto u_of = [&](const char* seed) {
    const test::Finished run = analyze({"--monte-carlo", "100", "--seed", seed, "--json"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    for (const json& m : result.at("measurements")) {
      if (m.at("name") == "penetration") return m.at("monte_carlo").at("u").get<double>();
    }
    return 0.0;
  };
  const double first = u_of("7");
  EXPECT_EQ(u_of("7"), first);
  EXPECT_NE(u_of("8"), first);
}

TEST_F(MonteCarloOfACapture, IsATableAndIsNotThereUnasked) {
  const test::Finished run = analyze({"--monte-carlo", "100"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Monte Carlo (JCGM 101): 100 trials"));
  EXPECT_THAT(run.out, HasSubstr("95.45 %"));
  EXPECT_THAT(analyze({}).out, Not(HasSubstr("Monte Carlo")));
}

TEST_F(MonteCarloOfACapture, RefusesANumberThatIsNone) {
  EXPECT_EQ(analyze({"--monte-carlo", "7"}).exit_code, 4);
  EXPECT_EQ(analyze({"--seed", "7"}).exit_code, 4);
}

}  // namespace
}  // namespace penrig
