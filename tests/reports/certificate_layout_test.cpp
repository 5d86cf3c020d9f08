#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "reports/html/limit_picture.hpp"
#include "reports/number_format.hpp"
#include "reports/pdf/certificate.hpp"
#include "reports/pdf/flow.hpp"
#include "tests/reports/file_bytes.hpp"
#include "tests/reports/output_of.hpp"
#include "tests/reports/sample_record.hpp"

namespace penrig {
namespace {

using testing::output_of;
using testing::sample_record;
using testing::SampleEnd;

struct Word {
  std::string text;
  double left = 0, top = 0, right = 0, bottom = 0;
};
struct Page {
  double width = 0, height = 0;
  std::vector<Word> words;
};

/// Where poppler finds the words.
class CertificateLayout : public ::testing::Test {
 protected:
  std::vector<Page> pages_of(const std::string& pdf) {
    testing::write_bytes(folder_.path() / "c.pdf", pdf);
    const std::string html = output_of("pdftotext -bbox '" + (folder_.path() / "c.pdf").string() + "' -").text;
    static const std::regex page(R"re(<page width="([0-9.]+)" height="([0-9.]+)">)re"),
        word(R"re(<word xMin="([-0-9.]+)" yMin="([-0-9.]+)" xMax="([-0-9.]+)" yMax="([-0-9.]+)">(.*)</word>)re");
    std::vector<Page> pages;
    std::size_t begin = 0;
    while (begin < html.size()) {
      const std::size_t end = std::min(html.find('\n', begin), html.size());
      const std::string line = html.substr(begin, end - begin);
      std::smatch m;
      if (std::regex_search(line, m, page)) pages.push_back({std::stod(m[1]), std::stod(m[2]), {}});
      if (std::regex_search(line, m, word))
        pages.back().words.push_back({m[5], std::stod(m[1]), std::stod(m[2]), std::stod(m[3]), std::stod(m[4])});
      begin = end + 1;
    }
    return pages;
  }
  /// Grey values of a page at 20 dpi.
  std::vector<std::vector<unsigned char>> pixels_of(const std::string& pdf) {
    testing::write_bytes(folder_.path() / "c.pdf", pdf);
    const std::string name = (folder_.path() / "p").string();
    EXPECT_EQ(output_of("pdftoppm -r 20 -gray -f 1 -l 1 -singlefile '" + (folder_.path() / "c.pdf").string() + "' '" +
                        name + "'")
                  .status,
              0);
    const std::string pgm = testing::bytes_in(name + ".pgm");
    std::size_t width = 0, height = 0;
    int head = 0;
    EXPECT_EQ(std::sscanf(pgm.c_str(), "P5 %zu %zu 255 %n", &width, &height, &head), 2);
    const std::size_t first = pgm.size() - width * height;
    std::vector<std::vector<unsigned char>> rows(height);
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) rows[y].push_back(static_cast<unsigned char>(pgm[first + y * width + x]));
    }
    return rows;
  }
  static RunRecord certifying(SampleEnd end) {
    return sample_record({.end = end,
                          .depths_mm = {0.5, 1.5, 2.5},
                          .rates_per_min = {6000, 9000},
                          .simulated = false,
                          .engineering = false});
  }
  ScratchDirectory folder_;
};

RunRecord with_long_names(RunRecord run) {
  RunHeader& h = run.header;
  h.serial_number = "PRO-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789-abcdefghijklmnopqrstuv";
  h.product_name = "microneedling-pen-professional-series-with-rechargeable-battery-2026";
  h.plan_name = "end-of-line-acceptance-of-professional-pens-with-twelve-needles-and-nine-settings";
  h.rig_name = "bench-of-the-incoming-goods-inspection-second-floor-left";
  h.operator_name = "Dr. Maximiliane-Friederike von und zu Hohenstein-Wolkenkuckucksheim the Third";
  h.cartridge_lot = h.simulant_lot = std::string(64, 'W');
  for (Decision& d : run.outcome.decisions) d.title += " of what has a title that is rather long and breaks its line";
  run.standing.signatures = {{h.operator_name, "SHA256:" + std::string(43, 'W'), 0}};
  return run;
}

TEST_F(CertificateLayout, NoWordLeavesThePageOrItsMarginsWhateverTheNames) {
  for (const SampleEnd end :
       {SampleEnd::pass, SampleEnd::fail, SampleEnd::error, SampleEnd::aborted, SampleEnd::interrupted}) {
    for (const pdf::Paper paper : {pdf::Paper::a4, pdf::Paper::letter}) {
      CertificateOptions options;
      options.paper = paper;
      options.laboratory =
          "Laboratory for Needles and Everything that is Driven by a Small Motor, " + std::string(80, 'W');
      for (const Page& page : pages_of(certificate_pdf(with_long_names(certifying(end)), options))) {
        ASSERT_GT(page.words.size(), 10U);
        for (const Word& w : page.words) {
          EXPECT_GE(w.left, 20 * pdf::kMm - 1) << w.text;
          EXPECT_LE(w.right, page.width - 17 * pdf::kMm + 1.5) << w.text;
          EXPECT_LE(w.bottom, page.height - 5 * pdf::kMm) << w.text;
        }
      }
    }
  }
}

TEST_F(CertificateLayout, ALongRequirementIdBreaksAndLeavesTheOthersTheirRoom) {
  RunRecord run = certifying(SampleEnd::fail);
  for (Decision& d : run.outcome.decisions) d.requirement_id = "REQ-2026-PENETRATION-OF-" + d.requirement_id;
  std::set<std::string> words;
  for (const Page& page : pages_of(certificate_pdf(run, {}))) {
    for (const Word& w : page.words) {
      EXPECT_LE(w.right, page.width - 17 * pdf::kMm + 1.5) << w.text;
      words.insert(w.text);
    }
  }
  for (const char* word : {"penetration", "strokes", "latency"}) EXPECT_TRUE(words.contains(word)) << word;
}

TEST_F(CertificateLayout, NoTwoWordsOfTheFootLieOverEachOther) {
  for (const Page& page : pages_of(certificate_pdf(with_long_names(certifying(SampleEnd::pass)), {}))) {
    std::vector<Word> foot;
    std::ranges::copy_if(page.words, std::back_inserter(foot),
                         [&](const Word& w) { return w.top > page.height - 14 * pdf::kMm; });
    std::ranges::sort(foot, {}, &Word::left);
    ASSERT_GE(foot.size(), 6U);
    EXPECT_TRUE(foot.front().text.starts_with("PRO-ABCDEFGHIJKLMNOPQRSTUVWXYZ")) << foot.front().text;
    for (std::size_t i = 1; i < foot.size(); ++i) EXPECT_GE(foot[i].left, foot[i - 1].right - 0.5) << foot[i].text;
    EXPECT_EQ(foot[foot.size() - 4].text, "page");
  }
}

TEST_F(CertificateLayout, ATableLeavesNoRowAloneOnItsLastPage) {
  for (int rows = 40; rows < 65; ++rows) {
    pdf::Flow flow(pdf::Paper::a4, {}, "t", "s", 0, 2);
    std::vector<pdf::Row> table;
    for (int i = 0; i < rows; ++i) table.push_back({{fmt::format("row{}", i)}});
    flow.table({{"head", pdf::Align::left}}, table);
    std::size_t all = 0;
    for (const Page& page : pages_of(flow.take())) {
      const auto n = std::ranges::count_if(page.words, [](const Word& w) { return w.text.starts_with("row"); });
      EXPECT_NE(n, 1) << rows << " rows";
      all += static_cast<std::size_t>(n);
    }
    EXPECT_EQ(all, static_cast<std::size_t>(rows));
  }
}

TEST_F(CertificateLayout, TheFirstPageHoldsAllAlsoWithManyRequirements) {
  RunRecord run = certifying(SampleEnd::fail);
  const std::vector<Decision> decisions = run.outcome.decisions;
  for (int i = 1; i <= 12; ++i) {
    Decision d = decisions.back();
    d.requirement_id = fmt::format("X{}", i);
    d.verdict = i == 7 ? Verdict::fail : Verdict::pass;
    run.outcome.decisions.push_back(d);
  }
  run.header.engineering = true;  // a line more
  const std::vector<Page> pages = pages_of(certificate_pdf(run, {}));
  std::string first;
  for (const Word& w : pages.front().words) first += w.text + " ";
  for (const char* part : {"Decision rule", "Scope", "Earlier certifying runs", "D1 penetration of strokes", "S1, S2,",
                           "X6, X8,", "X12", "X7 firmware"}) {
    EXPECT_NE(first.find(part), std::string::npos) << part << "\n" << first;
  }
}

TEST(LimitPicture, NamesNoEndOfAnIntervalThatLiesOffItsScale) {
  html::LimitPicture p;
  p.lower = 0.85;
  p.upper = 1.15;
  p.verdict = Verdict::fail;
  for (const auto& [value, named] : {std::pair{1.0, true}, {1.5, false}}) {
    p.value = value;
    p.interval_low = value - 0.02;
    p.interval_high = value + 0.02;
    const std::string svg = html::large_picture(p, {}, "mm", "mean");
    EXPECT_EQ(svg.find(format_number(value - 0.02, 3)) != std::string::npos, named) << svg;
    EXPECT_EQ(svg.find(format_number(value + 0.02, 3)) != std::string::npos, named) << svg;
    EXPECT_NE(svg.find("mean"), std::string::npos);
  }
}

/// Left and right ends of all rectangles of a drawing.
std::vector<std::pair<double, double>> spans_of_rectangles(const std::string& svg) {
  std::vector<std::pair<double, double>> spans;
  static const std::regex kRect("<rect x=\"([-0-9.]+)\"[^>]* width=\"([-0-9.]+)\"");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), kRect); at != std::sregex_iterator(); ++at)
    spans.emplace_back(std::stod((*at)[1]), std::stod((*at)[1]) + std::stod((*at)[2]));
  return spans;
}

TEST(LimitPicture, GathersStrokesOutsideOfItIntoABarAtItsEdgeWithTheirNumber) {
  html::LimitPicture p;
  p.lower = 0.85;
  p.upper = 1.15;
  p.verdict = Verdict::fail;
  p.value = 1.0;
  std::vector<html::StrokeValue> strokes;
  for (int i = 0; i < 40; ++i) strokes.push_back({0.99 + 0.0005 * i, 0.004});
  strokes.insert(strokes.end(), {{1.6, 0.004}, {1.7, 0.004}, {0.2, 0.004}});
  constexpr double kPanelWidth = 218;
  for (const auto& [svg, width] :
       {std::pair{html::large_picture(p, strokes, "mm", "mean 1.0000 ± 0.0010"), html::kLargeWidth},
        {html::histogram_panel(p, strokes, "1.0 mm", "0 µm", false), kPanelWidth}}) {
    EXPECT_NE(svg.find(">2</text>"), std::string::npos) << svg;
    EXPECT_NE(svg.find(">1</text>"), std::string::npos) << svg;
    const auto spans = spans_of_rectangles(svg);
    EXPECT_GT(spans.size(), 4U) << svg;
    for (const auto& [left, right] : spans) {
      EXPECT_GE(left, 0) << svg;
      EXPECT_LE(right, width + 0.1) << svg;  // what is left is written with one decimal
    }
  }
  const std::string svg = html::large_picture(p, strokes, "mm", "mean");
  EXPECT_NE(svg.find(">2 strokes</text>"), std::string::npos) << svg;
  EXPECT_NE(svg.find(">1 stroke</text>"), std::string::npos) << "those below have their own side: " << svg;
}

TEST(LimitPicture, KeepsTheLabelOfAValueWholeAndOffTheLineOfALimit) {
  html::LimitPicture p;
  p.lower = 2.35;
  p.upper = 2.65;
  const auto plates = [&](double value) {
    p.value = value;
    const std::string svg = html::large_picture(p, {}, "mm", "mean 3.0027 ± 0.0036");
    std::size_t n = 0;
    for (std::size_t at = svg.find("fill=\"#fff\""); at != std::string::npos; at = svg.find("fill=\"#fff\"", at + 1))
      ++n;
    return n;
  };
  EXPECT_EQ(plates(2.63), plates(2.5) + 1);
  EXPECT_EQ(plates(3.0), plates(2.5) + 1);
}

TEST_F(CertificateLayout, TheVoidWordLiesOnThePageWhole) {
  for (const std::string_view word : {"VOID", "SIMULATED", "ENGINEERING"}) {
    pdf::Sheet sheet(pdf::Paper::letter, "t", "s", 0);
    sheet.outline_word(word);
    const auto rows = pixels_of(sheet.take());
    std::size_t marked = 0;
    for (std::size_t y = 0; y < rows.size(); ++y) {
      for (std::size_t x = 0; x < rows[y].size(); ++x) {
        if (rows[y][x] > 250) continue;
        ++marked;
        EXPECT_TRUE(x > 2 && y > 2 && x + 3 < rows[y].size() && y + 3 < rows.size()) << word << " " << x << ", " << y;
      }
    }
    EXPECT_GT(marked, 300U) << word;
  }
}

TEST_F(CertificateLayout, WithoutAJudgementThereIsNoCertificate) {
  for (const SampleEnd end : {SampleEnd::error, SampleEnd::aborted, SampleEnd::interrupted}) {
    std::string text;
    for (const Page& page : pages_of(certificate_pdf(certifying(end), {}))) {
      for (const Word& w : page.words) text += w.text + " ";
    }
    EXPECT_NE(text.find("Not a certificate PR-R-000391"), std::string::npos) << text;
    EXPECT_NE(text.find("Test record"), std::string::npos);
    EXPECT_EQ(text.find("Test certificate"), std::string::npos);
    EXPECT_NE(text.find("End of test record"), std::string::npos);
  }
}

TEST_F(CertificateLayout, IsReadableInBlackAndWhite) {
  // Verdicts have a word and a shape beside their colour.
  std::map<std::string, std::size_t> shapes;
  for (const SampleEnd end : {SampleEnd::pass, SampleEnd::fail, SampleEnd::error}) {
    for (const Page& page : pages_of(certificate_pdf(certifying(end), {}))) {
      for (std::size_t i = 0; i + 1 < page.words.size(); ++i) {
        const std::string both = page.words[i].text + " " + page.words[i + 1].text;
        for (const char* shape : {"✓ PASS", "✗ FAIL", "▲ ERROR"}) shapes[shape] += both == shape ? 1U : 0U;
      }
    }
  }
  EXPECT_GT(shapes["✓ PASS"], 30U);
  EXPECT_GE(shapes["✗ FAIL"], 2U);
  EXPECT_GE(shapes["▲ ERROR"], 1U);
}

}  // namespace
}  // namespace penrig
