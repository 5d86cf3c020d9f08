#include "tools/penrig/terminal.hpp"

#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "tools/penrig/terminal_view.hpp"

namespace penrig::cli {
namespace {

TerminalStyle detect(const std::map<std::string, std::string>& variables, bool terminal, std::size_t columns = 0) {
  const auto environment = [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  return detect_style(environment, terminal, columns);
}

TEST(TerminalStyle, UsesWhatATerminalOffers) {
  const TerminalStyle style = detect({{"TERM", "xterm"}, {"LANG", "en_GB.UTF-8"}}, true, 100);
  EXPECT_TRUE(style.rewrites && style.colour);
  EXPECT_FALSE(style.ascii);
  EXPECT_EQ(style.columns, 100U);
}

TEST(TerminalStyle, NoColorTakesColourAndNothingElse) {
  const TerminalStyle style = detect({{"TERM", "xterm"}, {"LANG", "C.UTF-8"}, {"NO_COLOR", "1"}}, true);
  EXPECT_FALSE(style.colour);
  EXPECT_TRUE(style.rewrites);
}

TEST(TerminalStyle, APipeGetsNeitherColourNorRewriting) {
  const TerminalStyle style = detect({{"TERM", "xterm"}, {"LANG", "C.UTF-8"}}, false, 200);
  EXPECT_FALSE(style.colour || style.rewrites);
  EXPECT_EQ(style.columns, 128U);
}

TEST(TerminalStyle, TheFirstLocaleVariableThatIsSetDecides) {
  EXPECT_TRUE(detect({{"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}, false).ascii);
  EXPECT_FALSE(detect({{"LC_ALL", ""}, {"LC_CTYPE", "en_US.utf8"}}, false).ascii);
  EXPECT_TRUE(detect({}, false).ascii);
}

TEST(TerminalStyle, ColumnsIsBelievedWithinReason) {
  EXPECT_EQ(detect({{"COLUMNS", "80"}}, false).columns, 80U);
  EXPECT_EQ(detect({{"COLUMNS", "500"}}, false).columns, 128U);
  EXPECT_EQ(detect({{"COLUMNS", "-3"}}, false).columns, 128U);
}

TEST(ShownText, HasAnAsciiFormForEverySignThatIsUsed) {
  const TerminalStyle ascii{.ascii = true};
  EXPECT_EQ(shown(ascii, "≤ 100 µs ± 2 … −3"), "<= 100 us +- 2 .. -3");
  EXPECT_EQ(shown(ascii, "✓✗◇●│░├┤┼─╱"), "ox?o|:|||-/");
}

TEST(ShownText, EndsNoLineAndObeysNoEscape) {
  EXPECT_EQ(shown({}, "a\nb\x1b[31mc\x7f"), "a?b?[31mc?");
  EXPECT_EQ(shown({},
                  "\xc2\x9b"
                  "31m"),
            "?31m");
  EXPECT_EQ(shown({}, "x\n\x80y\x1b\x80[31m\xe2\x80"), "x??y??[31m??") << "a stray byte takes no other with it";
}

TEST(WrappedText, BreaksAtBlanksOnly) {
  EXPECT_EQ(wrap({}, "one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap({}, "unbreakable", 4), std::vector<std::string>{"unbreakable"});
  EXPECT_EQ(wrap({}, "of 99\u00a0%", 5), (std::vector<std::string>{"of", "99 %"}));
}

TEST(FoldedLines, AreNoWiderThanTheTerminalAndKeepTheirInks) {
  const auto text = [](std::size_t columns, const Line& line) {
    std::string all;
    const TerminalStyle style{.columns = columns};
    for (const Line& part : folded(style, {line}, 9)) all += render(style, part);
    return all;
  };
  const Line line{{"plan     ", Ink::label}, {"smoke rev 1:  1 setting, 40 strokes each"}, {", NOT it", Ink::strong}};
  EXPECT_EQ(text(60, line), "plan     smoke rev 1:  1 setting, 40 strokes each, NOT it\n");
  EXPECT_EQ(text(40, line), "plan     smoke rev 1:  1 setting, 40\n         strokes each, NOT it\n");
  EXPECT_EQ(text(40, {{"rig      ", Ink::label}, {"sim:seed=1&defect=slow-motor&pen=1414835191 x"}}),
            "rig      sim:seed=1&defect=slow-motor&pen=1414835191\n         x\n")
      << "a word stays whole, and beside its label";
  EXPECT_EQ(text(40, {}), "\n");
  const TerminalStyle colours{.colour = true, .columns = 20};
  const std::vector<Line> parts = folded(colours, {{{"✓ PASS", Ink::pass}, {"   7 of 7 decisions"}}}, 2);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(render(colours, parts[0]), "\x1b[1;38;5;32m✓ PASS\x1b[0m   7 of 7\n");
  EXPECT_EQ(render(colours, parts[1]), "  decisions\n");
}

TEST(ShellWord, IsQuotedOnlyWhereAShellNeedsIt) {
  EXPECT_EQ(shell_word("build/demo-records"), "build/demo-records");
  EXPECT_EQ(shell_word("my records"), "'my records'");
  EXPECT_EQ(shell_word("sim:seed=7&defect=too-deep"), "'sim:seed=7&defect=too-deep'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(ProgressText, IsTheTargetsLine) {
  const Progress progress{0.78, 11, "2.0 mm at 9000/min", 96, 150};
  EXPECT_EQ(progress_text({}, progress),
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌  78 %   2.0 mm at 9000/min, stroke 96 of 150   11 s left");
}

TEST(TerminalView, WrapsAnEventAndLeavesALineAfterIt) {
  std::ostringstream out;
  TerminalView view(out, {.rewrites = true, .columns = 60});
  view.progress({0.5, 10, "1.5 mm at 7500/min", 3, 56});
  view.event({1.1, "interlock", "stale data: no samples from serial:/dev/ttyUSB1 for 262 ms", std::nullopt});
  view.event({1.2, "retry", "again", std::nullopt});
  const std::string text = out.str();
  std::istringstream lines(text.substr(text.find("event")));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), 60U) << line;
  view.progress({0.6, 9, "1.5 mm at 7500/min", 4, 56});
  EXPECT_NE(out.str().find("again\n\n"), std::string::npos) << out.str();
}

TEST(ProgressText, NeverCutsANumber) {
  const Progress progress{0.5, 100, "1.5 mm at 7500/min", 10, 51};
  for (std::size_t columns = 30; columns < 80; ++columns) {
    const std::string text = progress_text({.columns = columns}, progress);
    EXPECT_EQ(text.find("stroke"), text.find("stroke 10 of 51")) << columns << text;
    EXPECT_LT(width(text), columns);
  }
}

TEST(ProgressText, NeverReachesTheLastColumn) {
  const Progress progress{0.5, 100, "a very long label that goes on and on and does not want to end at all", 96, 150};
  EXPECT_LT(width(progress_text({.columns = 60}, progress)), 60U);
}

}  // namespace
}  // namespace penrig::cli
