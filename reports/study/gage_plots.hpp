#pragma once

#include <string>

#include "reports/statistics/gage_rr.hpp"

namespace penrig {

/// Bars of each source's share of variance, study variation and tolerance.
std::string gage_components_plot(const statistics::GageAnova& anova);
/// Readings part by part, a mark an appraiser, with each appraiser's mean: repeatability is their height, an
/// interaction shows as lines that cross.
std::string gage_parts_plot(const statistics::GageStudy& study, const std::string& unit);
/// Readings appraiser by appraiser with their means.
std::string gage_appraisers_plot(const statistics::GageStudy& study, const std::string& unit);
/// Ranges of each appraiser, part by part, with their limit.
std::string gage_ranges_plot(const statistics::GageStudy& study, const statistics::GageRanges& ranges,
                             const std::string& unit);

}  // namespace penrig
