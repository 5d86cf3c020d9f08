#include "rig/measure/setting.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "rig/measure/budget.hpp"
#include "rig/measure/setting_analysis.hpp"

namespace penrig {

namespace {

std::vector<StrokeRow> rows_of(const SettingInput& input, const SettingAnalysis& a) {
  std::vector<StrokeRow> rows;
  rows.reserve(a.averaged.size());
  const double u = stroke_uncertainty(input, a);
  for (const std::size_t i : a.averaged) {
    const JudgedStroke& stroke = a.judged[i];
    StrokeRow row;
    row.top_s = stroke.top_s;
    if (i + 1 < a.judged.size()) row.period_us = (a.judged[i + 1].top_s - stroke.top_s) * 1e6;
    row.extension_mm = stroke.extension_mm;
    if (a.with_force) {
      if (a.surface_mm) row.penetration_mm = stroke.force.top_mm - *a.surface_mm;
      row.peak_force_n = stroke.force.peak_n;
    }
    row.u_penetration_mm = u;
    rows.push_back(row);
  }
  if (a.other_deep.empty() && a.brief_tops.empty()) return rows;
  double give = 0;  // from extension to penetration, as the judged strokes have it
  for (const StrokeRow& row : rows) give += (row.extension_mm - row.penetration_mm) / static_cast<double>(rows.size());
  for (const BriefTop& brief : a.brief_tops) {
    StrokeRow& row = rows[brief.averaged];
    row.extension_mm += brief.above_mm;
    if (a.with_force && a.surface_mm) row.penetration_mm += brief.above_mm;
    row.u_penetration_mm = std::sqrt(u * u + brief.u_mm * brief.u_mm);
  }
  for (const DeepStroke& deep : a.other_deep) {
    StrokeRow row;
    row.top_s = deep.top_s;
    row.extension_mm = deep.extension_mm;
    if (a.with_force && a.surface_mm) row.penetration_mm = deep.extension_mm - give;
    row.u_penetration_mm = std::sqrt(u * u + 1e-6);
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [](const StrokeRow& x, const StrokeRow& y) { return x.top_s < y.top_s; });
  return rows;
}

void add_values(const SettingInput& input, const SettingAnalysis& a, std::map<std::string, double>& values) {
  values["sample_rate_hz"] = a.sample_rate_hz;
  values["noise_position_um"] = a.noise_counts * input.calibrations->position_mm_per_count.value * 1e3;
  const std::size_t middle = a.judged.size() / 2;
  values["harmonics"] = a.judged[middle].fit.harmonics;
  values["strokes_seen"] = static_cast<double>(a.seen_strokes);
  values["strokes_judged"] = static_cast<double>(a.judged.size());
  values["working_stage_mm"] = a.working_stage_mm;
  if (a.surface_mm) values["surface_mm"] = *a.surface_mm;
  if (!a.with_force) return;
  values["noise_force_mn"] = a.scales.noise_n * 1e3;
  double contact = 0, baseline = 0, n = 0;
  for (const std::size_t i : a.averaged) {
    baseline += a.judged[i].force.baseline_n;
    if (!a.judged[i].force.contact_mm) continue;
    contact += *a.judged[i].force.contact_mm;
    n += 1;
  }
  values["force_baseline_n"] = baseline / static_cast<double>(a.averaged.size());
  if (n > 0) values["contact_mm"] = contact / n;
}

/// No number that is not finite leaves here: it would be judged as ERROR anyway, with a worse message.
void withdraw_what_is_not_finite(std::vector<Measurement>& measurements) {
  for (Measurement& m : measurements) {
    const bool bad = (m.value && !std::isfinite(*m.value)) || !std::isfinite(m.expanded_u) ||
                     (m.interval && !(std::isfinite(m.interval->low) && std::isfinite(m.interval->high)));
    if (!bad) continue;
    m.value.reset();
    m.realised.reset();
    m.interval.reset();
    m.note = "the value is not a finite number";
  }
}

}  // namespace

std::vector<Measurement> measure_setting(const SettingInput& input, const SettingAnalysis& analysis) {
  std::vector<Measurement> out;
  measure_timing(input, analysis, out);
  measure_depths(input, analysis, out);
  measure_forces(input, analysis, out);
  measure_latencies(input, analysis, out);
  withdraw_what_is_not_finite(out);
  return out;
}

SettingResult setting_result(const SettingInput& input, SettingAnalysis& analysis) {
  SettingResult result;
  result.measurements = measure_setting(input, analysis);
  result.strokes = rows_of(input, analysis);
  result.traces = std::move(analysis.traces);
  add_values(input, analysis, result.values);
  if (analysis.missed > 0)
    result.warnings.push_back(fmt::format("{} missed strokes are left out of all means", analysis.missed));
  if (analysis.doubled > 0)
    result.warnings.push_back(fmt::format("{} double or broken strokes are left out of all means", analysis.doubled));
  if (!analysis.other_deep.empty()) {
    result.warnings.push_back(
        fmt::format("{} strokes that are not averaged went deeper than those that are; they count as observed",
                    analysis.other_deep.size()));
  }
  if (!analysis.brief_tops.empty()) {
    result.warnings.push_back(fmt::format(
        "{} strokes went deeper for a moment at their tops than the curve of their turn; so deep they count "
        "as observed",
        analysis.brief_tops.size()));
  }
  if (analysis.with_force && !analysis.surface_mm) {
    result.warnings.push_back("the surface of this spot was not touched: no penetration, only penetration_contact");
  }
  return result;
}

Result<SettingResult> analyse_setting(const SettingInput& input) {
  Result<SettingAnalysis> analysis = analyse_strokes(input);
  if (!analysis) return analysis.error();
  return setting_result(input, *analysis);
}

}  // namespace penrig
