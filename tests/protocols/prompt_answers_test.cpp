#include "protocols/prompt_answers.hpp"

#include <gtest/gtest.h>

namespace penrig {
namespace {

/// Of so many requests, all answered after this time: how many were looked out for.
int looked_out_for(PromptAnswers& answers, int requests, Nanoseconds time) {
  int looked_out = 0;
  for (int i = 0; i < requests; ++i) {
    if (!answers.expected()) continue;
    ++looked_out;
    answers.took(time);
  }
  return looked_out;
}

TEST(PromptAnswers, AreLookedOutForWhileTheyArePrompt) {
  PromptAnswers answers;
  EXPECT_EQ(looked_out_for(answers, 100, PromptAnswers::kWithin), 100);
}

TEST(PromptAnswers, AreTriedMoreAndMoreSeldomWhereTheyAreNot) {
  PromptAnswers answers;
  const Nanoseconds late = PromptAnswers::kWithin + Nanoseconds{1};
  EXPECT_EQ(looked_out_for(answers, 2 + 4 + 8, late), 3);
  EXPECT_EQ(looked_out_for(answers, 80, late), 10);  // but never given up
}

TEST(PromptAnswers, AreLookedOutForAgainOnceOneIs) {
  PromptAnswers answers;
  looked_out_for(answers, 1 + 1, PromptAnswers::kWithin * 2);
  EXPECT_EQ(looked_out_for(answers, 100, PromptAnswers::kWithin), 100);
}

}  // namespace
}  // namespace penrig
