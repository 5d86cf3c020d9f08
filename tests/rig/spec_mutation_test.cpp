#include <cstdlib>
#include <iostream>

#include <gmock/gmock.h>

#include "rig/base/random.hpp"
#include "rig/spec/load.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

std::uint64_t seed_of_test() {
  const char* given = std::getenv("PENRIG_TEST_SEED");
  const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 20260101;
  std::cout << "seed " << seed << " (PENRIG_TEST_SEED repeats it)\n";
  return seed;
}

/// Breaks a text as people and disks do: bytes changed, pieces doubled, left out, moved, cut off.
std::string mutated(std::string text, Random& random) {
  static constexpr std::string_view kPieces[] = {
      ":",   "- ",  "{",    "}",           "[",     "]",        "'",    "\"",    "\n",   "\t",  " ",
      "#",   "&a ", "*a",   "!!int ",      "---\n", "...\n",    ".nan", "1e400", "-1",   "0",   "|\n",
      ">\n", "? ",  "<<: ", "%YAML 1.2\n", "\r",    "\xc2\xb5", "\xff", "~",     "null", "yes", ","};
  const std::uint64_t edits = 1 + random.below(4);
  for (std::uint64_t i = 0; i < edits && !text.empty(); ++i) {
    const std::size_t at = random.below(text.size());
    const std::size_t length = 1 + random.below(12);
    switch (random.below(6)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(random.below(text.size()), length));
        break;
      case 3:
        text.insert(at, kPieces[random.below(std::size(kPieces))]);
        break;
      case 4:
        text.replace(at, length, kPieces[random.below(std::size(kPieces))]);
        break;
      default:
        if (random.below(20) == 0) text.resize(at);
        break;
    }
  }
  return text;
}

void expect_shown(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    ASSERT_FALSE(mistake.message.empty());
    ASSERT_GE(mistake.length, 1);
    ASSERT_THAT(render(mistake, false), ::testing::EndsWith("\n"));
    ASSERT_GE(mistake.column, mistake.line > 0 ? 1 : 0) << mistake.message;
  }
}

class MutatedDescription : public ::testing::TestWithParam<std::string> {};

TEST_P(MutatedDescription, GivesAWholeValueOrAMistake) {
  const std::string original = read_source_file(GetParam());
  const Product product =
      load_product(read_source_file("fixtures/products/pen-pro.yaml"), "fixtures/products/pen-pro.yaml").value;
  Random random(seed_of_test(), GetParam());
  int whole = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = mutated(original, random);
    SCOPED_TRACE(text);
    if (GetParam().starts_with("rig/plans/")) {
      const auto plan = load_plan(text, "f");
      expect_shown(plan.mistakes);
      expect_shown(check_plan(plan.value, text, "f", product));
      if (plan.ok()) {
        ++whole;
        ASSERT_FALSE(plan.value.phases.empty() || plan.value.judge.empty() || plan.value.product_path.empty());
      }
    } else if (GetParam().starts_with("fixtures/products/")) {
      const auto loaded = load_product(text, "f");
      expect_shown(loaded.mistakes);
      if (loaded.ok()) ++whole;
      for (const Requirement& r : loaded.value.requirements) {
        if (!loaded.ok()) break;
        ASSERT_TRUE(r.measurand);
        ASSERT_TRUE(r.limit.min || r.limit.max || r.limit.tolerance || r.limit.tolerance_percent ||
                    !r.limit.allowed.empty());
        ASSERT_GE(r.limit.guard_band_r, 0);
      }
    } else {
      const auto rig = load_rig(text, "f");
      expect_shown(rig.mistakes);
      if (rig.ok()) {
        ++whole;
        ASSERT_FALSE(rig.value.slots.empty() || rig.value.slots[0].pen_link.empty() ||
                     rig.value.slots[0].daq_link.empty());
        ASSERT_GT(rig.value.calibrations.position_mm_per_count.value, 0);
        ASSERT_GT(rig.value.calibrations.head.due.days, rig.value.calibrations.head.date.days);
      }
    }
    if (HasFatalFailure()) return;
  }
  // Most mutations hit a comment, a blank or a value that may be so; if none did, the test would say nothing of values.
  EXPECT_GT(whole, 0);
  EXPECT_LT(whole, 2000);
}

INSTANTIATE_TEST_SUITE_P(Shipped, MutatedDescription,
                         ::testing::Values("rig/plans/eol-pro.yaml", "rig/plans/soak-treatment.yaml",
                                           "fixtures/products/pen-pro.yaml", "fixtures/rigs/simulated.yaml",
                                           "fixtures/rigs/bench-example.yaml"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = (c == '/' || c == '-' || c == '.') ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace penrig
