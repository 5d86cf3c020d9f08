#pragma once

#include <string>
#include <vector>

#include "reports/statistics/anova.hpp"
#include "rig/base/result.hpp"

namespace penrig::statistics {

/// One reading of a gage study. Names as the user gave them.
struct GageReading {
  std::string part, appraiser;
  double value = 0;
};

/// Crossed: each appraiser measures each part. Nested: each has parts of his own (destructive testing); two appraisers
/// may call theirs by the same name.
enum class GageDesign { crossed, nested };

/// A study laid out: crossed as parts x appraisers, nested as appraisers x parts of theirs; names in the order in which
/// they came first.
struct GageStudy {
  GageDesign design = GageDesign::crossed;
  std::vector<std::string> parts;  ///< of a crossed study
  std::vector<std::string> appraisers;
  std::size_t parts_each = 0, trials = 0;
  Layout layout;
};

/// The trials of each cell are one value: of repeatability nothing is known.
bool repeats_exactly(const GageStudy& study);

/// Errc::usage naming the cell: fewer than two parts, appraisers or trials; a cell with another number of trials than
/// the others (a missing one is never guessed); a value that is not finite.
Result<GageStudy> lay_out(const std::vector<GageReading>& readings, GageDesign design);

}  // namespace penrig::statistics
