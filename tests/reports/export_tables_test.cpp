#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "reports/export/csv_writer.hpp"
#include "reports/export/tables.hpp"
#include "reports/export/variables.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::sample_record;
using testing::SampleEnd;
using testing::small_record;

using Cells = std::vector<std::string>;

/// RFC 4180, read strictly; what breaks it comes back as a row that says so.
std::vector<Cells> csv_rows(const std::string& text) {
  std::vector<Cells> rows;
  Cells row;
  std::string cell;
  for (std::size_t i = 0; i < text.size();) {
    cell.clear();
    if (text[i] == '"') {
      for (++i; i < text.size(); ++i) {
        if (text[i] != '"') {
          cell += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          cell += text[i++];
        } else {
          break;
        }
      }
      ++i;
    } else {
      while (i < text.size() && text[i] != ',' && text[i] != '\r') {
        if (text[i] == '"' || text[i] == '\n') return {{"a quote or line feed outside quotes"}};
        cell += text[i++];
      }
    }
    row.push_back(cell);
    if (i < text.size() && text[i] == ',') {
      ++i;
      continue;
    }
    if (text.compare(i, 2, "\r\n") != 0) return {{"a line that does not end in CR LF"}};
    i += 2;
    rows.push_back(std::exchange(row, {}));
  }
  return rows;
}

/// The cells of a row by the head's names.
struct Table {
  explicit Table(const std::string& text) : rows(csv_rows(text)) {
    for (const Cells& r : rows) EXPECT_EQ(r.size(), rows.front().size()) << r.front();
    for (std::size_t c = 0; c < rows.front().size(); ++c) column[rows.front()[c]] = c;
    EXPECT_EQ(column.size(), rows.front().size()) << "every name once";
    rows.erase(rows.begin());
  }
  std::string at(std::size_t row, const std::string& name) const { return rows.at(row).at(column.at(name)); }
  std::vector<Cells> rows;
  std::map<std::string, std::size_t> column;
};

double number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc{} && end == text.data() + text.size()) << text;
  return value;
}

TEST(ExportCsv, QuotesWhatNeedsQuotesAndNothingElse) {
  CsvWriter line;
  EXPECT_EQ(line.text("a").text("b,c").text("d\"e").text("f\ng").text("").number(0.1).take(),
            "a,\"b,c\",\"d\"\"e\",\"f\ng\",,0.1\r\n");
  EXPECT_EQ(line.text("\xff\x01").take(), "\uFFFD\uFFFD\r\n") << "UTF-8, whatever came in";
}

TEST(ExportCsv, NoTextIsRunAsAFormulaAndEachCanBeReadBack) {
  CsvWriter line;
  EXPECT_EQ(line.text("=HYPERLINK(1)").text("+1 g").text("-").text("@a").text("'b").take(),
            "'=HYPERLINK(1),'+1 g,'-,'@a,''b\r\n");
  EXPECT_EQ(line.text("=\"a\",b").take(), "\"'=\"\"a\"\",b\"\r\n");
  EXPECT_EQ(line.text("-2.5e-07").text("-Infinity").number(-1.5).text("a=b").text("").take(),
            "-2.5e-07,-Infinity,-1.5,a=b,\r\n")
      << "numbers are none";
}

TEST(ExportCsv, NumbersComeBackToTheBit) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -2.5254000000000003, 9007199254740993.0})
    EXPECT_EQ(number_of(full_precision(value)), value);
  EXPECT_EQ(full_precision(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(full_precision(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(ExportWide, HasARowAUnitAndAColumnAMeasurement) {
  const RunRecord run = small_record(), interrupted = small_record(SampleEnd::interrupted);
  WideTable wide;
  wide.add(run);
  wide.add(interrupted);
  const Table table(wide.take());
  ASSERT_EQ(table.rows.size(), 2U);
  for (const Variable& v : variables_of(run)) {
    const Measurement& m = *v.measurement;
    EXPECT_EQ(table.at(0, v.name), m.text_value.empty() ? full_precision(m.value.value()) : m.text_value) << v.name;
  }
  EXPECT_EQ(table.at(0, "verdict"), "PASS");
  EXPECT_EQ(table.at(1, "verdict"), "INTERRUPTED");
  EXPECT_EQ(table.at(1, "counts_as"), "ERROR");
  EXPECT_EQ(table.at(1, "firmware"), "") << "what a run did not measure is empty";
}

TEST(ExportCsv, ARunThatWasDeclaredVoidCountsAsNothing) {
  RunRecord run = small_record();
  run.standing.voided = RunRemark{"M. Okafor", "wrong cartridge", 1'795'170'000'000'000'000};
  WideTable wide;
  wide.add(run);
  LongTable rows;
  rows.add(run);
  const Table unit(wide.take()), measurements(rows.text());
  EXPECT_EQ(unit.at(0, "verdict"), "PASS") << "as it was recorded";
  EXPECT_EQ(unit.at(0, "counts_as"), "VOID");
  EXPECT_EQ(unit.at(0, "void_as_certificate"), "VOID");
  for (std::size_t row = 0; row < measurements.rows.size(); ++row)
    EXPECT_EQ(measurements.at(row, "run_counts_as"), "VOID");
}

TEST(ExportWide, NamesAreThoseThatMinitabTakes) {
  for (const Variable& v : variables_of(sample_record())) {
    EXPECT_LE(v.name.size(), 31U) << v.name;
    EXPECT_EQ(v.name.find_first_of("#'"), std::string::npos);
    EXPECT_TRUE(std::ranges::all_of(v.name, [](char c) { return c >= ' ' && c <= '~'; })) << v.name;
  }
}

TEST(ExportWide, CapturesOfASoakHaveAColumnEach) {
  RunRecord run = small_record();
  run.outcome.measurements.push_back(run.outcome.measurements.front());
  const auto all = variables_of(run);
  EXPECT_EQ(all.back().name, all.front().name + " (2)");
}

TEST(ExportLong, HasARowAMeasurementWithWhatJudgedIt) {
  const RunRecord run = small_record(SampleEnd::fail);
  LongTable rows;
  rows.add(run);
  const Table table(rows.text());
  std::size_t row = 0, deciding = 0;
  for (const Variable& v : variables_of(run)) {
    const Measurement& m = *v.measurement;
    for (std::size_t i = 0; i < std::max<std::size_t>(1, v.decisions.size()); ++i, ++row) {
      EXPECT_EQ(table.at(row, "variable"), v.name);
      EXPECT_EQ(table.at(row, "value"), m.value ? full_precision(*m.value) : "");
      if (m.value && m.expanded_u != 0) {
        EXPECT_EQ(number_of(table.at(row, "expanded_u")), m.expanded_u);
        EXPECT_EQ(number_of(table.at(row, "k")), m.k);
      } else {
        EXPECT_EQ(table.at(row, "expanded_u"), "") << "an exact count has no U, which is not a U of 0";
      }
      if (v.decisions.empty()) {
        EXPECT_EQ(table.at(row, "verdict"), "");
        continue;
      }
      const Decision& d = *v.decisions[i];
      EXPECT_EQ(table.at(row, "verdict"), name_of(d.verdict));
      EXPECT_EQ(table.at(row, "rule"), d.rule);
      EXPECT_EQ(table.at(row, "lsl"), d.lower ? full_precision(*d.lower) : "");
      EXPECT_EQ(table.at(row, "usl"), d.upper ? full_precision(*d.upper) : "");
      deciding += table.at(row, "deciding") == "yes" ? 1U : 0U;
    }
  }
  EXPECT_EQ(row, table.rows.size());
  EXPECT_EQ(deciding, 1U);
}

TEST(ExportLong, NoRunIsLostThatMeasuredNothing) {
  RunRecord run = small_record(SampleEnd::error);
  run.phases.clear();
  run.outcome.measurements.clear();
  LongTable rows;
  rows.add(run);
  const Table table(rows.text());
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.at(0, "run_verdict"), "ERROR");
  EXPECT_EQ(table.at(0, "variable"), "");
}

TEST(ExportLong, ADecisionAboutWhatIsNotThereIsNotLost) {
  RunRecord run = small_record();
  run.outcome.decisions.front().measurement = 100'000;
  LongTable rows;
  rows.add(run);
  const Table table(rows.text());
  EXPECT_EQ(table.rows.back().at(table.column.at("requirement")), run.outcome.decisions.front().requirement_id);
  EXPECT_EQ(table.rows.back().at(table.column.at("measurand")), "");
}

TEST(ExportTables, EveryRowCarriesTheVoidMark) {
  for (const auto& [simulated, voided, mark] :
       {std::tuple{true, false, "SIMULATED"}, {false, false, ""}, {false, true, "VOID"}}) {
    RunRecord run = small_record(SampleEnd::pass, simulated);
    if (voided) run.standing.voided = RunRemark{"M. Okafor", "wrong cartridge", 0};
    WideTable wide;
    LongTable rows;
    LimitsTable limits;
    wide.add(run);
    rows.add(run);
    ASSERT_TRUE(limits.add(run).has_value());
    for (const std::string& text : {wide.take(), rows.text(), limits.take(), strokes_csv(run)}) {
      const Table table(text);
      EXPECT_FALSE(table.rows.empty());
      for (std::size_t i = 0; i < table.rows.size(); ++i) EXPECT_EQ(table.at(i, "void_as_certificate"), mark);
    }
  }
  RunRecord engineering = small_record(SampleEnd::pass, false);
  engineering.header.engineering = true;
  LongTable rows;
  rows.add(engineering);
  EXPECT_EQ(Table(rows.text()).at(0, "void_as_certificate"), "ENGINEERING");
}

TEST(ExportLimits, AreThoseOfTheWideTablesColumns) {
  const RunRecord run = small_record();
  LimitsTable limits;
  ASSERT_TRUE(limits.add(run).has_value());
  EXPECT_TRUE(limits.take().starts_with("Variable,LSL,Target,USL,"));
  const Table table(limits.take());
  WideTable wide;
  wide.add(run);
  const Table units(wide.take());
  bool strokes = false;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::string name = table.at(i, "Variable");
    EXPECT_TRUE(units.column.contains(name)) << name;
    if (name != "penetration_ti_mm 2.5@9000") continue;
    strokes = true;
    EXPECT_EQ(number_of(table.at(i, "LSL")), 2.35);
    EXPECT_EQ(number_of(table.at(i, "Target")), 2.5);
    EXPECT_EQ(number_of(table.at(i, "USL")), 2.65);
  }
  EXPECT_TRUE(strokes);
  const auto jitter =
      std::ranges::find_if(table.rows, [](const Cells& r) { return r.front() == "period_jitter_us 0.5@9000"; });
  ASSERT_NE(jitter, table.rows.end());
  EXPECT_EQ(*jitter, (Cells{"period_jitter_us 0.5@9000", "", "", "100", "SIMULATED"}));
}

TEST(ExportLimits, OfTwoRequirementsAreTheNarrower) {
  RunRecord run = small_record();
  Decision tighter = run.outcome.decisions.front();
  tighter.lower = *tighter.lower + 0.01;
  tighter.upper = *tighter.upper + 0.01;
  run.outcome.decisions.push_back(tighter);
  LimitsTable limits;
  ASSERT_TRUE(limits.add(run).has_value());
  const Table table(limits.take());
  EXPECT_EQ(number_of(table.at(0, "LSL")), *tighter.lower);
  EXPECT_EQ(number_of(table.at(0, "USL")), *run.outcome.decisions.front().upper);
}

TEST(ExportLimits, ThatDifferBetweenRunsAreRefusedWithTheirNames) {
  RunRecord one = small_record(), other = small_record();
  other.header.run_id = "R-000392";
  other.outcome.decisions.front().upper = 0.7;
  LimitsTable limits;
  ASSERT_TRUE(limits.add(one).has_value());
  const Result<void> added = limits.add(other);
  ASSERT_FALSE(added.has_value());
  for (const char* part : {"penetration_ti_mm 0.5@9000", "R-000391", "R-000392", "0.7"})
    EXPECT_NE(added.error().message.find(part), std::string::npos) << added.error().message;
}

TEST(ExportStrokes, HaveARowAStrokeToTheBit) {
  const RunRecord run = small_record();
  const Table table(strokes_csv(run));
  std::size_t row = 0;
  for (const PhaseRecord& p : run.phases) {
    for (const StrokeRow& s : p.strokes) {
      EXPECT_EQ(number_of(table.at(row, "penetration_mm")), s.penetration_mm);
      EXPECT_EQ(number_of(table.at(row, "top_s")), s.top_s);
      ++row;
    }
  }
  EXPECT_EQ(table.rows.size(), row);
  EXPECT_GT(row, 0U);
}

}  // namespace
}  // namespace penrig
