#pragma once

#include <cstdint>
#include <span>

namespace penrig {

struct Extremes {
  std::int32_t low = 0, high = 0;
};

/// Of at least one count. Samples come in no order: without a branch for each.
Extremes extremes_of(std::span<const std::int32_t> counts);

/// Counts, and the least and the greatest of them: looked for once, asked for by many.
struct SeenCounts {
  SeenCounts(std::span<const std::int32_t> of) : counts(of), extremes(of.empty() ? Extremes{} : extremes_of(of)) {}
  /// @param seen  what they are known to be.
  SeenCounts(std::span<const std::int32_t> of, const Extremes& seen) : counts(of), extremes(seen) {}
  std::span<const std::int32_t> counts;
  Extremes extremes;  ///< 0 and 0 of none
};

}  // namespace penrig
