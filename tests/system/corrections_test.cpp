#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/rig/capture_generator.hpp"
#include "tests/system/program.hpp"
#include "tests/system/virtual_run.hpp"

namespace penrig::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

Correction entry(const RunRecord& record, const std::string& name) {
  const auto found = std::ranges::find(record.outcome.corrections, name, &Correction::name);
  EXPECT_NE(found, record.outcome.corrections.end()) << name;
  return found == record.outcome.corrections.end() ? Correction{} : *found;
}

double realised_of(const RunRecord& record, const std::string& id) {
  for (const Measurement& m : record.outcome.measurements) {
    if (m.measurand == id && m.realised) return *m.realised;
  }
  ADD_FAILURE() << "no " << id;
  return NAN;
}

VirtualRun warm_smoke() {
  VirtualRun what;
  what.uri = "sim:seed=1&ideal=1";
  what.plan = "rig/plans/smoke.yaml";
  what.change_plant = [](sim::PlantParameters& p) {
    p.environment.temperature_c = 30;
    p.calibration.stage_ppm_per_k = 500;
  };
  what.change_rig = [](RigDescription& rig) { rig.calibrations.stage_ppm_per_k = {500, 1}; };
  return what;
}

TEST(CorrectionsOfARun, StandInItsRecord) {
  VirtualRun what;
  what.plan = "rig/plans/smoke.yaml";
  const VirtualResult run = run_virtual(what);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::pass) << run.record.outcome.reason;
  ASSERT_EQ(run.record.outcome.corrections.size(), kCorrections);
  EXPECT_TRUE(entry(run.record, "channel-delay").applied);
  EXPECT_EQ(entry(run.record, "channel-delay").value, 10);
  EXPECT_TRUE(entry(run.record, "temperature").applied);
  EXPECT_EQ(entry(run.record, "temperature").value, 0) << "K, as warm as when it was calibrated";
  EXPECT_EQ(entry(run.record, "zero").unit, "mm");
  EXPECT_NE(entry(run.record, "zero").value, 0);
  EXPECT_FALSE(entry(run.record, "cell-response").applied);
}

TEST(CorrectionsOfARun, ThatAreSwitchedOffMoveItsValuesAndLeaveNoPass) {
  const VirtualResult all = run_virtual(warm_smoke());
  EXPECT_EQ(all.record.outcome.verdict, Verdict::pass) << all.record.outcome.reason;
  EXPECT_EQ(entry(all.record, "temperature").value, 8);
  VirtualRun what = warm_smoke();
  what.without.add(CorrectionKind::temperature);
  what.without.add(CorrectionKind::tip_compliance);
  const VirtualResult off = run_virtual(what);
  const RunOutcome& outcome = off.record.outcome;
  EXPECT_EQ(outcome.verdict, Verdict::indeterminate);
  EXPECT_THAT(outcome.reason, HasSubstr("without correction for tip-compliance, temperature"));
  ASSERT_EQ(outcome.decisions.size(), all.record.outcome.decisions.size());
  for (const Decision& d : outcome.decisions) {
    EXPECT_NE(d.verdict, Verdict::pass) << d.requirement_id;
    EXPECT_FALSE(d.reason.empty()) << d.requirement_id;
  }
  EXPECT_FALSE(entry(off.record, "temperature").applied);
  EXPECT_EQ(entry(off.record, "temperature").note, "switched off by --without");
  EXPECT_FALSE(entry(off.record, "tip-compliance").applied);
  EXPECT_TRUE(entry(off.record, "frame-compliance").applied);
  EXPECT_TRUE(std::ranges::any_of(outcome.events, [](const RunEvent& e) {
    return e.kind == "warning" && e.text.find("corrections are switched off") != std::string::npos;
  }));
  EXPECT_THAT(off.json, HasSubstr("switched off by --without"));
  EXPECT_THAT(off.html, HasSubstr("switched off by --without"));
  // The same bench moved in the same way: by all that is known, in both.
  EXPECT_EQ(off.rig_seconds, all.rig_seconds);
  EXPECT_EQ(entry(off.record, "zero").value, entry(all.record, "zero").value);
  const double extension_mm = realised_of(all.record, "extension");
  EXPECT_NEAR((realised_of(off.record, "extension") - extension_mm) * 1e3, -8 * 500e-6 * extension_mm * 1e3, 0.5);
  EXPECT_NE(realised_of(off.record, "penetration"), realised_of(all.record, "penetration"));
}

TEST(CorrectionsOfARun, AreSwitchedOffByNameOnTheCommandLine) {
  const ScratchDirectory folder;
  const auto run = [&](const std::string& names, bool as_json) {
    std::vector<std::string> arguments = {"run",
                                          kSource + "/rig/plans/smoke.yaml",
                                          "--rig",
                                          "sim:seed=1",
                                          "--serial-number",
                                          "PRO-0001",
                                          "--no-report",
                                          "--without",
                                          names};
    if (as_json) arguments.emplace_back("--json");
    return run_program(arguments, folder.path().string());
  };
  const Finished off = run("inertia,scale", false);
  EXPECT_EQ(off.exit_code, 1) << off.err;
  EXPECT_THAT(off.out, HasSubstr("INDETERMINATE"));
  EXPECT_THAT(off.out, HasSubstr("inertia, scale"));
  const Finished wrong = run("inertai", false);
  EXPECT_EQ(wrong.exit_code, 4);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'inertia'?"));
  const Finished lines = run("zero", true);
  EXPECT_EQ(lines.exit_code, 1) << lines.err;
  EXPECT_THAT(lines.out, HasSubstr("without correction for zero"));
  EXPECT_THAT(lines.out, Not(HasSubstr("\"verdict\":\"PASS\"")));
}

TEST(CorrectionsOfACapture, AreListedAndLeaveNoPassWhenSwitchedOff) {
  const ScratchDirectory folder;
  GeneratedCaptureParameters p;
  p.strokes = 60;
  const GeneratedCapture c = generate_capture(p, 1);
  {
    std::ofstream out(folder.path() / "c.csv");
    out << "t_s,position_mm,force_N\n";
    for (std::size_t i = 0; i < c.time_s.size(); ++i)
      out << fmt::format("{:.6f},{:.5f},{:.5f}\n", c.time_s[i], c.position_mm[i], c.force_n[i]);
  }
  const auto analyze = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"analyze",           "c.csv",        "--set", "depth_mm=0.9", "--set",
                                          "rate_per_min=9000", "--surface-mm", "0.1",   "--delay-us",   "10"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments, folder.path().string());
  };
  const std::string product = kSource + "/fixtures/products/pen-pro.yaml";
  const Finished all = analyze({"--product", product, "--json"});
  ASSERT_EQ(all.exit_code, 0) << all.out << all.err;
  const json listed = json::parse(all.out).at("corrections");
  ASSERT_EQ(listed.size(), kCorrections);
  EXPECT_EQ(
      listed[0],
      (json{{"name", "channel-delay"}, {"applied", true}, {"value", 10.0}, {"u", 0.0}, {"unit", "µs"}, {"note", ""}}));
  EXPECT_EQ(listed[1].at("applied"), false);

  const Finished off = analyze({"--product", product, "--json", "--without", "channel-delay"});
  EXPECT_EQ(off.exit_code, 1) << off.err;
  const json result = json::parse(off.out);
  EXPECT_EQ(result.at("corrections")[0].at("applied"), false);
  EXPECT_EQ(result.at("corrections")[0].at("note"), "switched off by --without");
  EXPECT_THAT(off.out, HasSubstr("without correction for channel-delay"));
  const Finished text = analyze({"--without", "channel-delay"});
  EXPECT_EQ(text.exit_code, 0) << "nothing is judged";
  EXPECT_THAT(text.out, HasSubstr("not corrected: channel-delay (switched off by"));
  const Finished scale = analyze({"--without", "scale"});
  EXPECT_EQ(scale.exit_code, 4);
  EXPECT_THAT(scale.err, HasSubstr("is nothing that a capture is corrected for"));
  const Finished wrong = analyze({"--without", "delay"});
  EXPECT_EQ(wrong.exit_code, 4);
  EXPECT_THAT(wrong.err, HasSubstr("unknown correction 'delay'"));
}

}  // namespace
}  // namespace penrig::test
