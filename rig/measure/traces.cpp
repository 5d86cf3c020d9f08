#include <algorithm>
#include <cmath>

#include "rig/measure/stroke_segment.hpp"

namespace penrig {

namespace {

constexpr std::size_t kPoints = 121;  ///< every 3 degrees, both ends
constexpr std::size_t kStrokes = 30, kLoops = 10;
constexpr std::size_t kMeanOf = 1000;  ///< strokes that the mean curves are of, at most

/// A place between two neighbours of `size`; a plot needs no more than what is linear there.
struct Place {
  Place(double at, std::size_t size) {
    const double inside = std::clamp(at, 0.0, static_cast<double>(size - 1));
    left = std::min(static_cast<std::size_t>(inside), size - 2);
    share = inside - static_cast<double>(left);
  }
  template <class T>
  double of(const T& x) const {
    return static_cast<double>(x[left]) * (1 - share) + static_cast<double>(x[left + 1]) * share;
  }
  std::size_t left = 0;
  double share = 0;
};

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
    const bool shown = k % stroke_step == 0;
    std::vector<float> row(shown ? kPoints : 0);
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double at = fit.start + fit.period * static_cast<double>(p) / static_cast<double>(kPoints - 1);
      const double z = Place(at, samples.position.size()).of(samples.position) * scale - input.zero.needle_zero_mm;
      mean[p] += z;
      if (shown) row[p] = static_cast<float>(z);
    }
    if (shown) traces.strokes_position_mm.push_back(std::move(row));
    if (!a.with_force) continue;
    evaluate_cycle(samples.force, fit, a.scales, cycle);
    if (cycle.q_mm.size() < 2) continue;
    ++loops;
    const double origin = a.surface_mm.value_or(0);
    const bool loop_shown = k % loop_step == 0;
    std::vector<float> q_row(loop_shown ? kPoints : 0), f_row(q_row.size());
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double at =
          static_cast<double>(cycle.q_mm.size() - 1) * static_cast<double>(p) / static_cast<double>(kPoints - 1);
      const Place place(at, cycle.q_mm.size());
      const double q = place.of(cycle.q_mm) - origin, f = place.of(cycle.force_n);
      loop_q[p] += q;
      loop_f[p] += f;
      if (!loop_shown) continue;
      q_row[p] = static_cast<float>(q);
      f_row[p] = static_cast<float>(f);
    }
    if (loop_shown) {
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
