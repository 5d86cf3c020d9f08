#pragma once

#include <string>
#include <vector>

#include "tools/swarm/summary.hpp"

namespace penrig::swarm {

/// Rows of the matrix with all sizes of a defect together; pens without one first.
std::vector<MatrixRow> rows_by_defect(const Summary& summary);

/// Of a row, "-0.3 to 0.3 mm"; empty for a defect that is there or not.
std::string sizes_in_words(const MatrixRow& row);

/// "0 of 212 (at most 1.7 %)", "3 of 98 (0.6 to 8.7 %)"
std::string in_words(const Share& share);

}  // namespace penrig::swarm
