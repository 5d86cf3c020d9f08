#include "tools/penrig/capture_day.hpp"

#include <gmock/gmock.h>

#include "rig/spec/civil_date.hpp"

namespace penrig::cli {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kDayNs = 86'400'000'000'000;
/// Noon of 2026-11-30.
std::int64_t today() { return parse_date("2026-11-30")->days * kDayNs + kDayNs / 2; }

std::string day_of(const std::string& start_utc, const std::string& date = "") {
  const Result<std::string> day = day_of_capture(start_utc, date, today());
  return day ? *day : day.error().message;
}

TEST(CaptureDay, IsThatOfTheFileElseOfTheCommandLine) {
  EXPECT_EQ(day_of(""), "");
  EXPECT_EQ(day_of("", "2026-01-31"), "2026-01-31");
  EXPECT_EQ(day_of("2026-11-25T23:59:59.5Z"), "2026-11-25");
  EXPECT_EQ(day_of("2026-11-25T23:00:00Z", "2026-11-25"), "2026-11-25");
  EXPECT_EQ(day_of("2026-11-30"), "2026-11-30");
}

TEST(CaptureDay, WhatIsNoTimeInUtcIsRefused) {
  for (const char* text :
       {"yesterday", "2026-02-30T00:00:00Z", "2026-11-25T23:00:00+02:00", "2026-11-25T24:00:00Z", "2026-11-25T23:00",
        "2026-11-25 23:00:00", "2026-11-25T23:00:00.Z", "25.11.2026", "T", "2026"}) {
    EXPECT_THAT(day_of(text), HasSubstr("expected a time in UTC")) << text;
  }
}

TEST(CaptureDay, AnotherDayThanIsSaidAndOneThatIsStillToComeAreRefused) {
  EXPECT_THAT(day_of("2026-11-25T23:00:00Z", "2026-11-26"), HasSubstr("--date says 2026-11-26"));
  EXPECT_THAT(day_of("2040-01-01T00:00:00Z"), HasSubstr("today is 2026-11-30"));
}

TEST(CaptureDay, ACalibrationThatIsNotMeasuredWithIsNamed) {
  CalibrationChoice choice;
  choice.calibrations.head.id = "CAL-1";
  choice.used.emplace_back().id = "C-000012";
  EXPECT_EQ(foreign_calibration("", choice), "");
  EXPECT_EQ(foreign_calibration("CAL-1, C-000012", choice), "");
  EXPECT_THAT(foreign_calibration("CAL-1, C-000013", choice), HasSubstr("come from C-000013 (its tag"));
}

}  // namespace
}  // namespace penrig::cli
