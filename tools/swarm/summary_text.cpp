#include "tools/swarm/summary_text.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace penrig::swarm {

std::vector<MatrixRow> rows_by_defect(const Summary& summary) {
  std::map<std::string, MatrixRow> merged;
  for (const auto& [key, row] : summary.matrix) {
    auto [at, fresh] = merged.try_emplace(row.defect, row);
    if (fresh) continue;
    MatrixRow& sum = at->second;
    sum.size_from = std::min(sum.size_from, row.size_from);
    sum.size_to = std::max(sum.size_to, row.size_to);
    sum.seeds += row.seeds;
    sum.outside += row.outside;
    for (std::size_t i = 0; i < sum.verdicts.size(); ++i) sum.verdicts[i] += row.verdicts[i];
  }
  std::vector<MatrixRow> out;
  for (const auto& [defect, row] : merged) out.push_back(row);
  // Good pens first: the others are read against them.
  std::stable_partition(out.begin(), out.end(), [](const MatrixRow& r) { return r.defect == "none"; });
  return out;
}

std::string sizes_in_words(const MatrixRow& row) {
  if (!(row.size_to > row.size_from)) return "";
  return fmt::format("{:.4g} to {:.4g} {}", row.size_from, row.size_to,
                     row.unit == "um"   ? "µm"
                     : row.unit == "us" ? "µs"
                                        : row.unit);
}

std::string in_words(const Share& share) {
  if (share.n == 0) return "none";
  const Share::Interval i = share.interval();
  if (share.k == 0) return fmt::format("0 of {} (95 %: at most {:.2g} %)", share.n, 100 * i.high);
  return fmt::format("{} of {} (95 %: {:.2g} to {:.2g} %)", share.k, share.n, 100 * i.low, 100 * i.high);
}

}  // namespace penrig::swarm
