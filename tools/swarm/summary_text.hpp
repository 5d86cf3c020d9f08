#pragma once

#include <string>
#include <vector>

#include "tools/swarm/summary.hpp"

namespace penrig::swarm {

/// A row of the matrix with all sizes of a defect together.
struct DefectRow {
  MatrixRow row;
  std::string sizes;  ///< "-0.3 to 0.3 mm"
};
std::vector<DefectRow> rows_by_defect(const Summary& summary);

/// "0 of 212 (at most 1.7 %)", "3 of 98 (0.6 to 8.7 %)"
std::string in_words(const Share& share);

}  // namespace penrig::swarm
