#include <algorithm>
#include <cmath>

#include "rig/measure/stroke_segment.hpp"

namespace penrig {

namespace {

constexpr std::size_t kPoints = 121;  ///< every 3 degrees, both ends
constexpr std::size_t kStrokes = 30, kLoops = 10;
constexpr std::size_t kMeanOf = 1000;  ///< strokes that the mean curves are of, at most

/// Linear between neighbours; a plot needs no more.
template <class T>
double between(const T& x, double at) {
  const double inside = std::clamp(at, 0.0, static_cast<double>(x.size() - 1));
  const auto i = std::min(static_cast<std::size_t>(inside), x.size() - 2);
  const double share = inside - static_cast<double>(i);
  return static_cast<double>(x[i]) * (1 - share) + static_cast<double>(x[i + 1]) * share;
}

/// Every how many strokes one is shown.
std::size_t stride(std::size_t n, std::size_t shown) { return std::max<std::size_t>(1, (n + shown - 1) / shown); }

}  // namespace

SettingTraces make_traces(const SettingInput& input, const SegmentSamples& samples,
                          std::span<const CycleFit* const> averaged, const SettingAnalysis& a) {
  SettingTraces traces;
  const double scale = input.calibrations->position_mm_per_count.value;
  std::vector<double> mean(kPoints, 0.0), loop_q(kPoints, 0.0), loop_f(kPoints, 0.0);
  for (std::size_t p = 0; p < kPoints; ++p) traces.phase_deg.push_back(static_cast<float>(p) * 3.0F);
  const std::size_t each = stride(averaged.size(), kMeanOf);
  const std::size_t n = (averaged.size() + each - 1) / each, stroke_step = stride(n, kStrokes),
                    loop_step = stride(n, kLoops);
  ForceCycle cycle;
  std::size_t loops = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const CycleFit& fit = *averaged[k * each];
    // From the samples, not from the fit: the picture must show what the fit may have missed.
    std::vector<float> row;
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double at = fit.start + fit.period * static_cast<double>(p) / static_cast<double>(kPoints - 1);
      const double z = between(samples.position, at) * scale - input.zero.needle_zero_mm;
      mean[p] += z;
      row.push_back(static_cast<float>(z));
    }
    if (k % stroke_step == 0) traces.strokes_position_mm.push_back(std::move(row));
    if (!a.with_force) continue;
    evaluate_cycle(samples.force, fit, a.scales, cycle);
    if (cycle.q_mm.size() < 2) continue;
    ++loops;
    const double origin = a.surface_mm.value_or(0);
    std::vector<float> q_row, f_row;
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double at =
          static_cast<double>(cycle.q_mm.size() - 1) * static_cast<double>(p) / static_cast<double>(kPoints - 1);
      const double q = between(cycle.q_mm, at) - origin, f = between(cycle.force_n, at);
      loop_q[p] += q;
      loop_f[p] += f;
      q_row.push_back(static_cast<float>(q));
      f_row.push_back(static_cast<float>(f));
    }
    if (k % loop_step == 0) {
      traces.strokes_loop_penetration_mm.push_back(std::move(q_row));
      traces.strokes_loop_force_n.push_back(std::move(f_row));
    }
  }
  for (std::size_t p = 0; p < kPoints; ++p) {
    traces.mean_position_mm.push_back(static_cast<float>(mean[p] / static_cast<double>(n)));
    if (loops == 0) continue;
    traces.loop_penetration_mm.push_back(static_cast<float>(loop_q[p] / static_cast<double>(loops)));
    traces.loop_force_n.push_back(static_cast<float>(loop_f[p] / static_cast<double>(loops)));
  }
  return traces;
}

}  // namespace penrig
