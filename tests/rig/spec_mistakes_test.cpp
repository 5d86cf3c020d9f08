#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "rig/spec/load.hpp"
#include "rig/spec/utf8.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

const std::string kFolder = "tests/rig/data/mistakes/";

/// Holds what is shown against the golden file; UPDATE_GOLDEN=1 rewrites it, and a person reads the difference.
void expect_golden(const std::string& name, const std::string& shown) {
  const std::string path = kFolder + name + ".txt";
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(std::string(PENRIG_SOURCE_DIR "/") + path, std::ios::binary) << shown;
    return;
  }
  EXPECT_EQ(shown, read_source_file(path)) << "in " << path;
}

std::string mistakes_of(const std::string& name) {
  const std::string file = name + ".yaml", text = read_source_file(kFolder + file);
  if (name.starts_with("product_")) return render_all(load_product(text, file).mistakes);
  if (name.starts_with("rig_")) return render_all(load_rig(text, file).mistakes);
  return render_all(load_plan(text, file).mistakes);
}

class MistakesOf : public ::testing::TestWithParam<std::string> {};

TEST_P(MistakesOf, AreAllShownWithTheirPlaces) { expect_golden(GetParam(), mistakes_of(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Files, MistakesOf,
                         ::testing::Values("plan_sample", "plan_all_at_once", "plan_phases", "plan_duplicate_key",
                                           "plan_open_bracket", "plan_tab", "plan_empty", "plan_comment_only",
                                           "plan_list", "plan_latin1", "plan_escape", "plan_alias", "plan_tag",
                                           "plan_two_documents", "plan_document_after_end", "plan_list_as_key",
                                           "plan_prompts", "plan_block", "plan_lengths", "product_all_at_once",
                                           "product_idle_limits", "rig_all_at_once", "rig_due_before_date"),
                         [](const auto& test) { return test.param; });

class MistakesAgainstTheProduct : public ::testing::TestWithParam<std::string> {};

TEST_P(MistakesAgainstTheProduct, AreAllShownWithTheirPlaces) {
  const std::string file = GetParam() + ".yaml", text = read_source_file(kFolder + file);
  const auto plan = load_plan(text, file);
  ASSERT_EQ(render_all(plan.mistakes), "");
  const auto product = load_product(read_source_file("fixtures/products/pen-pro.yaml"), "pen-pro.yaml");
  ASSERT_TRUE(product.ok());
  expect_golden(GetParam(), render_all(check_plan(plan.value, text, file, product.value)));
}

INSTANTIATE_TEST_SUITE_P(Files, MistakesAgainstTheProduct,
                         ::testing::Values("check_nothing_exercised", "check_watch", "check_links", "check_no_ble",
                                           "check_reconnect_link"),
                         [](const auto& test) { return test.param; });

// It moved, and ended as "not measured".
TEST(AHysteresis, NeedsADepthThatIsReachedFromBelowAndFromAbove) {
  std::string product = read_source_file("fixtures/products/pen-pro.yaml");
  product += "  - {id: HY, measurand: depth_hysteresis, max_mm: 0.05}\n";
  const auto mistakes_with = [&](const std::string& depths) {
    const std::string text = "name: h\nrevision: 1\nproduct: p.yaml\nphases:\n  - sweep: s\n    depth_mm: " + depths +
                             "\n    rate_per_min: [7500]\njudge: [HY]\n";
    const auto plan = load_plan(text, "h.yaml");
    return render_all(plan.mistakes) +
           render_all(check_plan(plan.value, text, "h.yaml", load_product(product, "p.yaml").value));
  };
  EXPECT_NE(mistakes_with("[0.5, 0.5, 1.0]").find("it needs a sweep that reaches a depth from below"),
            std::string::npos);
  EXPECT_NE(mistakes_with("[0.5, 0.5, 1.0, 0.5]"), "") << "the first has no way";
  EXPECT_EQ(mistakes_with("[0.5, 1.0, 0.5]"), "");
  EXPECT_EQ(mistakes_with("[1.0, 0.5, 1.0]"), "");
}

TEST(MistakesAgainstTheRig, AreAllShownWithTheirPlaces) {
  const std::string file = "rig_too_small.yaml", text = read_source_file(kFolder + file);
  const auto plan = load_plan(text, file);
  ASSERT_EQ(render_all(plan.mistakes), "");
  auto rig = load_rig(read_source_file("fixtures/rigs/simulated.yaml"), "simulated.yaml");
  ASSERT_TRUE(rig.ok());
  EXPECT_TRUE(check_plan_on_rig(plan.value, text, file, rig.value).size() == 1) << "61 + 6 settings, 60 spots";
  rig.value.over_depth_mm = 2.5;
  expect_golden("rig_too_small", render_all(check_plan_on_rig(plan.value, text, file, rig.value)));
}

TEST(Mistake, IsShownAsTheTargetPictureHasIt) {
  const Mistake mistake{"rig/plans/eol-night.yaml", 9, 3, 10, "unknown key 'min_stroke' (did you mean 'min_strokes'?)",
                        "  min_stroke: 150"};
  EXPECT_EQ(render(mistake, false),
            "rig/plans/eol-night.yaml:9:3: unknown key 'min_stroke' (did you mean 'min_strokes'?)\n"
            "     9 |   min_stroke: 150\n"
            "       |   ^~~~~~~~~~\n");
}

TEST(Mistake, OfAWholeFileHasNoLine) {
  EXPECT_EQ(render({"a.yaml", 0, 0, 1, "the file is empty", ""}, false), "a.yaml: the file is empty\n");
}

TEST(Mistake, ColourChangesNothingButEscapes) {
  const Mistake mistake{"a.yaml", 2, 4, 3, "what", "abcdefgh"};
  std::string plain;
  const std::string coloured = render(mistake, true);
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      plain += coloured[i];
  }
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(plain, render(mistake, false));
}

TEST(Mistake, CannotSteerTheTerminal) {
  EXPECT_THAT(render({"a\x1b[2J.yaml", 1, 1, 1, "w\x07hat", "x\x1b]0;y\x07"}, false),
              ::testing::Not(::testing::ContainsRegex("[\x1b\x07]")));
}

TEST(Mistake, IsShownInTheSignsThatAnOutputHas) {
  const Signs signs = [](std::string_view text) {
    std::string out(text);
    for (std::size_t at = out.find("±"); at != std::string::npos; at = out.find("±")) out.replace(at, 2, "+-");
    return out;
  };
  EXPECT_EQ(render({"a.yaml", 2, 9, 3, "not '± 2'", "{b: ±, c: ± 2}"}, false, signs),
            "a.yaml:2:9: not '+- 2'\n"
            "     2 | {b: +-, c: +- 2}\n"
            "       |          ^~~~\n");
}

TEST(Mistake, PutsTheCaretUnderTheCharacterAlsoBehindWideBytes) {
  // Columns count characters: µ is one, though two bytes.
  const auto loaded = load_plan("title: {µm: 1}\n", "p");
  ASSERT_FALSE(loaded.ok());
  const auto plan = load_plan("{title: µµµ, nonsens: 1}\n", "p");
  const auto found = std::find_if(plan.mistakes.begin(), plan.mistakes.end(),
                                  [](const Mistake& m) { return m.message.find("nonsens") != std::string::npos; });
  ASSERT_NE(found, plan.mistakes.end());
  EXPECT_EQ(found->column, 14);
  EXPECT_EQ(found->length, 7);
}

// A name with U+202E in it was read from right to left on the terminal.
TEST(Shown, LetsNoSignTurnTheTextAround) {
  for (const char* sign : {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d",
                           "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"})
    EXPECT_EQ(shown(std::string("smo") + sign + "ke"), "smo?ke");
  EXPECT_EQ(shown("µ ± … “x” \u05d0"), "µ ± … “x” \u05d0") << "letters that run from right to left are letters";
}

}  // namespace
}  // namespace penrig
