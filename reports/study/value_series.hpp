#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/statistics/capability.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/study/value_table.hpp"

namespace penrig {

/// One measurement over the runs of a selection, or the rows of a table, in order.
struct ValueSeries {
  std::string title, unit;  ///< "penetration, 2.5 mm, 9000/min"
  std::string key;          ///< the same without words: what tells it from all others
  statistics::Tolerance tolerance;
  std::string note;  ///< "limits of the newest run; they differ"
  struct Point {
    std::string label, pen, group;  ///< run or row; pen; subgroup (slot, lot, ...), where asked for
    std::optional<double> value;
    Verdict verdict = Verdict::not_judged;
    std::string input{};  ///< what has to be equal for two verdicts of one pen to mean the same; empty: all is
    statistics::Tolerance limits{};  ///< that its run was judged by
  };
  std::vector<Point> points;
  std::size_t missing = 0;  ///< points without a value
  std::size_t beyond = 0;   ///< of these, judged FAIL: known to be beyond a limit, not by how much

  void add(Point point);               ///< counts it, too, where it has no value
  std::vector<double> values() const;  ///< those that are there
  bool varies() const;                 ///< two of them differ
  bool tells() const;                  ///< some point has a value, or a verdict without one
};

/// Two runs that were decided by different limits: the newest, and the newest one before it that had others.
struct UnequalLimits {
  std::string earlier, later;  ///< runs
  statistics::Tolerance of_earlier, of_later;
};
/// None: all that were decided were so by the same limits.
std::optional<UnequalLimits> unequal_limits(const ValueSeries& series);

/// "2.35 … 2.65", "≥ 2.35", "≤ 2.65", "no limit".
std::string limits_text(const statistics::Tolerance& tolerance);

enum class GroupBy { none, slot, lot, pen, day };

/// "10 of 20 without a value, 8 of them known to be beyond a limit"; empty: all have one.
std::string missing_text(const ValueSeries& series);
/// " 10 values are missing, 8 of them known to be beyond a limit.", of several series, behind another sentence; empty:
/// none is missing.
std::string missing_sentence(std::size_t missing, std::size_t beyond);

/// Of a store: every measurement of which some run has a value or a verdict. Limits: of the newest run that was
/// decided.
std::vector<ValueSeries> series_of(const MeasuredValues& values, GroupBy group);

/// "penetration, 2.5 mm, 9000/min", of the catalogue's title.
std::string series_title(const ValuesKey& key);
/// The same in ASCII for machines: "penetration@depth_mm=2.5,rate_per_min=9000".
std::string name_of(const ValuesKey& key);

/// Columns of a table; empty: the usual names, or none.
struct SeriesColumns {
  std::string value, pen, group, measurement;
};
/// One series, or one a name in the column `measurement`.
Loaded<std::vector<ValueSeries>> series_of(const ValueTable& table, const SeriesColumns& columns,
                                           const std::string& unit);

/// In order, cut where the group changes (equal groups that stand apart stay apart), or into so many at a time; singles
/// where neither is asked for. Points without a value are left out.
std::vector<std::vector<double>> subgroups_of(const ValueSeries& series, std::size_t size);
/// The same without one at the end that has not so many yet: it would be another point with the next run.
std::vector<std::vector<double>> whole_subgroups_of(const ValueSeries& series, std::size_t size);

}  // namespace penrig
