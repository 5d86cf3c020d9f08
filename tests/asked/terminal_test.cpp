// The program asks at a terminal of its own; on a simulated rig time goes on as somebody thinks.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "reports/scratch_directory.hpp"
#include "tests/asked/asking_plan.hpp"
#include "tests/system/program.hpp"
#include "tests/system/terminal_program.hpp"

namespace penrig::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPatienceMs = 60'000;

std::vector<std::string> run_words() {
  return {"run", kAskingPlan, "--rig", "sim:seed=1", "--serial-number", "PRO-0001", "--operator", "ada"};
}

std::vector<std::string> with_answers(std::vector<std::string> words, const std::vector<std::string>& answers) {
  for (const std::string& answer : answers) words.insert(words.end(), {"--answer", answer});
  return words;
}

TEST(PromptAtTerminal, EnterAnswersNothingAndAWholeRunIsAnswered) {
  ScratchDirectory folder;
  TerminalProgram program(run_words(), folder.path().string());
  ASSERT_TRUE(program.wait_for("y = done: ", kPatienceMs)) << program.screen();
  program.press("\n");
  ASSERT_TRUE(program.wait_for("Enter alone answers nothing.", kPatienceMs)) << program.screen();
  program.press("n\n");
  ASSERT_TRUE(program.wait_for("'n' is no answer to 'cartridge'", kPatienceMs)) << program.screen();
  program.press("y\n");
  ASSERT_TRUE(program.wait_for("y = straight, n = bent or dirty: ", kPatienceMs)) << program.screen();
  EXPECT_THAT(program.screen(), HasSubstr("pictures/tip-bent.svg"));
  program.press("y\n");
  ASSERT_TRUE(program.wait_for("1 to 3: ", kPatienceMs)) << program.screen();
  program.press("2\n");
  ASSERT_TRUE(program.wait_for("a number in mm: ", kPatienceMs)) << program.screen();
  program.press("2.2\n");
  ASSERT_TRUE(program.wait_for("a number in %: ", kPatienceMs)) << program.screen();
  program.press("41\n");
  EXPECT_EQ(program.wait_for_exit(kPatienceMs), 0) << program.screen();
  EXPECT_THAT(program.screen(), HasSubstr("answer: seal: scratched, by ada at the terminal"));
}

TEST(PromptAtTerminal, AWrongAnswerIsAFailAndExitsSo) {
  ScratchDirectory folder;
  TerminalProgram program(with_answers(run_words(), {"cartridge=y", "seal=whole", "seal width=2.2", "room=40"}),
                          folder.path().string());
  ASSERT_TRUE(program.wait_for("y = straight, n = bent or dirty: ", kPatienceMs)) << program.screen();
  program.press("n\n");
  EXPECT_EQ(program.wait_for_exit(kPatienceMs), 1) << program.screen();
  EXPECT_THAT(program.screen(), HasSubstr("bent or dirty"));
}

TEST(PromptAtTerminal, CtrlCEndsTheQuestionAsAborted) {
  ScratchDirectory folder;
  TerminalProgram program(run_words(), folder.path().string());
  ASSERT_TRUE(program.wait_for("y = done: ", kPatienceMs)) << program.screen();
  program.press("\x03");
  EXPECT_EQ(program.wait_for_exit(kPatienceMs), 2) << program.screen();
}

TEST(PromptAtTerminal, TheEndOfTheInputIsAnErrorAndNoAnswer) {
  ScratchDirectory folder;
  TerminalProgram program(run_words(), folder.path().string());
  ASSERT_TRUE(program.wait_for("y = done: ", kPatienceMs)) << program.screen();
  program.press("\x04");
  EXPECT_EQ(program.wait_for_exit(kPatienceMs), 3) << program.screen();
  EXPECT_THAT(program.screen(), HasSubstr("the standard input ended"));
}

TEST(PromptWithoutATerminal, IsRefusedBeforeAnythingMovesUnlessAllIsAnswered) {
  ScratchDirectory folder;
  const auto in_folder = [&](std::vector<std::string> words) { return run_program(words, folder.path().string()); };
  const auto refused = in_folder(run_words());
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err, HasSubstr("asks a person ('cartridge', 'tip inspection'"));
  EXPECT_THAT(refused.err, HasSubstr("nothing has moved, no record was opened"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "records"));
  const auto answered = in_folder(
      with_answers(run_words(), {"cartridge=y", "tip inspection=yes", "seal=whole", "seal width=2.2", "room=40"}));
  EXPECT_EQ(answered.exit_code, 0) << answered.out << answered.err;
  EXPECT_THAT(answered.out, HasSubstr("by ada by --answer"));
  EXPECT_EQ(in_folder({"recompute", "R-000001"}).exit_code, 0);
  EXPECT_EQ(in_folder({"verify"}).exit_code, 0);
  const auto listed = [&](const char* prompt, const char* form) {
    return in_folder({"records", "list", "--measurand", prompt, form}).out;
  };
  EXPECT_THAT(in_folder({"records", "list", "--measurand", "answer:seal"}).out, HasSubstr("PASS           whole"));
  EXPECT_THAT(in_folder({"records", "list", "--measurand", "answer:room"}).out, HasSubstr("  40.000  simulated"));
  EXPECT_THAT(in_folder({"records", "list", "--measurand", "answer:odour"}).out, HasSubstr("not measured"));
  EXPECT_THAT(listed("answer:seal", "--json"), HasSubstr(R"("n":1,"least":null,"greatest":null,"text":"whole")"));
  EXPECT_THAT(listed("answer:seal width", "--json"), HasSubstr(R"("n":1,"least":2.2,"greatest":2.2,"text":"")"));
  EXPECT_THAT(listed("answer:seal", "--csv"), HasSubstr(",1,,,whole"));
  EXPECT_THAT(in_folder({"records", "list", "--measurand", "seal"}).err, HasSubstr("a prompt's answer is answer:NAME"));
}

TEST(PromptWithoutATerminal, SeveralSlotsAreAnsweredAlike) {
  ScratchDirectory folder;
  const std::vector<std::string> words{"run",     kAskingPlan, "--rig",           "sim:seed=1&slots=2",
                                       "--slots", "all",       "--serial-number", "PRO-0001,PRO-0002"};
  const auto refused = run_program(words, folder.path().string());
  EXPECT_EQ(refused.exit_code, 4);
  const auto answered =
      with_answers(words, {"cartridge=y", "tip inspection=no", "seal=whole", "seal width=2.2", "room=40"});
  EXPECT_EQ(run_program(answered, folder.path().string()).exit_code, 1);
}

TEST(PlanCheck, NamesThePromptsAndWhatIsWrongWithAPicture) {
  ScratchDirectory folder;
  const auto good = run_program({"plan", "check", kAskingPlan}, folder.path().string());
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_THAT(good.out, HasSubstr("tip inspection: asks a person (confirm), judged, within 300 s: Are all needles"));
  EXPECT_THAT(good.out, HasSubstr("room: asks a person (number), for information"));

  const auto plan = folder.path() / "plan.yaml";
  const auto write = [&](const std::string& picture) {
    std::ofstream(plan)
        << "name: p\nrevision: 1\nproduct: " << PENRIG_SOURCE_DIR
        << "/fixtures/products/pen-pro.yaml\nphases:\n  - prompt: tip\n    kind: confirm\n    title: t\n"
           "    pictures: [{file: "
        << picture
        << "}]\n  - sweep: s\n    depth_mm: [1.0]\n    rate_per_min: [7500]\n    strokes: 40\n"
           "judge: [D1]\n";
    return run_program({"plan", "check", plan.string()}, folder.path().string());
  };
  std::ofstream(folder.path() / "text.png") << "no picture at all";
  std::ofstream(folder.path() / "large.png") << "\x89PNG\r\n\x1a\n" << std::string((2U << 20U) + 1, 'x');
  std::ofstream(folder.path() / "good.png") << "\x89PNG\r\n\x1a\n";
  std::filesystem::create_symlink("/etc/hostname", folder.path() / "away.png");
  EXPECT_EQ(write("good.png").exit_code, 0);
  for (const auto& [file, why] : {std::pair{"text.png", "is no PNG, JPEG or SVG"},
                                  {"large.png", "is the most"},
                                  {"none.png", "no such file"},
                                  {"away.png", "does not lie beside the plan"},
                                  {"../good.png", "does not lie beside the plan"}}) {
    const auto bad = write(file);
    EXPECT_EQ(bad.exit_code, 4) << file;
    EXPECT_THAT(bad.out, HasSubstr(why)) << file;
    EXPECT_THAT(bad.out, HasSubstr("plan.yaml:8:23")) << file;
  }
}

}  // namespace
}  // namespace penrig::test
