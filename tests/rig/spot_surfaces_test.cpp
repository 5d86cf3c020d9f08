#include "rig/measure/spot_surfaces.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rig/base/random.hpp"

namespace penrig {
namespace {

using testing::HasSubstr;

/// A sheet of rows of ten, 6 mm apart, of which so many spots were touched, the first of them so far into the first
/// row.
constexpr double kPitchMm = 6;
struct Sheet {
  int first = 0;
  double uneven_mm = 0.015, kappa = 6, uneven_share = 0.003;
  double tilt_x = 0, tilt_y = 0;  ///< mm/mm

  std::vector<SpotSurface> touched(int spots, std::uint64_t seed) const {
    Random random(seed, "sheet");
    std::vector<SpotSurface> all;
    for (int i = first; i < first + spots; ++i) {
      SpotSurface spot;
      spot.x_mm = kPitchMm * (i % 10);
      spot.y_mm = kPitchMm * (i / 10);
      spot.name = std::string(1, static_cast<char>('A' + i / 10)) + std::to_string(i % 10 + 1);
      spot.depth_mm = uneven_mm * random.normal() + tilt_x * spot.x_mm + tilt_y * spot.y_mm;
      spot.kappa = kappa * (1 + uneven_share * random.normal());
      all.push_back(spot);
    }
    return all;
  }
};

std::string refusal_of(const std::vector<SpotSurface>& spots) {
  const auto ok = refuse_sunk_spots(spots, kPitchMm);
  return ok ? "" : ok.error().message;
}

/// Of a run, that looks after each touch; and after which it said so.
struct Refused {
  std::string why;
  std::size_t after = 0;
};
Refused refused_in(const std::vector<SpotSurface>& spots) {
  for (std::size_t n = 1; n <= spots.size(); ++n) {
    const std::string why = refusal_of({spots.begin(), spots.begin() + static_cast<std::ptrdiff_t>(n)});
    if (!why.empty()) return {why, n};
  }
  return {};
}

TEST(SpotSurfaces, OfATiltedSheetAreTakenFromTheEndOfARowOn) {
  Sheet sheet;
  sheet.first = 9;  // the next one lies in the row behind, at its other end
  sheet.tilt_x = 3e-3;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(refused_in(sheet.touched(6, seed)).why, "");
}

TEST(SpotSurfaces, OfAGoodSheetAreTakenHoweverUnevenOrTiltedItIs) {
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed, "kind of sheet");
    Sheet sheet;
    sheet.uneven_mm = 0.018 * random.uniform();
    sheet.uneven_share = 0.05 * random.uniform() * random.uniform();
    sheet.tilt_x = 0.006 * (2 * random.uniform() - 1);
    sheet.tilt_y = 0.006 * (2 * random.uniform() - 1);
    const Refused said = refused_in(sheet.touched(seed % 10 == 0 ? 60 : 15, seed));
    refused += said.why.empty() ? 0 : 1;
    EXPECT_EQ(said.why, "") << "seed " << seed << " after " << said.after;
  }
  EXPECT_EQ(refused, 0);
}

TEST(SpotSurfaces, OneThatSankWhenItsNeighbourWasUsedIsNamed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<SpotSurface> spots = Sheet{.uneven_mm = 0.003, .tilt_x = 0.002}.touched(15, seed);
    spots[4].depth_mm += 0.1;
    const Refused said = refused_in(spots);
    EXPECT_THAT(said.why, HasSubstr("spot A5 is sunk: its surface lies 0.")) << "seed " << seed;
    EXPECT_LE(said.after, 15U);
  }
}

TEST(SpotSurfaces, SeveralAreNotHiddenByEachOtherWhereTheyWereWornToo) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<SpotSurface> spots = Sheet{.uneven_mm = 0.008, .tilt_y = -0.002}.touched(15, seed);
    for (std::size_t i = 1; i < spots.size(); i += 2) {  // every other one: half of them
      spots[i].depth_mm += 0.06;
      spots[i].kappa *= 0.97;
    }
    EXPECT_THAT(refused_in(spots).why, HasSubstr("the softer lie deeper")) << "seed " << seed;
  }
}

TEST(SpotSurfaces, ThatAllSankButTheFirstAreAnErrorToo) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<SpotSurface> spots = Sheet{.uneven_mm = 0.004}.touched(15, seed);
    for (std::size_t i = 1; i < spots.size(); ++i) spots[i].depth_mm += 0.09;
    EXPECT_THAT(refused_in(spots).why, HasSubstr("spot A1 stands proud, or the others are sunk")) << "seed " << seed;
  }
}

TEST(SpotSurfaces, OneThatIsMuchSofterThanTheRestIsNotTheSameSimulant) {
  std::vector<SpotSurface> spots = Sheet{}.touched(12, 1);
  spots[7].kappa *= 0.8;
  EXPECT_THAT(refusal_of(spots), HasSubstr("spot A8 is not like the others: it is 20 % softer"));
}

TEST(SpotSurfaces, OfTwoAreNeitherOnAStepNorOfTwoKinds) {
  std::vector<SpotSurface> spots = Sheet{.uneven_mm = 0, .uneven_share = 0}.touched(2, 1);
  EXPECT_EQ(refusal_of(spots), "");
  spots[1].depth_mm += 0.13;
  EXPECT_THAT(refusal_of(spots), HasSubstr("spot A2 is sunk: its surface lies 0.130 mm deeper than that of spot A1"));
  spots[1].depth_mm = spots[0].depth_mm;
  spots[1].kappa *= 0.6;
  EXPECT_THAT(refusal_of(spots), HasSubstr("spot A2 is sunk or worn: it is 40 % softer than spot A1"));
}

TEST(SpotSurfaces, ThatAreFewOrQuiteAlikeSayNothing) {
  EXPECT_EQ(refusal_of({}), "");
  std::vector<SpotSurface> spots = Sheet{.uneven_mm = 0, .uneven_share = 0}.touched(12, 1);
  EXPECT_EQ(refusal_of(spots), "");
  spots[3].depth_mm += 0.03;
  EXPECT_EQ(refusal_of(spots), "");
  spots.resize(2);
  spots[1].depth_mm += 0.1;
  EXPECT_EQ(refusal_of(spots), "");
}

}  // namespace
}  // namespace penrig
