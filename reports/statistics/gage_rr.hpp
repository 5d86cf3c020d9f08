#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/statistics/gage_study.hpp"
#include "reports/statistics/interval.hpp"

namespace penrig::statistics {

/// An interaction whose p is above this is pooled with the error: a cautious one, since a wrongly pooled interaction
/// makes its own errors too small (others go by 0.05).
inline constexpr double kPoolAbove = 0.25;
/// Study variation in standard deviations: 99.73 % of a normal distribution (AIAG; older editions 5.15).
inline constexpr double kStudyWidth = 6;
/// AIAG's sqrt(2) of the number of distinct categories.
inline constexpr double kCategories = 1.41;

/// One source of variation. Shares are of 1; negative estimates of a variance count as 0.
struct GageComponent {
  std::string name;
  Estimate sd;                              ///< modified large sample interval
  double contribution = 0;                  ///< of the total variance
  Estimate study_share;                     ///< of the total standard deviation; generalised interval
  std::optional<Estimate> tolerance_share;  ///< kStudyWidth sd over the tolerance
  double variance() const { return sd.value * sd.value; }
};

struct GageCategories {
  double exact = 0;         ///< 1.41 part sd / GRR sd; infinite where nothing repeats badly
  unsigned count = 1;       ///< cut off, at least 1
  Interval interval{1, 1};  ///< of exact
};

/// Intervals of two standard deviations that hold at once in 95 % of studies. Each one's own hold in 95 %, and both of
/// them in fewer. Bonferroni: each at 97.5 %, whatever they have in common (parts are told by the error's mean square).
struct GageTogether {
  static constexpr double kConfidence = 0.95, kEach = 1 - (1 - kConfidence) / 2;
  Interval repeatability, part;
};

/// Evaluation by analysis of variance.
struct GageAnova {
  std::vector<AnovaRow> table;          ///< all sources, before pooling
  std::optional<double> interaction_p;  ///< of a crossed study
  bool pooled = false;
  std::vector<AnovaRow> pooled_table;  ///< where it was pooled
  GageComponent repeatability, reproducibility, appraiser, grr, part, total;
  std::optional<GageComponent> interaction;  ///< of a crossed study that was not pooled
  GageCategories categories;
  GageTogether together;
};

/// @param tolerance  upper limit - lower limit, > 0; none: no shares of it.
/// Intervals of 95 %: of standard deviations by modified large samples (variance_interval.hpp), of shares and
/// categories generalised (Hamada and Weerahandi, J. Qual. Technol. 32 (2000); Burdick, Borror and Montgomery, SIAM
/// (2005)) from 10,000 seeded draws. They take the choice of pooling as given.
GageAnova gage_anova(const GageStudy& study, std::optional<double> tolerance = std::nullopt);

/// Evaluation by averages and ranges, for crossed studies. Source: AIAG MSA 4th edition, chapter III section B; its
/// K1 = 1/d2, K2 = K3 = 1/d2* with one range.
struct GageRanges {
  double ev = 0, av = 0, grr = 0, pv = 0, tv = 0;  ///< standard deviations
  std::vector<double> mean_range;                  ///< of each appraiser
  std::vector<double> mean;                        ///< of each appraiser
  double mean_range_all = 0, appraiser_spread = 0, part_spread = 0, range_limit = 0;
  struct Beyond {
    std::string part, appraiser;
    double range;
  };
  std::vector<Beyond> beyond;  ///< ranges above the limit: their readings are to be looked at
  GageCategories categories;   ///< without an interval
};
GageRanges gage_ranges(const GageStudy& study);

}  // namespace penrig::statistics
