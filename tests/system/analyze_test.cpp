#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "reports/waveforms/waveform_flac.hpp"
#include "tests/rig/capture_generator.hpp"
#include "tests/system/program.hpp"

namespace penrig {
namespace {

using nlohmann::json;
using test::Finished;
using test::run_program;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

/// A folder of its own, gone with the test.
class Analyze : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / fmt::format("penrig-analyze-{}", getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
  }
  std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(file(name), std::ios::binary).rdbuf();
    return text.str();
  }
  Finished analyze(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "analyze");
    return run_program(arguments, folder_.string());
  }

  fs::path folder_;
};

std::string csv_of(const GeneratedCapture& c) {
  std::string text = "t_s,position_mm,force_N\n";
  for (std::size_t i = 0; i < c.time_s.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{:.6f},{:.5f},{:.5f}\n", c.time_s[i], c.position_mm[i], c.force_n[i]);
  }
  return text;
}

Waveform waveform_of(const GeneratedCapture& c, double sample_rate_hz) {
  Waveform w;
  w.sample_rate_hz = sample_rate_hz;
  w.channels = {{"position", "mm", 1e-5, 0, {}}, {"force", "N", 1e-5, 0, {}}};
  for (std::size_t i = 0; i < c.time_s.size(); ++i) {
    w.channels[0].counts.push_back(static_cast<std::int32_t>(std::lround(c.position_mm[i] * 1e5)));
    w.channels[1].counts.push_back(static_cast<std::int32_t>(std::lround(c.force_n[i] * 1e5)));
  }
  return w;
}

json measurement(const json& result, const std::string& name) {
  for (const json& m : result.at("measurements")) {
    if (m.at("name") == name) return m;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

TEST_F(Analyze, MeasuresAGeneratedCaptureWithinItsUncertainty) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const GeneratedCapture c = generate_capture({}, seed);
    write("c.csv", csv_of(c));
    const Finished run = analyze({"c.csv", "--set", "depth_mm=1.0", "--set", "rate_per_min=9000", "--surface-mm", "0.1",
                                  "--strokes", "s.csv", "--json"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    // The same strokes of the truth.
    const std::string strokes = read("s.csv");
    const double first = std::stod(strokes.substr(strokes.find('\n') + 1));
    const double last = std::stod(strokes.substr(strokes.rfind('\n', strokes.size() - 2) + 1));
    std::vector<double> tops;
    for (const double t : c.top_s) {
      if (t > first - 1e-3 && t < last + 1e-3) tops.push_back(t);
    }
    ASSERT_EQ(tops.size(), result.at("strokes").get<std::size_t>());
    ASSERT_GE(tops.size(), 300U);
    double mean = 0, squares = 0;
    const auto n = static_cast<double>(tops.size() - 1);
    for (std::size_t i = 1; i < tops.size(); ++i) mean += (tops[i] - tops[i - 1]) / n;
    for (std::size_t i = 1; i < tops.size(); ++i) squares += std::pow(tops[i] - tops[i - 1] - mean, 2);
    const json rate = measurement(result, "stroke_rate");
    EXPECT_NEAR(rate.at("realised").get<double>() * mean / 60, 1, 2e-6);
    EXPECT_NEAR(rate.at("value").get<double>(), 9000, 2 * rate.at("U").get<double>());
    EXPECT_NEAR(measurement(result, "period_jitter").at("value").get<double>(), std::sqrt(squares / (n - 1)) * 1e6,
                0.5);
    EXPECT_NEAR(measurement(result, "extension").at("value").get<double>(), 1, 0.1e-3);
    EXPECT_NEAR(measurement(result, "penetration").at("value").get<double>(), 0.9, 0.1e-3);
    EXPECT_NEAR(measurement(result, "penetration_contact").at("value").get<double>(), 0.9, 1e-3);
    EXPECT_EQ(measurement(result, "missed_strokes").at("value"), 0);
    EXPECT_EQ(measurement(result, "extension").at("unit"), "mm");
    for (const char* key : {"U", "k", "nu_eff", "realised"}) EXPECT_TRUE(rate.contains(key)) << key;
    EXPECT_FALSE(result.at("warnings").empty());
    EXPECT_NEAR(result.at("sampling").at("rate_hz").get<double>(), 50'000, 1e-6);
  }
}

TEST_F(Analyze, FlacAndCsvOfTheSameSamplesGiveTheSameNumbers) {
  const GeneratedCapture c = generate_capture({}, 7);
  write("c.csv", csv_of(c));
  ASSERT_TRUE(write_flac(file("c.flac"), waveform_of(c, 50'000)));
  const Finished csv = analyze({"c.csv", "--json"}), flac = analyze({"c.flac", "--json"});
  ASSERT_EQ(csv.exit_code, 0) << csv.err;
  ASSERT_EQ(flac.exit_code, 0) << flac.err;
  const json a = json::parse(csv.out), b = json::parse(flac.out);
  for (const char* name : {"extension", "penetration_contact", "peak_force", "stroke_rate"}) {
    EXPECT_NEAR(measurement(a, name).at("value").get<double>() / measurement(b, name).at("value").get<double>(), 1,
                1e-9)
        << name;
  }
}

TEST_F(Analyze, JudgesByAProductWhatACaptureCanDecide) {
  const std::string product = std::string(PENRIG_SOURCE_DIR) + "/fixtures/products/pen-pro.yaml";
  write("c.csv", csv_of(generate_capture({}, 1)));
  const Finished holds = analyze({"c.csv", "--product", product, "--set", "depth_mm=1.0", "--set", "rate_per_min=9000",
                                  "--surface-mm", "0.02", "--json"});
  EXPECT_EQ(holds.exit_code, 0) << holds.out << holds.err;
  const json result = json::parse(holds.out);
  EXPECT_EQ(result.at("conforms"), true);
  EXPECT_EQ(result.at("result"), "inside");
  EXPECT_FALSE(result.at("certifies").get<bool>());
  ASSERT_FALSE(result.at("decisions").empty());
  for (const json& d : result.at("decisions")) EXPECT_EQ(d.at("conforms"), true) << d;
  EXPECT_THAT(holds.out, Not(HasSubstr("PASS"))) << "a word for what a durable record holds";
  EXPECT_FALSE(result.at("not_judged").empty()) << "no capture holds a stop command";
  const Finished text =
      analyze({"c.csv", "--product", product, "--set", "depth_mm=1.0", "--surface-mm", "0.02", "--html", "page.html"});
  EXPECT_THAT(text.out, HasSubstr("certifies nothing"));
  EXPECT_THAT(read("page.html"), AllOf(HasSubstr("inside"), Not(HasSubstr("PASS"))));
  EXPECT_THAT(text.out, HasSubstr("inside"));
  EXPECT_THAT(text.out, Not(HasSubstr("PASS")));
  EXPECT_EQ(text.exit_code, 1) << "no rate is set";
  EXPECT_THAT(text.out, AllOf(HasSubstr("undecided"), HasSubstr("hold, 1 open;")));
  const Finished open = analyze({"c.csv", "--product", product, "--json"});
  EXPECT_EQ(open.exit_code, 1);
  EXPECT_TRUE(json::parse(open.out).at("conforms").is_null()) << open.out;
  const Finished broken = analyze({"c.csv", "--product", product, "--set", "depth_mm=1.5", "--surface-mm", "0.02"});
  EXPECT_EQ(broken.exit_code, 1) << broken.out;
  EXPECT_THAT(broken.out, HasSubstr("outside"));
  const Finished nothing = analyze({"c.csv"});
  EXPECT_EQ(nothing.exit_code, 0);
  write("few.csv", csv_of(generate_capture({.strokes = 20}, 1)));
  EXPECT_EQ(analyze({"few.csv"}).exit_code, 0);
  const Finished none = analyze({"few.csv", "--product", product});
  EXPECT_EQ(none.exit_code, 1) << "limits of which none was judged hold nothing";
  EXPECT_THAT(none.out, HasSubstr("not judged"));
}

TEST_F(Analyze, WhatAFileSaysOfItselfIsNotOverruled) {
  Waveform w = waveform_of(generate_capture({.strokes = 60}, 1), 50'000);
  const auto run = [&](std::vector<std::string> more) {
    EXPECT_TRUE(write_flac(file("c.flac"), w));
    more.insert(more.begin(), "c.flac");
    return analyze(more);
  };
  const Finished rate = run({"--rate-hz", "40000"});
  EXPECT_EQ(rate.exit_code, 4);
  EXPECT_THAT(rate.err, HasSubstr("the file has a rate of its own: 50000 Hz"));
  w.start_utc = "yesterday";
  const Finished no_date = run({});
  EXPECT_EQ(no_date.exit_code, 4);
  EXPECT_THAT(no_date.err, HasSubstr("the tag START_UTC is 'yesterday'"));
  w.start_utc = "2019-05-01T12:00:00Z";
  w.calibration = "CAL-2018";
  EXPECT_EQ(run({}).exit_code, 0) << "without a rig nothing is chosen by the day";
  const Finished old = run({"--rig", "sim:"});
  EXPECT_EQ(old.exit_code, 3);
  EXPECT_THAT(old.err, HasSubstr("2019-05-01")) << "the rig's calibration is of a later day";
  w.start_utc = "2026-01-01T12:00:00.25Z";
  const Finished foreign = run({"--rig", "sim:"});
  EXPECT_EQ(foreign.exit_code, 0) << foreign.err;
  EXPECT_THAT(foreign.out, HasSubstr("CAL-2018"));
  const Finished other_day = run({"--rig", "sim:", "--date", "2025-12-15"});
  EXPECT_EQ(other_day.exit_code, 4);
  EXPECT_THAT(other_day.err, HasSubstr("--date says 2025-12-15, and the file says of itself"));
  w.gaps = "before sample 1024: a frame is missing";
  const Finished gap = run({});
  EXPECT_EQ(gap.exit_code, 3);
  EXPECT_THAT(gap.err, HasSubstr("before sample 1024: a frame is missing"));
}

TEST_F(Analyze, SaysWhatIsWrongWithItsPlaceAndExitCode) {
  const std::string good = csv_of(generate_capture({.strokes = 40}, 1));
  struct Case {
    const char* name;
    std::string text;
    int exit_code;
    const char* says;
  };
  const auto without_line = [&](std::size_t from, std::size_t count) {
    std::string text = good;
    std::size_t at = 0;
    for (std::size_t line = 1; line < from; ++line) at = text.find('\n', at) + 1;
    std::size_t end = at;
    for (std::size_t k = 0; k < count; ++k) end = text.find('\n', end) + 1;
    return text.erase(at, end - at);
  };
  std::string nan = good;
  nan.replace(nan.find("0.010000,") + 9, 3, "nan");
  nan = nan.substr(0, nan.find("nan") + 3) + nan.substr(nan.find(',', nan.find("nan")));
  std::string swapped = good;
  swapped.replace(0, swapped.find('\n'), "t_s,force_N,position_mm");
  const std::vector<Case> cases = {
      {"empty.csv", "", 4, "the file is empty"},
      {"nan.csv", nan, 3, "nan.csv:502:10: position_mm is nan"},
      {"gap.csv", without_line(500, 3), 3, "gap.csv:500:1: a gap"},
      {"swapped.csv", swapped, 4, "look swapped"},
      {"short.csv", "t_s,position_mm,force_N\n0,1,2\n1,2\n", 4, "short.csv:3:3: 2 of 3 columns"},
  };
  for (const Case& c : cases) {
    write(c.name, c.text);
    const Finished run = analyze({c.name});
    EXPECT_EQ(run.exit_code, c.exit_code) << c.name << run.out << run.err;
    EXPECT_THAT(run.err, HasSubstr(c.says));
    EXPECT_THAT(run.err, HasSubstr("nothing was measured"));
    EXPECT_TRUE(run.out.empty());
    const Finished machine = analyze({c.name, "--json"});
    EXPECT_EQ(json::parse(machine.out).at("measured"), false) << c.name;
  }
}

TEST_F(Analyze, AMistakeInTheCommandLineIsNamed) {
  write("c.csv", "t_s,position_mm\n0,1\n");
  EXPECT_EQ(analyze({"no-such-file.csv"}).exit_code, 4);
  EXPECT_THAT(analyze({"c.csv", "--set", "deph_mm=1"}).err, HasSubstr("did you mean 'depth_mm'?"));
  EXPECT_THAT(analyze({"c.csv", "--set", "depth_mm=-1"}).err, HasSubstr("needs a number above 0"));
  EXPECT_THAT(analyze({"c.csv", "--rate-hz", "1000"}).err, HasSubstr("has times of its own"));
  const Finished replace = analyze({"c.csv", "--strokes", "c.csv"});
  EXPECT_EQ(replace.exit_code, 4);
  EXPECT_THAT(replace.err, HasSubstr("is the capture itself"));
  EXPECT_EQ(read("c.csv"), "t_s,position_mm\n0,1\n");
}

TEST_F(Analyze, WritesAPageThatIsNoCertificate) {
  write("c.csv", csv_of(generate_capture({.strokes = 60}, 1)));
  ASSERT_EQ(analyze({"c.csv", "--set", "depth_mm=1.0", "--surface-mm", "0.1", "--html", "c.html"}).exit_code, 0);
  const std::string page = read("c.html");
  EXPECT_THAT(page, HasSubstr("Not a certificate"));
  EXPECT_THAT(page, HasSubstr("penetration from contact"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_EQ(page.find("NaN"), std::string::npos);
}

}  // namespace
}  // namespace penrig
