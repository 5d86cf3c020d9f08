#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rig/measure/setting_analysis.hpp"

namespace penrig {

/// Strokes on either side of a window that show a double stroke which its end cuts in two.
inline constexpr std::size_t kBesideStrokes = 4;

/// The samples that one segment of a record is measured from.
struct SegmentSamples {
  std::size_t origin = 0;  ///< index in the record of the first of them
  std::span<const std::int32_t> position, force;
};

/// Which of the strokes that were found so far are measured now: [first, last) of all, the strokes that are judged
/// beginning at `judged_from`. They are fitted with some that lie beside them.
struct SegmentStrokes {
  std::size_t judged_from = 0, first = 0, last = 0;
  double range_mm = 0;               ///< of the position, up to now
  std::size_t fitted_from = 0;       ///< the first that is fitted
  std::span<const RawCycle> fitted;  ///< with first to last among them
};

/// Fits the strokes of a segment, tells those that are averaged, and takes their forces; appends to a.judged. The first
/// segment also gives scales, surface, contact derivatives and traces.
void measure_segment(const SettingInput& input, const SegmentSamples& samples, const SegmentStrokes& strokes,
                     SettingAnalysis& a);

/// What only all strokes together tell: faults, noise, deep strokes. Errc::too_few_strokes.
Result<void> conclude_strokes(const SettingInput& input, std::size_t judged_from, SettingAnalysis& a);

/// z of the undisturbed surface with the stage where it stands while puncturing.
std::optional<double> surface_at(const SettingInput& input, double working_stage_mm);

}  // namespace penrig
