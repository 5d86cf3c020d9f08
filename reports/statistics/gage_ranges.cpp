#include <algorithm>
#include <cmath>

#include "reports/statistics/gage_rr.hpp"
#include "reports/statistics/not_finite.hpp"
#include "reports/statistics/range_constants.hpp"

namespace penrig::statistics {

GageRanges gage_ranges(const GageStudy& study) {
  const Layout& l = study.layout;
  const auto parts = static_cast<double>(l.rows), appraisers = static_cast<double>(l.columns),
             trials = static_cast<double>(l.repeats);
  GageRanges g;
  g.mean_range.assign(l.columns, 0);
  g.mean.assign(l.columns, 0);
  std::vector<double> part_mean(l.rows, 0);
  std::vector<GageRanges::Beyond> all;
  for (std::size_t i = 0; i < l.rows; ++i) {
    for (std::size_t j = 0; j < l.columns; ++j) {
      std::vector<double> cell;
      for (std::size_t k = 0; k < l.repeats; ++k) cell.push_back(l.at(i, j, k));
      for (const double v : cell) {
        g.mean[j] += v / (parts * trials);
        part_mean[i] += v / (appraisers * trials);
      }
      const double range = range_of(cell);
      g.mean_range[j] += range / parts;
      all.push_back({study.parts[i], study.appraisers[j], range});
    }
  }
  for (const double r : g.mean_range) g.mean_range_all += r / appraisers;
  g.appraiser_spread = range_of(g.mean);
  g.part_spread = range_of(part_mean);
  g.range_limit = (1 + 3 * d3(l.repeats) / d2(l.repeats)) * g.mean_range_all;
  std::copy_if(all.begin(), all.end(), std::back_inserter(g.beyond),
               [&](const GageRanges::Beyond& b) { return b.range > g.range_limit; });
  g.ev = g.mean_range_all / d2(l.repeats);
  const double between = g.appraiser_spread / d2_star(l.columns, 1);
  g.av = std::sqrt(std::max(0.0, between * between - g.ev * g.ev / (parts * trials)));
  g.grr = std::hypot(g.ev, g.av);
  g.pv = g.part_spread / d2_star(l.rows, 1);
  g.tv = std::hypot(g.grr, g.pv);
  g.categories.exact = g.grr > 0 ? kCategories * g.pv / g.grr : kInfinite;
  g.categories.count = static_cast<unsigned>(std::clamp(g.categories.exact, 1.0, 1e6));
  return g;
}

}  // namespace penrig::statistics
