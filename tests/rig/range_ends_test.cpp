#include "rig/measure/range_ends.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

/// What a turn looks like, between 0 and 1.
enum class Shape : std::uint8_t { sine, hertz, dwell, quartic, bell, friction };
constexpr std::array kShapes{Shape::sine, Shape::hertz, Shape::dwell, Shape::quartic, Shape::bell, Shape::friction};

/// @param turns  from the top, -0.5 to 0.5.
double height(Shape shape, double turns) {
  const double crank = 0.5 + 0.5 * std::cos(2 * M_PI * turns), away = std::abs(turns);
  const double fallen = std::clamp((away - 0.1) / 0.3, 0.0, 1.0);
  switch (shape) {
    case Shape::sine:
      return crank;
    case Shape::hertz:
      return std::pow(std::max(0.0, crank - 0.5) / 0.5, 1.5);
    case Shape::dwell:  // a cycloidal cam that stands for a fifth of the turn
      return 1 - fallen + std::sin(2 * M_PI * fallen) / (2 * M_PI);
    case Shape::quartic:
      return 1 - std::pow(2 * away, 4);
    case Shape::bell:
      return std::exp(-turns * turns / 0.0064);
    case Shape::friction:
      return turns < 0 ? crank : 0.6 * crank;
  }
  return 0;
}

struct Made {
  Shape shape = Shape::sine;
  double samples_a_turn = 333.3, counts = 3000, noise = 0.3, step = 1;  ///< all but the first in counts
  double cut = 2;                                                       ///< of the height; 1 and more: nothing is cut
};

ColumnCounts made(const Made& m) {
  constexpr double kTurns = 40;
  Random random(1, "column");
  ColumnCounts column;
  const auto samples = static_cast<std::size_t>(m.samples_a_turn * kTurns);
  for (std::size_t i = 0; i < samples; ++i) {
    const double turns = std::fmod(static_cast<double>(i) / m.samples_a_turn + 0.0123, 1) - 0.5;
    const double x = std::min(m.counts * height(m.shape, turns) + m.noise * random.normal(), m.cut * m.counts);
    column.counts.push_back(static_cast<std::int32_t>(std::round(x / m.step) * m.step));
  }
  return column;
}

TEST(RangeEnds, ATopThatIsSmoothIsNotCutHoweverCoarseAndQuiet) {
  for (const Shape shape : kShapes) {
    for (const double samples_a_turn : {31.7, 50.0, 333.3, 1500.0}) {
      for (const double noise : {0.0, 0.3, 1.0, 2.0}) {
        for (const double step : {1.0, 12.0}) {
          const ColumnCounts column = made({shape, samples_a_turn, 3000, noise, step});
          EXPECT_LT(cut_tops(column).size(), 3U) << "shape " << static_cast<int>(shape) << " samples a turn "
                                                 << samples_a_turn << " noise " << noise << " step " << step;
        }
      }
    }
  }
}

TEST(RangeEnds, ACutTopIsFoundAtAnyNoiseAndAnyStep) {
  for (const Shape shape : kShapes) {
    for (const double samples_a_turn : {83.3, 333.3, 1500.0}) {
      for (const double noise : {0.0, 0.3, 1.0, 2.0, 4.0}) {
        for (const double step : {1.0, 12.0}) {
          const ColumnCounts column = made({shape, samples_a_turn, 3000, noise, step, 0.85});
          EXPECT_GE(cut_tops(column).size(), 3U) << "shape " << static_cast<int>(shape) << " samples a turn "
                                                 << samples_a_turn << " noise " << noise << " step " << step;
        }
      }
    }
  }
}

TEST(RangeEnds, ACutTopLiesWhereTheChannelStands) {
  const ColumnCounts column = made({.cut = 0.9});
  const std::vector<Stretch> stretches = stretches_at_end(column, 0.3);
  EXPECT_GE(stretches.size(), 39U);
  for (const Stretch& s : stretches) {
    for (std::size_t i = s.first; i < s.first + s.length; ++i) EXPECT_EQ(column.counts[i], 2700);
    EXPECT_GT(s.length, 50U);
  }
}

/// What is found in a column that is looked at in parts of some turns, as a record is let go of.
std::optional<RangeEnd> end_of(const Made& m, bool upside_down = false) {
  ColumnCounts column = made(m);
  for (std::int32_t& x : column.counts) x = upside_down ? -x : x;
  const std::span<const std::int32_t> counts = column.counts;
  RangeEnds ends;
  const auto part = static_cast<std::size_t>(8 * m.samples_a_turn);
  for (std::size_t at = 0; at < counts.size(); at += part) {
    ends.part(counts.subspan(at, std::min(part, counts.size() - at)), m.noise);
  }
  return ends.found();
}

TEST(RangeEnds, ARecordOfSmoothTurnsReachesNoneHoweverCoarseAndQuiet) {
  for (const Shape shape : kShapes) {
    for (const double samples_a_turn : {31.7, 50.0, 100.0, 333.3, 1500.0}) {
      for (const double noise : {0.0, 0.3, 2.0, 20.0}) {
        for (const double step : {1.0, 12.0, 100.0}) {
          for (const bool upside_down : {false, true}) {
            // A force between two strokes is the lowest, not the highest.
            if (shape == Shape::hertz && upside_down) continue;
            EXPECT_FALSE(end_of({shape, samples_a_turn, 3000, noise, step}, upside_down))
                << "shape " << static_cast<int>(shape) << " samples a turn " << samples_a_turn << " noise " << noise
                << " step " << step << " upside down " << upside_down;
          }
        }
      }
    }
  }
}

TEST(RangeEnds, ARecordThatIsCutAtItsTopsReachesOneAtAnyNoiseAndAnyStep) {
  for (const Shape shape : kShapes) {
    for (const double samples_a_turn : {83.3, 333.3, 1500.0}) {
      for (const double noise : {0.0, 0.3, 2.0, 20.0}) {
        for (const double step : {1.0, 12.0}) {
          EXPECT_TRUE(end_of({shape, samples_a_turn, 3000, noise, step, 0.85}))
              << "shape " << static_cast<int>(shape) << " samples a turn " << samples_a_turn << " noise " << noise
              << " step " << step;
        }
      }
    }
  }
}

TEST(RangeEnds, ARecordThatIsCutAtItsBottomsReachesOneWhereNoiseTells) {
  EXPECT_TRUE(end_of({.noise = 10, .cut = 0.85}, true));
  EXPECT_FALSE(end_of({.noise = 0, .cut = 0.85}, true));
}

TEST(RangeEnds, OneLongStretchIsEnoughAmongNoiseAndASmoothTopFartherOutUndoesIt) {
  Made m{.noise = 10};
  const std::vector<std::int32_t> smooth = made(m).counts;
  std::vector<std::int32_t> cut = smooth;
  for (std::size_t i = 0; i < 333; ++i) cut[2000 + i] = std::min(cut[2000 + i] + 500, 3200);
  RangeEnds ends;
  ends.part(smooth, m.noise);
  EXPECT_FALSE(ends.found());
  ends.part(cut, m.noise);
  ASSERT_TRUE(ends.found());
  EXPECT_EQ(ends.found()->at, 3200);
  EXPECT_EQ(ends.found()->times, 1U);
  m.counts = 4000;
  ends.part(made(m).counts, m.noise);
  EXPECT_FALSE(ends.found());
}

/// A part is looked at by pieces; a stand may lie in two of them.
TEST(RangeEnds, AStandIsFoundWhereverItLiesInAPart) {
  constexpr std::size_t kStand = 8;
  Random random(1, "noise");
  std::vector<std::int32_t> noise(1400);
  for (std::int32_t& x : noise) x = static_cast<std::int32_t>(std::lround(30 * random.normal()));
  for (std::size_t at = 2; at + kStand + 2 < noise.size(); ++at) {
    std::vector<std::int32_t> counts = noise;
    std::fill_n(counts.begin() + static_cast<std::ptrdiff_t>(at), kStand, 200);
    RangeEnds ends;
    ends.part(counts, 30);
    const auto end = ends.found();
    ASSERT_TRUE(end) << at;
    EXPECT_EQ(end->at, 200) << at;
    EXPECT_EQ(end->longest, kStand) << at;
  }
}

TEST(RangeEnds, NeedlesThatStandOutAsARecordBeginsOrEndsAreAtNone) {
  // An encoder with noise as it moves, and none as it stands.
  std::vector<std::int32_t> counts = made({.noise = 10}).counts;
  counts.insert(counts.begin(), 500, 4000);
  counts.insert(counts.end(), 500, 4000);
  RangeEnds ends;
  ends.part(counts, 10);
  EXPECT_FALSE(ends.found());
}

TEST(RangeEnds, AnEmptyColumnOneOfASingleValueAndOneThatEndsAtItsTopHaveNoCutTop) {
  ColumnCounts column;
  EXPECT_TRUE(cut_tops(column).empty());
  column.counts.assign(100, 7);
  EXPECT_TRUE(cut_tops(column).empty());
  for (std::int32_t i = 0; i < 100; ++i) column.counts[static_cast<std::size_t>(i)] = std::min(10 * i, 970);
  EXPECT_TRUE(cut_tops(column).empty());
}

}  // namespace
}  // namespace penrig
