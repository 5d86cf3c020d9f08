#include <cmath>

#include <gtest/gtest.h>

#include "rig/calibrate/filed.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

const CivilDate kToday = *parse_date("2026-06-01");

/// Dated before the description's certificate (2026-02-10).
Calibration filed(const char* id, const char* target = "load-cell") {
  Calibration c;
  c.id = id;
  c.target = target;
  c.factor = find_target(target)->factor;
  c.fixture_id = "BENCH-2";
  c.date = *parse_date("2026-01-01");
  c.due = *parse_date("2026-12-31");
  c.evaluation.value = factor_of(bench_example().calibrations, *find_target(target)).value * 1.01;
  c.evaluation.u = 1e-7;
  if (c.target == "cell-response")
    c.evaluation.results = {{"resonance", c.evaluation.value, "Hz"}, {"damping ratio", 0.05, "1"}};
  return c;
}

std::string refusal(const RigDescription& rig, const std::vector<Calibration>& all) {
  const auto choice = apply_filed(rig, all, kToday);
  if (choice) return "";
  EXPECT_EQ(choice.error().code, Errc::calibration);
  return choice.error().message;
}

void expect_refused(const std::vector<Calibration>& all, const std::string& because) {
  const std::string said = refusal(bench_example({"load-cell"}), all);
  EXPECT_NE(said.find(because), std::string::npos) << said;
  EXPECT_NE(said.find("penrig calibrate load-cell --points FILE --fixture BENCH-2"), std::string::npos) << said;
  // Where it is not required, the description's own factor does if its certificate (2026-02-10) is the newer one.
  const auto choice = apply_filed(bench_example(), all, kToday);
  ASSERT_EQ(refusal(bench_example(), all), "");
  EXPECT_EQ(choice->calibrations.force_n_per_count.value, bench_example().calibrations.force_n_per_count.value);
  EXPECT_TRUE(choice->used.empty());
}

TEST(FiledCalibration, TakesThePlaceOfTheDescriptions) {
  const auto choice = apply_filed(bench_example({"load-cell"}), {filed("C-000001")}, kToday).value();
  ASSERT_EQ(choice.used.size(), 1U);
  EXPECT_EQ(choice.calibrations.force_n_per_count.value, 2.0031e-4 * 1.01);
  EXPECT_EQ(choice.calibrations.force_n_per_count.u, 1e-7);
  EXPECT_EQ(choice.calibrations.position_mm_per_count.value, bench_example().calibrations.position_mm_per_count.value);
}

TEST(FiledCalibration, BringsItsFreedomAndItsLargestStandard) {
  Calibration c = filed("C-000001");
  c.evaluation.u = 5e-7;
  c.evaluation.nu = 12;
  const auto line = [](const char* source, double u) {
    BudgetLine l;
    l.source = source;
    l.u = u;
    return l;
  };
  c.evaluation.budget = {line("scatter of the fit", 4.5e-7), line("reference standard CLOCK-1", 1e-7),
                         line("reference standard M1-7", 2e-7)};
  const Factor f = apply_filed(bench_example(), {c}, kToday).value().calibrations.force_n_per_count;
  EXPECT_EQ(f.nu, 12);
  EXPECT_EQ(f.standard, "M1-7");
  EXPECT_EQ(f.u_standard, 2e-7);
  c.evaluation.budget.resize(1);
  EXPECT_EQ(apply_filed(bench_example(), {c}, kToday).value().calibrations.force_n_per_count.standard, "");
}

TEST(FiledCalibration, CanReplaceEveryFactor) {
  std::vector<Calibration> all;
  for (const CalibrationTarget& target : calibration_targets()) all.push_back(filed("C-000001", target.name.data()));
  const auto choice = apply_filed(bench_example(), all, kToday).value();
  EXPECT_EQ(choice.used.size(), calibration_targets().size());
  for (const CalibrationTarget& target : calibration_targets()) {
    EXPECT_EQ(factor_of(choice.calibrations, target).value,
              factor_of(bench_example().calibrations, target).value * 1.01)
        << target.name;
  }
}

TEST(FiledCalibration, IsTheNewest) {
  Calibration older = filed("C-000001"), newer = filed("C-000002"), later_filed = filed("C-000003");
  older.date = *parse_date("2025-12-01");
  newer.date = *parse_date("2026-05-01");
  later_filed.date = *parse_date("2026-05-01");
  const auto used = [&](const std::vector<Calibration>& all) {
    return apply_filed(bench_example(), all, kToday).value().used.at(0).id;
  };
  EXPECT_EQ(used({newer, older}), "C-000002");
  EXPECT_EQ(used({older, newer, later_filed}), "C-000003") << "of one date the one filed later";
}

TEST(FiledCalibration, IsInForceOnItsFirstAndItsLastDay) {
  Calibration c = filed("C-000001");
  c.date = c.due = kToday;
  EXPECT_EQ(why_not_in_force(c, bench_example(), kToday), "");
}

TEST(FiledCalibration, ThatIsMissingIsRefused) { expect_refused({}, "none was ever filed here"); }

TEST(FiledCalibration, OfAnotherKindDoesNotDo) {
  EXPECT_NE(refusal(bench_example({"load-cell"}), {filed("C-000001", "time-base")}).find("none was ever filed"),
            std::string::npos);
  EXPECT_NE(refusal(bench_example({"encoder:stage"}), {filed("C-000001", "encoder")}).find("none was ever"),
            std::string::npos);
}

TEST(FiledCalibration, ThatIsExpiredIsRefused) {
  Calibration c = filed("C-000007");
  c.due = *parse_date("2026-05-31");
  expect_refused({c}, "C-000007 (load-cell) was due on 2026-05-31, and today is 2026-06-01");
}

TEST(FiledCalibration, OfTheFutureIsRefused) {
  Calibration c = filed("C-000007");
  c.date = *parse_date("2026-06-02");
  const std::string because = "C-000007 (load-cell) is dated 2026-06-02, and today is 2026-06-01";
  EXPECT_NE(refusal(bench_example({"load-cell"}), {c}).find(because), std::string::npos);
  EXPECT_NE(refusal(bench_example(), {c}).find(because), std::string::npos)
      << "no description is newer than the future";
}

TEST(FiledCalibration, OfAnotherFixtureIsRefused) {
  Calibration c = filed("C-000007");
  c.fixture_id = "BENCH-1";
  expect_refused({c}, "C-000007 (load-cell) belongs to fixture BENCH-1, and this rig is BENCH-2");
}

TEST(FiledCalibration, WithoutUncertaintyIsRefused) {
  Calibration c = filed("C-000007");
  for (const std::optional<double> u : {std::optional<double>{}, std::optional(0.0), std::optional(-1.0),
                                        std::optional(std::numeric_limits<double>::quiet_NaN())}) {
    c.evaluation.u = u;
    expect_refused({c}, "C-000007 (load-cell) has no uncertainty");
  }
}

TEST(FiledCalibration, OfASimulationIsRefusedOnARealRig) {
  Calibration c = filed("C-000007");
  c.simulated = true;
  expect_refused({c}, "C-000007 (load-cell) was made on a simulation");
  RigDescription simulated = bench_example({"load-cell"});
  simulated.simulated = true;
  EXPECT_EQ(refusal(simulated, {c}), "");
}

TEST(FiledCalibration, OfASimulationExpiresAlike) {
  RigDescription simulated = bench_example({"load-cell"});
  simulated.simulated = true;
  Calibration c = filed("C-000007");
  c.simulated = true;
  c.due = *parse_date("2026-05-31");
  EXPECT_NE(refusal(simulated, {c}).find("was due on"), std::string::npos);
}

TEST(FiledCalibration, EveryOneThatIsMissingIsNamed) {
  const std::string said = refusal(bench_example({"load-cell", "encoder:stage"}), {});
  EXPECT_NE(said.find("load-cell"), std::string::npos);
  EXPECT_NE(said.find("penrig calibrate encoder --of stage"), std::string::npos) << said;
}

TEST(FiledCalibration, ThatIsOffByAUnitIsRefusedRatherThanTrusted) {
  Calibration c = filed("C-000007");
  c.evaluation.value *= 1000;
  const std::string said = refusal(bench_example(), {c});
  EXPECT_NE(said.find("C-000007"), std::string::npos) << said;
  EXPECT_NE(said.find("one of them is wrong"), std::string::npos) << said;
}

TEST(FiledCalibration, BeyondWhatADescriptionMaySayIsRefusedWhateverItsKind) {
  const auto said = [](const char* target, double value) {
    Calibration c = filed("C-000007", target);
    c.evaluation.value = value;
    return refusal(bench_example(), {c});
  };
  EXPECT_EQ(said("delay", 1000), "");
  const std::string delay = said("delay", 10'001);
  EXPECT_NE(delay.find("C-000007 (delay) gives force_delay_us = 10001, which must be from -1000 to 1000 µs"),
            std::string::npos)
      << delay;
  EXPECT_NE(delay.find("penrig calibrate delay --points FILE --fixture BENCH-2"), std::string::npos) << delay;
  for (const CalibrationTarget& target : calibration_targets()) {
    EXPECT_NE(said(target.name.data(), target.range.low - 1), "") << target.name;
    if (std::isfinite(target.range.high)) {
      EXPECT_NE(said(target.name.data(), target.range.high * 1.01), "") << target.name;
    }
  }
}

TEST(FiledCellResponse, BringsItsModelWhateverTheDescriptionsIs) {
  Calibration resonance = filed("C-000001", "cell-response"), corner = resonance;
  resonance.evaluation.value = 9000;
  corner.evaluation.value = 1500;
  corner.evaluation.results = {{"first-order corner", 1500, "Hz"}};
  RigDescription first_order = bench_example(), second_order = bench_example();
  first_order.calibrations.cell_corner_hz = 800;
  second_order.calibrations.cell_damping = 0.3;
  for (const RigDescription& rig : {bench_example(), first_order, second_order}) {
    const Calibrations second = apply_filed(rig, {resonance}, kToday).value().calibrations;
    EXPECT_EQ(second.cell_resonance_hz, 9000);
    EXPECT_EQ(second.cell_damping, 0.05);
    EXPECT_EQ(second.cell_corner_hz, 0);
    const Calibrations first = apply_filed(rig, {corner}, kToday).value().calibrations;
    EXPECT_EQ(first.cell_corner_hz, 1500);
    EXPECT_EQ(first.cell_damping, 0);
  }
}

TEST(FiledCellResponse, ThatIsNoModelIsRefused) {
  Calibration c = filed("C-000007", "cell-response");
  for (const double damping : {0.0, -0.1, 11.0, std::nan("")}) {
    c.evaluation.results[1].value = damping;
    EXPECT_NE(refusal(bench_example(), {c}).find("the damping of its resonance is"), std::string::npos) << damping;
  }
  c.evaluation.results.clear();
  EXPECT_NE(refusal(bench_example(), {c}).find("neither a first-order corner nor a resonance with its damping"),
            std::string::npos);
}

/// One that is newer than the description's certificate, or of the same day, and spoilt.
std::vector<Calibration> spoilt_ones(const char* date) {
  Calibration expired = filed("C-000007"), foreign = filed("C-000007"), without_u = filed("C-000007"),
              simulated = filed("C-000007");
  for (Calibration* c : {&expired, &foreign, &without_u, &simulated}) c->date = *parse_date(date);
  expired.due = *parse_date("2026-05-31");
  foreign.fixture_id = "BENCH-1";
  without_u.evaluation.u.reset();
  simulated.simulated = true;
  return {expired, foreign, without_u, simulated};
}

TEST(FiledCalibration, ThatCannotBeTakenStopsTheRunUnlessTheDescriptionIsNewer) {
  for (const Calibration& c : spoilt_ones("2026-02-10")) {
    const std::string why = why_not_in_force(c, bench_example(), kToday);
    ASSERT_NE(why, "");
    const std::string said = refusal(bench_example(), {c});
    EXPECT_NE(said.find(why), std::string::npos) << why;
    for (const char* part :
         {"the description of rig 'bench-example' is no newer (certificate CAL-2026-0042 of 2026-02-10)",
          "penrig calibrate load-cell --points FILE --fixture BENCH-2", "a newer certificate into the description"}) {
      EXPECT_NE(said.find(part), std::string::npos) << part << "\n" << said;
    }
  }
  for (const Calibration& c : spoilt_ones("2026-02-09")) EXPECT_EQ(refusal(bench_example(), {c}), "");
}

TEST(FiledCalibration, ThatANewerOneTookThePlaceOfNeverComesBack) {
  Calibration older = filed("C-000001"), expired = filed("C-000007"), without_u = filed("C-000007"),
              future = filed("C-000007");
  older.date = *parse_date("2026-04-01");
  for (Calibration* c : {&expired, &without_u}) c->date = *parse_date("2026-05-01");
  expired.due = *parse_date("2026-05-31");
  without_u.evaluation.u.reset();
  future.date = *parse_date("2026-06-02");
  for (const Calibration& c : {expired, without_u, future}) {
    for (const RigDescription& rig : {bench_example(), bench_example({"load-cell"})}) {
      const std::string said = refusal(rig, {older, c});
      EXPECT_NE(said.find(why_not_in_force(c, rig, kToday)), std::string::npos) << said;
      EXPECT_NE(said.find("C-000001 of 2026-04-01 does not do in its place"), std::string::npos) << said;
      EXPECT_NE(said.find("penrig calibrate load-cell --points FILE --fixture BENCH-2"), std::string::npos) << said;
    }
  }
  // The description's certificate (2026-02-10) is newer than both: it stands, as for a single expired one.
  Calibration oldest = filed("C-000001");
  oldest.date = *parse_date("2025-06-01");
  expired.date = *parse_date("2026-01-01");
  const auto choice = apply_filed(bench_example(), {oldest, expired}, kToday).value();
  EXPECT_TRUE(choice.used.empty());
  EXPECT_EQ(choice.passed_over.size(), 1U);
}

TEST(FiledCalibration, OfAnotherFixtureOrOnASimulationTakesNoPlace) {
  const std::vector<Calibration> spoilt = spoilt_ones("2026-05-01");
  for (const Calibration& c : {spoilt[1], spoilt[3]}) {
    EXPECT_EQ(apply_filed(bench_example(), {c, filed("C-000001")}, kToday).value().used.at(0).id, "C-000001");
    EXPECT_FALSE(is_superseded({filed("C-000001"), c}, 0)) << c.fixture_id;
  }
}

TEST(FiledCalibration, IsSupersededByALaterDateOrALaterFiling) {
  Calibration older = filed("C-000001"), newer = filed("C-000002"), other = filed("C-000003", "encoder");
  newer.date = *parse_date("2026-05-01");
  EXPECT_TRUE(is_superseded({older, newer}, 0));
  EXPECT_FALSE(is_superseded({older, newer}, 1));
  EXPECT_TRUE(is_superseded({newer, older}, 1)) << "by date, whenever it was filed";
  EXPECT_TRUE(is_superseded({older, older}, 0));
  EXPECT_FALSE(is_superseded({older, older}, 1));
  EXPECT_FALSE(is_superseded({older, other}, 0));
}

TEST(FiledCalibration, OfAnotherFixtureOnASimulationDoesNotConcernARealRig) {
  Calibration trial = filed("C-000007");
  trial.date = *parse_date("2026-05-01");
  trial.fixture_id = "SIM-BENCH";
  EXPECT_NE(refusal(bench_example(), {trial}), "");
  trial.simulated = true;
  EXPECT_EQ(refusal(bench_example(), {trial}), "");
  RigDescription simulation = bench_example();
  simulation.simulated = true;
  Calibration real = filed("C-000008");
  real.date = *parse_date("2026-05-01");
  real.fixture_id = "BENCH-9";
  EXPECT_EQ(refusal(simulation, {real}), "");
}

TEST(FiledCalibration, ThatDoesNotCountIsNotPassedOverInSilence) {
  Calibration c = filed("C-000007");
  c.due = *parse_date("2026-05-31");
  const auto choice = apply_filed(bench_example(), {c}, kToday).value();
  ASSERT_EQ(choice.passed_over.size(), 1U);
  EXPECT_NE(choice.passed_over[0].find("C-000007"), std::string::npos);
}

TEST(RequiredCalibrations, AreReadFromTheRigsDescription) {
  std::string text = read_source_file("fixtures/rigs/bench-example.yaml");
  const auto with = [&](const std::string& list) {
    return load_rig(text + "  required: " + list + "\n", "bench.yaml");
  };
  EXPECT_EQ(with("[load-cell, encoder, 'encoder:stage']").value.calibrations.required,
            (std::vector<std::string>{"load-cell", "encoder", "encoder:stage"}));
  const auto wrong = with("[load-cel, encoder, encoder]");
  ASSERT_EQ(wrong.mistakes.size(), 2U);
  EXPECT_EQ(wrong.mistakes[0].message, "unknown calibration 'load-cel' (did you mean 'load-cell'?)");
  EXPECT_EQ(wrong.mistakes[1].message, "'encoder' is required already");
}

TEST(GoldenCheck, IsReadFromThePlan) {
  const std::string text = read_source_file("rig/plans/smoke.yaml");
  EXPECT_FALSE(load_plan(text, "p.yaml").value.golden_check);
  const auto plan = load_plan(text + "golden_check: {plan: golden-pro, within_h: 12}\n", "p.yaml");
  ASSERT_EQ(render_all(plan.mistakes), "");
  EXPECT_EQ(plan.value.golden_check->plan, "golden-pro");
  EXPECT_EQ(plan.value.golden_check->within_h, 12);
  EXPECT_EQ(load_plan(text + "golden_check: {plan: golden-pro}\n", "p.yaml").value.golden_check->within_h, 24);
  for (const char* wrong :
       {"{}", "{plan: smoke}", "{plan: golden-pro, within_h: 0}", "{plan: golden-pro, hours: 3}", "daily"}) {
    EXPECT_FALSE(load_plan(text + "golden_check: " + wrong + "\n", "p.yaml").ok()) << wrong;
  }
}

TEST(CivilDates, GoForthAndBack) {
  for (const char* text : {"1970-01-01", "2024-02-29", "2026-12-31", "9999-12-31"}) {
    EXPECT_EQ(date_of_days(parse_date(text)->days).text, text);
  }
  EXPECT_EQ(date_of_utc(1'767'225'600'000'000'000).text, "2026-01-01");
  EXPECT_EQ(date_of_utc(1'767'225'599'999'999'999).text, "2025-12-31");
}

}  // namespace
}  // namespace penrig
