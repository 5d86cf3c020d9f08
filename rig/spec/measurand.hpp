#pragma once

#include <span>
#include <string_view>

namespace penrig {

/// What a measurand is held against when its limit is a tolerance.
enum class SettingReference { none, depth_mm, rate_per_min };
enum class MeasurandScope { setting, run };

/// Which phases yield it (bits).
enum PhaseYield : unsigned {
  kFromSweep = 1,
  kFromFreeRun = 2,
  kFromLinkLoss = 4,
  kFromReference = 8,
  kFromSetup = 16,
  kFromSweepOfDepths = 32,
  kFromReconnect = 64,
  kFromBle = 128
};

/// One entry of the catalogue; definitions in rig/MEASURANDS.md.
struct MeasurandInfo {
  std::string_view id;      ///< "penetration_ti"
  std::string_view title;   ///< "penetration of strokes"
  std::string_view unit;    ///< "mm"; "1" for counts; "" for texts
  std::string_view suffix;  ///< of its limits' keys: "mm", "per_min", "us", "percent"; "" for counts and texts
  MeasurandScope scope;
  SettingReference reference;
  unsigned yields;            ///< PhaseYield bits: any of them suffices, but rate_droop needs both sweep and free run
  bool exact_count = false;   ///< no U
  bool text = false;          ///< compared with a list of allowed texts
  bool per_stroke = false;    ///< a limit holds for the strokes, by tolerance interval
  int decimals = 3;           ///< of its limits
  bool not_negative = false;  ///< by its definition; what a decision may know of it beforehand
  bool per_link = false;      ///< each link of the pen has its own; a limit may be for one of them
};

/// Before the name of a plan's prompt: what was answered is a measurement, of no entry of the catalogue.
inline constexpr std::string_view kAnswerPrefix = "answer:";

std::span<const MeasurandInfo> measurands();
/// nullptr if there is none of that name.
const MeasurandInfo* find_measurand(std::string_view id);

}  // namespace penrig
