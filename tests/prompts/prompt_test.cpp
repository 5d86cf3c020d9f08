// A plan asks a person: answered well, wrongly, late, not at all; stopped, and with an interlock that opens meanwhile.
#include <algorithm>
#include <utility>

#include <gmock/gmock.h>

#include "fixtures/sim/plant_faults.hpp"
#include "reports/html_report.hpp"
#include "reports/recompute/rejudge.hpp"
#include "reports/record_json.hpp"
#include "rig/run/judge_answer.hpp"
#include "tests/prompts/prompt_run.hpp"

namespace penrig::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PromptPhase& prompt_of(PromptRun& run, const std::string& name) {
  for (PhaseSpec& phase : run.inputs.plan.phases) {
    if (auto* prompt = std::get_if<PromptPhase>(&phase); prompt != nullptr && prompt->name == name) return *prompt;
  }
  throw std::runtime_error("no prompt " + name);
}

Verdict verdict_when(const std::string& prompt, AnswerValue value, std::string* reason = nullptr) {
  PromptRun run;
  run.person = somebody_who_says(run, prompt, std::move(value));
  run.go();
  EXPECT_THAT(run.faults, IsEmpty());
  EXPECT_EQ(run.open_at_end, 0);
  if (reason != nullptr) *reason = run.record.outcome.reason;
  return run.record.outcome.verdict;
}

TEST(Prompt, EveryKindIsAskedInItsTurnAndARightAnswerPasses) {
  PromptRun run;
  run.person = somebody_who_passes(run);
  run.go();
  EXPECT_EQ(run.result.outcome.verdict, Verdict::pass) << run.result.outcome.reason;
  EXPECT_THAT(run.asked, ElementsAre("cartridge", "tip inspection", "seal", "seal width", "room"));
  EXPECT_THAT(run.faults, IsEmpty());
  EXPECT_EQ(run.record.outcome.decisions.size(), run.record.header.decisions_planned);
  for (const char* judged : {"tip inspection", "seal", "seal width"}) {
    ASSERT_NE(run.decision(judged), nullptr) << judged;
    EXPECT_EQ(run.decision(judged)->verdict, Verdict::pass) << judged;
  }
  EXPECT_EQ(run.decision("cartridge"), nullptr) << "for information";
  EXPECT_EQ(run.decision("room"), nullptr);
}

TEST(Prompt, TheRecordSaysWhatWasAskedAnsweredByWhomAndWhen) {
  PromptRun run;
  run.person = somebody_who_passes(run);
  run.go();
  const PhaseRecord* phase = run.phase("tip inspection");
  ASSERT_NE(phase, nullptr);
  EXPECT_EQ(phase->kind, "prompt");
  EXPECT_NEAR(phase->values.at("answered_s") - phase->values.at("asked_s"), 3.0, 1e-6);
  ASSERT_NE(run.answer("tip inspection"), nullptr);
  EXPECT_EQ(run.answer("tip inspection")->text_value, "straight");
  EXPECT_EQ(run.answer("tip inspection")->note, "answered by ada at the test after 3.0 s");
  EXPECT_EQ(run.answer("seal width")->value, 2.2);
  EXPECT_EQ(run.answer("seal width")->unit, "mm");
  EXPECT_EQ(run.answer("seal width")->expanded_u, 0.05);
  EXPECT_THAT(run.answer("seal width")->note, HasSubstr("U as the plan states it"));
  std::string events;
  for (const RunEvent& event : run.record.outcome.events) events += event.kind + " " + event.text + "\n";
  EXPECT_THAT(events, HasSubstr("prompt tip inspection: Are all needles straight and clean?\n"));
  EXPECT_THAT(events, HasSubstr("answer tip inspection: straight, by ada at the test\n"));
  const std::string json = record_json_text(run.record), page = html_report(run.record);
  for (const char* said : {"answer:tip inspection", "straight", "ada at the test"}) EXPECT_THAT(json, HasSubstr(said));
  EXPECT_THAT(page, HasSubstr("Are all needles straight and clean?"));
  EXPECT_THAT(page, HasSubstr("ada at the test"));
}

TEST(Prompt, AWrongAnswerIsAFailOfItsOwn) {
  std::string reason;
  EXPECT_EQ(verdict_when("tip inspection", false, &reason), Verdict::fail);
  EXPECT_THAT(reason, HasSubstr("tip inspection"));
  EXPECT_THAT(reason, HasSubstr("'bent or dirty' is not among the allowed (straight)"));
  EXPECT_EQ(verdict_when("seal", std::string("torn"), &reason), Verdict::fail);
  EXPECT_THAT(reason, HasSubstr("'torn' is not among the allowed (whole, scratched)"));
  EXPECT_EQ(verdict_when("seal", std::string("scratched")), Verdict::pass);
}

TEST(Prompt, ANumberIsJudgedWithItsGuardBandAsEveryOther) {
  // Limits 2.0 … 2.4 mm, U 0.05 mm.
  EXPECT_EQ(verdict_when("seal width", 2.06), Verdict::pass);
  EXPECT_EQ(verdict_when("seal width", 2.04), Verdict::indeterminate);
  EXPECT_EQ(verdict_when("seal width", 2.0), Verdict::indeterminate);
  EXPECT_EQ(verdict_when("seal width", 1.96), Verdict::indeterminate);
  EXPECT_EQ(verdict_when("seal width", 1.94), Verdict::fail);
  EXPECT_EQ(verdict_when("seal width", 2.46), Verdict::fail);
  EXPECT_EQ(verdict_when("seal width", -2.2), Verdict::fail);
}

TEST(Prompt, WhatIsNotJudgedPassesWithAnyAnswer) { EXPECT_EQ(verdict_when("room", -400.0), Verdict::pass); }

TEST(Prompt, WhatWasAnsweredTwiceOrNotAtAllIsNoPass) {
  PromptRun run;
  const PromptPhase& prompt = prompt_of(run, "seal width");
  Measurement answer;
  answer.measurand = answer_id(prompt);
  answer.unit = "mm";
  answer.value = 2.2;
  answer.expanded_u = 0.05;
  answer.n = 1;
  const auto verdict_of = [&](std::size_t answers) {
    RunOutcome outcome;
    outcome.measurements.assign(answers, answer);
    judge_answer(prompt, outcome);
    return outcome.decisions.at(0).verdict;
  };
  EXPECT_EQ(verdict_of(1), Verdict::pass);
  EXPECT_NE(verdict_of(0), Verdict::pass);
  EXPECT_NE(verdict_of(2), Verdict::pass);
}

TEST(Prompt, NoAnswerInTimeIsAnErrorAndNeverRepeated) {
  PromptRun run;
  run.inputs.plan.link_retries = 3;
  const auto passes = somebody_who_passes(run);
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    if (open->what().name != "seal") passes(open);
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.record.outcome.reason, HasSubstr("nobody answered 'seal' within 120 s"));
  EXPECT_THAT(run.asked, ElementsAre("cartridge", "tip inspection", "seal"));
  ASSERT_NE(run.phase("seal"), nullptr);
  EXPECT_NEAR(run.phase("seal")->ended_s - run.phase("seal")->started_s, 120, 1);
  EXPECT_TRUE(run.record.outcome.safe_state_confirmed);
  EXPECT_EQ(run.open_at_end, 0);
  EXPECT_THAT(run.faults, IsEmpty());
}

TEST(Prompt, AnAnswerThatComesTooLateCountsForNothing) {
  PromptRun run;
  std::shared_ptr<OpenPrompt> late;
  Errc refused = Errc::internal;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    late = open;
    run.after(seconds{120}, [&] {
      const Result<void> taken = late->answer(true, "ada");
      refused = taken ? Errc::internal : taken.error().code;
    });
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_EQ(refused, Errc::refused) << "at the very instant it is late";
  EXPECT_EQ(run.answer("cartridge"), nullptr);
}

TEST(Prompt, TheFirstAnswerCountsAndAnotherIsTold) {
  PromptRun run;
  const auto passes = somebody_who_passes(run);
  std::vector<bool> taken;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    if (open->what().name != "tip inspection") return passes(open);
    run.after(seconds{1}, [&, open] {
      taken.push_back(open->answer(false, "ada").has_value());
      taken.push_back(open->answer(true, "bob").has_value());
    });
  };
  run.go();
  EXPECT_THAT(taken, ElementsAre(true, false));
  EXPECT_EQ(run.record.outcome.verdict, Verdict::fail);
  EXPECT_THAT(run.answer("tip inspection")->note, HasSubstr("ada"));
}

TEST(Prompt, WhatIsNoAnswerLeavesTheQuestionOpen) {
  PromptRun run;
  const auto passes = somebody_who_passes(run);
  int refused = 0;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    for (const AnswerValue& wrong : {AnswerValue(std::string("perhaps")), AnswerValue(std::nan(""))}) {
      const Result<void> taken = open->answer(wrong, "ada");
      refused += !taken && taken.error().code == Errc::usage ? 1 : 0;
    }
    passes(open);
  };
  run.go();
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(run.record.outcome.verdict, Verdict::pass) << run.record.outcome.reason;
}

TEST(Prompt, AStopEndsTheQuestionAsAborted) {
  PromptRun run;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    run.after(seconds{2}, [&] { run.stop().request("SIGINT"); });
    run.after(seconds{3}, [open] { EXPECT_FALSE(open->answer(true, "ada")) << "nobody waits for it any more"; });
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::aborted);
  EXPECT_EQ(run.answer("cartridge"), nullptr);
  EXPECT_LT(run.phase("cartridge")->ended_s - run.phase("cartridge")->started_s, 2.5);
  EXPECT_TRUE(run.record.outcome.safe_state_confirmed);
  EXPECT_EQ(run.open_at_end, 0);
  EXPECT_THAT(run.faults, IsEmpty());
}

TEST(Prompt, AnEStopEndsTheQuestionAndItsLatencyIsRecorded) {
  PromptRun run;
  run.person = [&](const std::shared_ptr<OpenPrompt>&) {
    run.after(seconds{2}, [&] { run.rig().bench().press_e_stop(); });
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.record.outcome.reason, HasSubstr("e-stop"));
  EXPECT_LT(run.phase("cartridge")->ended_s - run.phase("cartridge")->started_s, 2.5);
  bool tripped = false;
  for (const RunEvent& event : run.record.outcome.events) tripped = tripped || event.kind == "interlock";
  EXPECT_TRUE(tripped);
  EXPECT_EQ(run.open_at_end, 0);
}

TEST(Prompt, AnAnswerAtTheInstantOfAnEStopDoesNotLetTheRunGoOn) {
  PromptRun run;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    run.after(seconds{2}, [&run, open] {
      run.rig().bench().press_e_stop();
      (void)open->answer(true, "ada");
    });
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error) << run.record.outcome.reason;
  EXPECT_THAT(run.record.outcome.reason, HasSubstr("e-stop"));
}

TEST(Prompt, ThePenStandsAndTheStageIsBackWhileSomebodyIsAsked) {
  PromptRun run;
  std::rotate(run.inputs.plan.phases.begin(), run.inputs.plan.phases.end() - 1, run.inputs.plan.phases.end());
  const auto passes = somebody_who_passes(run);
  double least_mm = 1e9, greatest_mm = -1e9, nearest_mm = -1e9;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
    // After a setting: what drove the pen is over before anybody is asked.
    for (const auto at :
         {std::chrono::milliseconds{0}, std::chrono::milliseconds{700}, std::chrono::milliseconds{2900}}) {
      run.after(at, [&] {
        const double needle_mm = run.rig().bench().needle_gauge_mm();
        least_mm = std::min(least_mm, needle_mm);
        greatest_mm = std::max(greatest_mm, needle_mm);
        nearest_mm = std::max(nearest_mm, run.rig().bench().stage_gauge_mm());
      });
    }
    passes(open);
  };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::pass) << run.record.outcome.reason;
  EXPECT_LT(greatest_mm - least_mm, 0.02) << "the needles moved while a person was asked";
  EXPECT_LT(nearest_mm, run.inputs.rig.stage.withdrawn_axial_mm + 0.5) << "the stage was not back";
}

/// The motor jams for so long while the reference holds the needles out; it goes on by itself when it is free.
void jam_with_needles_out(PromptRun& run, Nanoseconds for_so_long) {
  run.around_link = [&run, for_so_long](std::unique_ptr<ByteLink> link, bool is_pen) {
    if (!is_pen) return link;
    run.after(seconds{2}, [&run] {
      EXPECT_GT(run.rig().bench().needle_gauge_mm(), 0.5);
      run.rig().bench().disturb({.motor_stalled = true});
    });
    run.after(seconds{2} + for_so_long, [&run] { run.rig().bench().disturb({}); });
    return link;
  };
}

TEST(Prompt, NobodyIsAskedWhileThePenSaysThatItsNeedlesAreNotParked) {
  for (const seconds jammed : {seconds{3}, seconds{30}}) {
    PromptRun run;
    jam_with_needles_out(run, jammed);
    run.person = somebody_who_passes(run);
    run.go();
    EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
    EXPECT_THAT(run.record.outcome.reason,
                HasSubstr("safe state not confirmed: the pen says that its needles are not parked"));
    EXPECT_THAT(run.asked, IsEmpty());
    EXPECT_EQ(run.record.outcome.safe_state_confirmed, jammed == seconds{3}) << "parked before the teardown gave up";
    EXPECT_THAT(run.faults, IsEmpty());
  }
}

TEST(Prompt, APromptThatNobodyCanBeAskedIsAnErrorBeforeAnythingMoves) {
  PromptRun run;
  run.go();
  EXPECT_EQ(run.result.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.result.outcome.reason, HasSubstr("asks a person ('cartridge'), and nobody can be asked here"));
  EXPECT_FALSE(run.result.reached_bench);
  EXPECT_THAT(run.faults, IsEmpty());
}

TEST(Prompt, WhoeverCannotAnswerAnyMoreEndsItAsAnError) {
  PromptRun run;
  run.person = [&](const std::shared_ptr<OpenPrompt>& open) { open->give_up("the standard input ended"); };
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::error);
  EXPECT_THAT(run.record.outcome.reason, HasSubstr("'cartridge' was not answered: the standard input ended"));
}

/// Both links end: the bench is plugged in elsewhere.
Awaitable<void> unplug(InProcessRig& rig) { (void)co_await rig.plug_in(); }

TEST(Prompt, ALostLinkEndsTheQuestionAndWhereThePlanAllowsItIsAskedAgain) {
  for (const std::uint32_t retries : {0U, 1U}) {
    PromptRun run;
    run.inputs.plan.link_retries = retries;
    const auto passes = somebody_who_passes(run);
    bool cut = false;
    std::vector<std::string> ids;
    run.person = [&](const std::shared_ptr<OpenPrompt>& open) {
      ids.push_back(open->id());
      if (open->what().name != "tip inspection" || std::exchange(cut, true)) return passes(open);
      run.after(seconds{1}, [&] { run.timeline().spawn(unplug(run.rig())); });
    };
    run.go();
    EXPECT_EQ(run.record.outcome.verdict, retries > 0 ? Verdict::pass : Verdict::error) << run.record.outcome.reason;
    ASSERT_NE(run.phase("tip inspection"), nullptr);
    EXPECT_EQ(run.phase("tip inspection")->verdict, Verdict::error) << "the first attempt is kept";
    EXPECT_EQ(std::ranges::count(run.asked, "tip inspection"), retries > 0 ? 2 : 1);
    std::ranges::sort(ids);
    EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end()) << "an old answer must not fit a new question";
    EXPECT_THAT(run.faults, IsEmpty());
    EXPECT_EQ(run.open_at_end, 0);
  }
}

TEST(Prompt, WithoutAnswersNothingOfAJudgedPromptIsAPass) {
  PromptRun run;
  run.person = somebody_who_passes(run);
  run.go();
  ASSERT_EQ(run.record.outcome.verdict, Verdict::pass);
  // The same record without that answer, judged again.
  std::erase_if(run.record.phases, [](const PhaseRecord& p) { return p.name == "seal"; });
  const Rejudgement again = rejudge(run.record, run.inputs.plan, run.inputs.product);
  EXPECT_EQ(again.is, Verdict::error);
}

TEST(Prompt, APlansOwnWayOfJudgingIsWhatDecides) {
  PromptRun run;
  prompt_of(run, "tip inspection").pass = {"bent or dirty"};
  run.person = somebody_who_passes(run);
  run.go();
  EXPECT_EQ(run.record.outcome.verdict, Verdict::fail);
}

}  // namespace
}  // namespace penrig::test
