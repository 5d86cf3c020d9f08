#include "reports/capture/capture_csv.hpp"

#include <charconv>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ReadCapture read(const std::string& text) { return read_capture("c.csv", bytes_of(text), text.size()); }

/// "line:column: message" of the first mistake.
std::string mistake_in(const std::string& text) {
  const ReadCapture r = read(text);
  if (r.ok()) return "no mistake";
  const Mistake& m = r.mistakes.front();
  return fmt::format("{}:{}: {}", m.line, m.column, m.message);
}

TEST(CaptureCsv, ReadsColumnsInAnyOrderAndIgnoresOthers) {
  const ReadCapture r = read("temperature_c,force_N,note,t_s,position_mm\n21,0.5,a,0,1.25\n21,-0.5,\"b,c\",0.5,2\n");
  ASSERT_TRUE(r.ok()) << r.mistakes.front().message;
  EXPECT_THAT(r.file.time_s->values, ElementsAre(0, 0.5));
  EXPECT_THAT(r.file.position_mm->values, ElementsAre(1.25, 2));
  EXPECT_THAT(r.file.force_n->values, ElementsAre(0.5, -0.5));
  EXPECT_THAT(r.file.ignored, ElementsAre("temperature_c", "note"));
  EXPECT_EQ(r.file.rows, 2U);
}

TEST(CaptureCsv, TakesUnitsBySuffixWhateverTheCase) {
  struct Case {
    const char* head;
    double value;
  };
  for (const auto& [head, value] :
       {Case{"T_S", 3}, Case{"t_ms", 3e-3}, Case{"time_us", 3e-6}, Case{"Time (µs)", 3e-6}, Case{"t_ns", 3e-9}}) {
    const ReadCapture r = read(fmt::format("{},position_mm\n3,1\n", head));
    ASSERT_TRUE(r.ok() && r.file.time_s) << head;
    EXPECT_EQ(r.file.time_s->values[0], value) << head;
  }
  for (const auto& [head, value] : {Case{"position_m", 3000}, Case{"Position_MM", 3}, Case{"position_um", 3e-3},
                                    Case{"position [µm]", 3e-3}, Case{"\"z_mm\"", 3}, Case{"pos (mm)", 3}}) {
    const ReadCapture r = read(fmt::format("{}\n3\n", head));
    if (std::string(head) == "Position_MM") {
      EXPECT_FALSE(r.ok()) << "megametres";
      continue;
    }
    ASSERT_TRUE(r.ok() && r.file.position_mm) << head << (r.ok() ? "" : r.mistakes.front().message);
    EXPECT_EQ(r.file.position_mm->values[0], value) << head;
  }
  for (const auto& [head, value] :
       {Case{"force_N", 3}, Case{"force_n", 3}, Case{"FORCE_mN", 3e-3}, Case{"F_mn", 3e-3}}) {
    const ReadCapture r = read(fmt::format("{}\n3\n", head));
    ASSERT_TRUE(r.ok() && r.file.force_n) << head;
    EXPECT_EQ(r.file.force_n->values[0], value) << head;
  }
}

TEST(CaptureCsv, TakesMarksOfOtherPrograms) {
  const std::string plain = "t_s,position_mm\n0,1.5\n1,2.5\n";
  for (const std::string& text :
       {plain, "\xEF\xBB\xBF" + plain, std::string("t_s,position_mm\r\n0,1.5\r\n1,2.5\r\n"),
        std::string("t_s;position_mm\n0;1.5\n1;2.5\n"), std::string("t_s;position_mm\n0;1,5\n1;2,5\n"),
        std::string("t_s\tposition_mm\n0\t1.5\n1\t2.5\n"),
        std::string("\"t_s\",\"position_mm\"\n\"0\",\"1.5\"\n1,2.5\n"),
        std::string("# made by X\n\nt_s, position_mm\n# units\n 0, 1.5\n\n1 ,\t2.5 \n# end\n"),
        std::string("t_s,position_mm\n0,+1.5\n1,25e-1\n"), std::string("t_s,position_mm\n0,1.5,\n1,2.5,\n"),
        std::string("t_s,position_mm\n0,1.5\n1,2.5")}) {
    const ReadCapture r = read(text);
    ASSERT_TRUE(r.ok()) << text << r.mistakes.front().message;
    EXPECT_THAT(r.file.time_s->values, ElementsAre(0, 1)) << text;
    EXPECT_THAT(r.file.position_mm->values, ElementsAre(1.5, 2.5)) << text;
  }
}

TEST(CaptureCsv, EveryMistakeHasItsPlaceAndSaysWhatToWrite) {
  EXPECT_THAT(mistake_in(""), HasSubstr("the file is empty"));
  EXPECT_THAT(mistake_in("# only\n\n# comments\n"), HasSubstr("nothing but comments"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n"), HasSubstr("no row of numbers"));
  EXPECT_THAT(mistake_in("0.1,0.2,0.3\n0.2,0.3,0.4\n"), HasSubstr("1:1: numbers where the header belongs"));
  EXPECT_THAT(mistake_in("a,b\n1,2\n"), HasSubstr("1:1: the header names neither a position nor a force: a, b"));
  EXPECT_THAT(mistake_in("t_s,positon_mm\n1,2\n"), HasSubstr("did you mean position_mm?"));
  EXPECT_THAT(mistake_in("t_s,position\n1,2\n"), HasSubstr("1:5: 'position' says no unit (write position_mm"));
  EXPECT_THAT(mistake_in("t_s,position_inch\n1,2\n"), HasSubstr("'inch' is no unit that a position is read in"));
  EXPECT_THAT(mistake_in("t_s,force_MN\n1,2\n"), HasSubstr("'MN' is no unit"));
  EXPECT_THAT(mistake_in("position_mm,t_s,position_um\n1,2,3\n"), HasSubstr("1:17: 'position_um' again says"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,2\n2\n"), HasSubstr("3:1: 1 of 2 columns, position_mm is missing"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,2\n2"), HasSubstr("cut off in this row"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,2\n2,3,4\n"), HasSubstr("3:5: 3 columns where the header has 2"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n0,5,1,5\n"), HasSubstr("a decimal comma?"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,2\n2,2mm\n"), HasSubstr("3:3: '2mm' is no number"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,\"2\"x\n"), HasSubstr("is no number"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,\"2\n"), HasSubstr("is no number"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,0x10\n"), HasSubstr("'0x10' is no number"));
  EXPECT_THAT(mistake_in("t_s,position_mm\n1,1e999\n"), HasSubstr("'1e999' is no number"));
  EXPECT_THAT(mistake_in("\xFF\xFEt\0_\0s\0\n\0"), HasSubstr("UTF-16"));
  EXPECT_THAT(mistake_in(std::string("t_s\0,position_mm\n", 17)), HasSubstr("neither text nor FLAC"));
  EXPECT_THAT(mistake_in("t_s,position_mm\r1,2\r"), HasSubstr("CR alone"));
  EXPECT_THAT(mistake_in(std::string(3U << 20U, 'x')), HasSubstr("more than 1 MiB"));
}

TEST(CaptureCsv, WhatWasNotMeasuredIsAMistakeInTheData) {
  for (const char* hole : {"nan", "NaN", "-inf", "", " ", "null", "#N/A"}) {
    const ReadCapture r = read(fmt::format("t_s,position_mm,force_N\n0,1,2\n1,{},2\n", hole));
    ASSERT_FALSE(r.ok()) << hole;
    EXPECT_TRUE(r.in_the_data) << hole;
    EXPECT_EQ(r.mistakes.front().line, 3) << hole;
    EXPECT_THAT(r.mistakes.front().message, HasSubstr("position_mm is")) << hole;
  }
  EXPECT_FALSE(read("t_s,position_mm\n0,x\n").in_the_data);
  EXPECT_TRUE(read("t_s,position_mm,mass_kg\n0,1,nan\n").ok()) << "nobody reads that column";
}

TEST(CaptureCsv, ALineWithoutNumbersBetweenRowsIsAHoleWhereNoColumnSaysTheTime) {
  struct Case {
    const char* text;
    const char* says;
  };
  for (const auto& [text, says] :
       {Case{"position_mm\n1\n\n2\n", "3:1: position_mm is empty in this row"},
        Case{"position_mm\n1\n  \r\n\n2\n", "3:1: position_mm is empty in this row"},
        Case{"position_mm\n1\n\n# end\n2x\n2\n", "5:1: '2x' is no number"},
        Case{"position_mm,force_N\n1,2\n# overrun: 333 samples lost\n2,3\n", "3:1: a comment between rows"},
        Case{"position_mm,force_N\n1,2\n\n2,3\n", "3:1: an empty line between rows"}}) {
    EXPECT_THAT(mistake_in(text), HasSubstr(says)) << text;
  }
  EXPECT_TRUE(read("position_mm\n1\n\n2\n").in_the_data);
  EXPECT_TRUE(read("# rig 2\n\nposition_mm\n# in mm\n\n1\n2\n\n# end\n").ok()) << "before and behind all rows";
  EXPECT_TRUE(read("t_s,position_mm\n0,1\n\n# by hand\n1,2\n").ok()) << "stamps show what is missing";
}

TEST(CaptureCsv, AllMistakesOfAHeaderAtOnce) {
  EXPECT_EQ(read("time,position_inch,force\n0,1,2\n").mistakes.size(), 3U);
}

TEST(CaptureCsv, KnowsTheLineOfEveryRowPastCommentsAndEmptyLines) {
  const ReadCapture r = read("# c\nt_s,position_mm\n0,1\n1,1\n# again\n\n2,1\n3,1\n");
  ASSERT_TRUE(r.ok());
  const std::vector<std::size_t> lines = {3, 4, 7, 8};
  for (std::size_t row = 0; row < lines.size(); ++row) EXPECT_EQ(r.file.line_of(row), lines[row]);
}

TEST(CaptureCsv, EveryNumberIsTheDoubleNearestToItsText) {
  Random random(20'261'125, "numbers");
  std::string text = "t_s,position_mm,force_N\n";
  std::vector<std::string> written;
  for (int i = 0; i < 30'000; ++i) {
    const double value = (random.uniform() - 0.5) * std::pow(10, random.uniform(-12, 12));
    const auto digits = static_cast<int>(random.below(20));
    std::string number = random.bernoulli(0.5)   ? fmt::format("{:.{}f}", value, digits)
                         : random.bernoulli(0.5) ? fmt::format("{:.{}e}", value, digits)
                                                 : fmt::format("{}", value);
    written.push_back(number);
    text += number + (i % 3 == 2 ? "\n" : ",");
  }
  const ReadCapture r = read(text);
  ASSERT_TRUE(r.ok()) << r.mistakes.front().message;
  for (std::size_t i = 0; i < written.size(); ++i) {
    double expected = 0;
    std::from_chars(written[i].data(), written[i].data() + written[i].size(), expected);
    const auto& column = i % 3 == 0 ? r.file.time_s : i % 3 == 1 ? r.file.position_mm : r.file.force_n;
    ASSERT_EQ(column->values[i / 3], expected) << written[i];
  }
}

TEST(CaptureCsv, KnowsWhatItsDigitsCanShow) {
  std::string fixed = "t_s,position_mm\n", six_digits = "t_s,position_mm\n";
  for (int i = 0; i < 20'000; ++i) {
    fixed += fmt::format("{:.5f},{:.4f}\n", i * 1e-3, 1.0);
    six_digits += fmt::format("{:.6g},{:.6g}\n", i * 1e-3 + 12.34567, 1.23456);
  }
  EXPECT_EQ(read(fixed).file.time_s->resolution, 1e-5);
  EXPECT_EQ(read(fixed).file.position_mm->resolution, 1e-4);
  EXPECT_EQ(read(six_digits).file.time_s->resolution, 1e-4);
}

TEST(CaptureCsv, GivesTheSameWhateverThePiecesItComesIn) {
  std::string text = "t_s,position_mm\n";
  for (int i = 0; i < 3000; ++i) text += fmt::format("{},{}\n", i, i * 0.5);
  const ReadCapture whole = read(text);
  for (const std::size_t piece : {1U, 7U, 4096U}) {
    ByteSource all = bytes_of(text);
    const ReadCapture r =
        read_capture("c.csv", [&](char* into, std::size_t most) { return all(into, std::min(most, piece)); });
    ASSERT_TRUE(r.ok());
    EXPECT_EQ(r.file.position_mm->values, whole.file.position_mm->values);
  }
}

TEST(CaptureCsv, NoTextMakesItFail) {
  // Any mutation of a good file is read or refused with a message and a place inside the file.
  const std::string good = "# c\n\"t_s\";position_mm;force_N;x\n0;1,5;0.1;\"a;b\"\n1;2,5;1e-3;\n";
  using namespace std::string_view_literals;
  constexpr std::string_view kSigns = "\0\n\r\t,;.\"#+-eE0919nN \xEF\xBB\xBF\xFF"sv;
  Random random(7, "mutations");
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (std::uint64_t k = random.below(6); k-- > 0;) {
      const std::size_t at = random.below(text.size());
      if (random.bernoulli(0.3)) {
        text.erase(at, random.below(5));
      } else {
        text.insert(at, 1, kSigns[random.below(kSigns.size())]);
      }
      if (text.empty()) break;
    }
    const ReadCapture r = read(text);
    if (r.ok()) {
      EXPECT_GT(r.file.rows, 0U);
      continue;
    }
    for (const Mistake& m : r.mistakes) {
      EXPECT_FALSE(m.message.empty());
      EXPECT_FALSE(render(m, false).empty());
      EXPECT_LE(m.line, 10);
    }
  }
}

}  // namespace
}  // namespace penrig
