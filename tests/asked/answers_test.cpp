#include "tools/penrig/answers.hpp"

#include <gmock/gmock.h>

#include "tests/asked/asking_plan.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/load_pictures.hpp"
#include "tools/penrig/prepare_run.hpp"

namespace penrig::cli {
namespace {

using test::kAskingPlan;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string all_of(const std::vector<Mistake>& mistakes) {
  std::string text;
  for (const Mistake& mistake : mistakes) text += mistake.file + ": " + mistake.message + "\n";
  return text;
}

class Answers : public ::testing::Test {
 protected:
  const PromptPhase& prompt(const std::string& name) const {
    for (const PromptPhase* one : plan.prompts()) {
      if (one->name == name) return *one;
    }
    throw std::runtime_error(name);
  }
  std::string read(const std::string& name, const std::string& typed) const {
    const Result<AnswerValue> value = read_answer(prompt(name), typed);
    return value ? text_of_answer(prompt(name), *value) : std::string("refused: ") + name_of(value.error().code);
  }
  std::string mistakes_of(const std::vector<std::string>& written, bool somebody = false) const {
    std::vector<Mistake> mistakes;
    const GivenAnswers given = read_answers(written, plan, mistakes);
    if (given.size() == written.size()) check_somebody_answers(plan, given, somebody, mistakes);
    return all_of(mistakes);
  }
  const Plan plan = load_inputs(kAskingPlan, "").plan;
  const std::vector<std::string> all{"cartridge=y", "tip inspection=yes", "seal=whole", "seal width=2.2 mm", "room=40"};
};

TEST_F(Answers, WhatMayBeTypedIsAnAnswerAndNothingElse) {
  for (const char* yes : {"y", "Y", "yes", "YES", "straight"}) EXPECT_EQ(read("tip inspection", yes), "straight");
  for (const char* no : {"n", "No", "bent or dirty"}) EXPECT_EQ(read("tip inspection", no), "bent or dirty");
  for (const char* none : {"", " ", "ja", "yess", "1", "true", "Straight", "done"})
    EXPECT_EQ(read("tip inspection", none), "refused: usage") << none;
  EXPECT_EQ(read("cartridge", "done"), "done");
  EXPECT_EQ(read("cartridge", "y"), "done");
  EXPECT_EQ(read("cartridge", "n"), "refused: usage") << "nothing else can be done";
  EXPECT_EQ(read("seal", "1"), "whole");
  EXPECT_EQ(read("seal", "torn"), "torn");
  for (const char* none : {"", "0", "4", "-1", "1.0", "Torn", "99999999999999999999"})
    EXPECT_EQ(read("seal", none), "refused: usage") << none;
  EXPECT_EQ(read("seal width", "2.20"), "2.2 mm");
  EXPECT_EQ(read("seal width", "2.2 mm"), "2.2 mm");
  EXPECT_EQ(read("seal width", "2.2mm"), "2.2 mm");
  for (const char* none : {"", "mm", "2,2", "2.2 cm", "nan", ".nan", ".inf", "inf", "1e99", "2.2 2.3", "y"})
    EXPECT_EQ(read("seal width", none), "refused: usage") << none;
  EXPECT_EQ(read("seal width", std::string(5000, '1')), "refused: usage");
}

TEST_F(Answers, GivenBeforehandAreHeldAgainstThePlan) {
  EXPECT_EQ(mistakes_of(all), "");
  EXPECT_THAT(mistakes_of({"tip inspektion=yes"}), HasSubstr("did you mean 'tip inspection'?"));
  EXPECT_THAT(mistakes_of({"yes"}), HasSubstr("'yes' is no NAME=VALUE"));
  EXPECT_THAT(mistakes_of({"tip inspection=maybe"}), HasSubstr("'maybe' is no answer to 'tip inspection'"));
  EXPECT_THAT(mistakes_of({"tip inspection=yes", "tip inspection=no"}), HasSubstr("answered twice"));
  EXPECT_THAT(mistakes_of({"room="}), HasSubstr("is no answer"));
  EXPECT_THAT(mistakes_of({"room=1e400"}), HasSubstr("'1e400' is no answer to 'room'")) << "it is read as infinite";
}

TEST_F(Answers, APlanThatAsksWhereNobodyIsNamesWhatToWrite) {
  EXPECT_EQ(mistakes_of({}, true), "") << "somebody is there";
  EXPECT_THAT(mistakes_of({}), HasSubstr("plan 'inspect-pro' asks a person ('cartridge', 'tip inspection', 'seal', "
                                         "'seal width', 'room'), and nobody can be asked here"));
  EXPECT_THAT(mistakes_of({all.begin(), all.end() - 1}), HasSubstr("--answer room=VALUE"));
  RunOptions options;
  options.plan_path = kAskingPlan;
  options.rig = "sim:seed=1";
  options.serial_number = "PRO-0001";
  EXPECT_THAT(all_of(prepare_run(options).inputs.mistakes), HasSubstr("nobody can be asked here"));
  options.asks = true;
  EXPECT_THAT(all_of(prepare_run(options).inputs.mistakes), IsEmpty());
  options.asks = false;
  options.answers = all;
  const PreparedRun prepared = prepare_run(options);
  EXPECT_THAT(all_of(prepared.inputs.mistakes), IsEmpty());
  EXPECT_EQ(prepared.answers.size(), 5U);
  std::string pictures;
  for (const SourceDocument& document : prepared.inputs.documents) {
    if (document.kind == "picture") pictures += document.name + " " + std::to_string(document.sha256.size()) + "\n";
  }
  EXPECT_EQ(pictures, "pictures/tip-straight.svg 64\npictures/tip-bent.svg 64\n") << "among the record's inputs";
}

TEST(Pictures, AreTakenByTheirFirstBytesAlone) {
  EXPECT_EQ(picture_type("\x89PNG\r\n\x1a\n...."), "image/png");
  EXPECT_EQ(picture_type("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(picture_type("<svg xmlns='x'/>"), "image/svg+xml");
  EXPECT_EQ(picture_type("<?xml version='1.0'?>\n<!-- made by hand -->\n<svg>"), "image/svg+xml");
  for (const char* none : {"", "<", "<?xml", "<!--", "<html><svg>", "GIF89a", "%PDF", "<svgx>", "\x89PNG"})
    EXPECT_EQ(picture_type(none), "") << none;
}

}  // namespace
}  // namespace penrig::cli
