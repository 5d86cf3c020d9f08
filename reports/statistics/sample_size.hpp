#pragma once

#include <cstddef>
#include <optional>

namespace penrig::statistics {

/// How the units of a comparison lie: two groups of so many each, or so many pairs.
enum class Comparison { two_groups, pairs };

/// Units on each side so that a true difference is found with this power, two-sided at alpha. sd of a unit (of a pair's
/// difference). None: more than a million. Source: noncentral t, Chow, Shao and Wang, "Sample Size Calculations in
/// Clinical Research".
std::optional<std::size_t> units_to_find(Comparison comparison, double difference, double sd, double alpha = 0.05,
                                         double power = 0.9);
/// Units on each side so that two one-sided tests at alpha show equality within the margin, where the truth is no
/// difference at all.
std::optional<std::size_t> units_to_show_equal(Comparison comparison, double margin, double sd, double alpha = 0.05,
                                               double power = 0.9);
/// The power of units_to_find's test with so many units on each side.
double power_to_find(Comparison comparison, std::size_t units, double difference, double sd, double alpha = 0.05);

/// Values so that all of them hold `share` of the population between least and greatest, with this confidence
/// (two-sided) or below the greatest (one-sided). Source: Wilks, Ann. Math. Stat. 12 (1941).
std::size_t values_of_free_tolerance_interval(double share, double confidence, bool two_sided);
/// Values so that mean +- k s of them is at most `excess` times as wide as the interval of a known distribution: k_T
/// over z. excess > 1. None: more than a million.
std::optional<std::size_t> values_of_tolerance_interval(double share, double confidence, double excess);

/// Trials so that the repeatability of a gage study is known to within a factor (upper limit over estimate, 95 %
/// two-sided), with so many parts and appraisers.
std::optional<std::size_t> trials_of_gage_study(std::size_t parts, std::size_t appraisers, double factor);

}  // namespace penrig::statistics
