#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "rig/calibrate/points.hpp"
#include "tests/rig/spec_files.hpp"

namespace penrig {
namespace {

class MistakesOfPoints : public ::testing::TestWithParam<std::string> {};

TEST_P(MistakesOfPoints, AreAllShownWithTheirPlaces) {
  const std::string folder = "tests/rig/data/mistakes/", name = GetParam();
  const std::string shown =
      render_all(load_points(read_source_file(folder + name), name, CalibrationKind::load_cell).mistakes);
  const std::string golden = folder + name.substr(0, name.find('.')) + ".txt";
  if (std::getenv("UPDATE_GOLDEN")) {
    std::ofstream(std::string(PENRIG_SOURCE_DIR "/") + golden, std::ios::binary) << shown;
    return;
  }
  EXPECT_EQ(shown, read_source_file(golden)) << "in " << golden;
}

INSTANTIATE_TEST_SUITE_P(Files, MistakesOfPoints,
                         ::testing::Values("points_head.csv", "points_rows.csv", "points_semicolon.csv",
                                           "points_no_head.csv", "points_empty.csv", "points_head_only.csv",
                                           "points_missing_column.csv", "points_yaml.yaml"),
                         [](const auto& test) { return test.param.substr(0, test.param.find('.')); });

PointTable read_table(const std::string& text, const std::string& file = "points.csv",
                      CalibrationKind kind = CalibrationKind::load_cell) {
  const auto loaded = load_points(text, file, kind);
  EXPECT_EQ(render_all(loaded.mistakes), "");
  return loaded.value;
}

TEST(Points, AreReadFromCsv) {
  const PointTable points = read_table(
      "\xef\xbb\xbf# remark\r\nreading_counts , force_n,direction\r\n12,0,up\r\n\r\n  -5.5e3 , +1 , down\r\n");
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points.column("force_n")[1], 1);
  EXPECT_EQ(points.column("reading_counts")[1], -5500);
  EXPECT_EQ(points.direction, (std::vector<int>{1, -1}));
}

TEST(Points, AreReadFromYaml) {
  const PointTable points =
      read_table("points:\n  - {reference_s: 0, device_ticks: 5}\n  - {reference_s: 1, device_ticks: 6}\n",
                 "points.yaml", CalibrationKind::time_base);
  ASSERT_EQ(points.size(), 2U);
  EXPECT_TRUE(points.has("device_ticks"));
  EXPECT_EQ(points.column("device_ticks")[1], 6);
}

TEST(Points, NeverBreakWhateverTheBytesAre) {
  // Every prefix and every single changed byte of a good file is read or refused.
  const std::string good = "force_n,reading_counts,direction\n0,12,up\n1,5012,down\n";
  for (std::size_t i = 0; i <= good.size(); ++i) load_points(good.substr(0, i), "p.csv", CalibrationKind::load_cell);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', ',', '\n', '\xff', '#', '"', '-'}) {
      std::string bad = good;
      bad[i] = c;
      const auto loaded = load_points(bad, "p.csv", CalibrationKind::load_cell);
      EXPECT_EQ(loaded.ok(), loaded.ok() && loaded.value.size() > 0);
    }
  }
}

}  // namespace
}  // namespace penrig
