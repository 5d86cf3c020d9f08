#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tools/penrig/analysis_view.hpp"
#include "tools/penrig/calibration_text.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AnalysisJson, GivesEveryFieldOfABudget) {
  CaptureFile file;
  CaptureAnalysis analysis;
  Measurement m;
  m.measurand = "penetration";
  m.unit = "mm";
  m.value = 2.5;
  m.budget = {{"needle encoder scale", false, "normal", 0.0002, 12, "1", 1, 8e-5, -2.5, "standard LASER-7"},
              {"repeatability", true, "normal", 0.001, 0},
              {"odd", false, "uniform", std::nan(""), 0, "N", std::nan(""), INFINITY, 1, ""}};
  analysis.measurements = {m};
  const auto budget = analysis_json({file, analysis, nullptr, "", ""})["measurements"][0]["budget"];
  ASSERT_EQ(budget.size(), 3U);
  EXPECT_EQ(budget[0].dump(),
            R"({"source":"needle encoder scale","type":"B","distribution":"normal","value":1.0,"unit":"1",)"
            R"("u_input":8e-05,"sensitivity":-2.5,"u":0.0002,"nu":12.0,"cause":"standard LASER-7"})");
  EXPECT_EQ(budget[1].dump(),
            R"({"source":"repeatability","type":"A","distribution":"normal","value":null,"unit":null,)"
            R"("u_input":null,"sensitivity":null,"u":0.001,"nu":null,"cause":null})");
  for (const char* key : {"value", "u_input", "u"}) EXPECT_TRUE(budget[2][key].is_null()) << key;
}

std::string budget_of(const Calibration& c) {
  std::string text;
  for (const Line& line : calibration_text(c, 3)) text += render({}, line);
  return text;
}

TEST(CalibrationText, ShowsInputsAndWhatLinesHaveInCommon) {
  Calibration c;
  c.unit = "mm/count";
  c.evaluation.u = 1e-6;
  c.evaluation.budget = {{"scatter", true, "normal", 8e-7, 12}};
  EXPECT_THAT(budget_of(c), Not(HasSubstr("sensitivity"))) << "no line has an input";
  c.evaluation.budget.push_back({"length", false, "uniform", 6e-7, 0, "mm", 50.25, 0.0012, -5e-4, "LASER-7\x1B[31m"});
  const std::string text = budget_of(c);
  for (const char* part :
       {"value", "u of it", "sensitivity", "in common", "50.25", "0.0012", "mm", "−0.0005", "uniform"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, HasSubstr("\n  length   B     uniform")) << "words stand on the left";
  EXPECT_THAT(text, HasSubstr("LASER-7?[31m")) << "nothing steers the terminal";
}

}  // namespace
}  // namespace penrig::cli
