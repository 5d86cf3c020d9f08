#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "rig/base/unset_vector.hpp"
#include "rig/measure/block_sums.hpp"
#include "rig/measure/crank_series.hpp"
#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// The part of a record that one cycle's series is fitted to, samples: between two bottoms, without what lies within
/// `skip_first` of the first and within `skip_last` of the second.
struct CyclePart {
  double start = 0, end = 0, skip_first = 0, skip_last = 0;
};

/// Cycles that are fitted side by side; in lanes that are left over stands the last once more.
struct EightOfCycles {
  std::array<std::size_t, kLanes> of;  ///< which, in the order of the parts
  std::size_t n;
  EightCranks solved;
};

/// What fit_cycles() is made of: linear least squares, cycle by cycle. harmonics = 0 in the result where the samples do
/// not hold so many (1..kMaxHarmonics). A crank's harmonics are fitted to the sums of blocks, eight cycles side by
/// side; more to the samples.
///
/// The series alone, for whom the top is not yet, or never, that of this fit: top and what is known of it are unset.
std::vector<CycleFit> fit_series(const BlockSums& position, std::span<const CyclePart> parts, int harmonics);
/// The series with their tops, u_top and u_time.
std::vector<CycleFit> fit_series_and_tops(const BlockSums& position, std::span<const CyclePart> parts, int harmonics);

/// Series with as many harmonics as a crank has, and from them those with fewer.
class CrankSeries {
 public:
  CrankSeries() = default;
  CrankSeries(const BlockSums& position, std::span<const CyclePart> parts);
  std::span<const CycleFit> whole() const { return whole_; }
  /// To the bit what fit_series() gives of the same parts, but that those of whole() that have no harmonics have none:
  /// where it leaves parts out, others share an eight, and last digits differ. harmonics: 1..kCrankHarmonics.
  std::vector<CycleFit> with(int harmonics) const;

 private:
  std::vector<CycleFit> whole_;
  UnsetVector<EightOfCycles> solved_;
};

}  // namespace penrig
