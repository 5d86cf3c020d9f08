#include "rig/measure/traces.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace penrig {

namespace {

constexpr std::size_t kPoints = 121;  ///< every 3 degrees, both ends
constexpr std::size_t kShownStrokes = 30, kShownLoops = 10;
constexpr std::size_t kMeanOf = 100;  ///< strokes that the mean curves are of, at most

/// Every how many strokes one is shown.
std::size_t stride(std::size_t n, std::size_t shown) { return std::max<std::size_t>(1, (n + shown - 1) / shown); }

std::vector<float> mean_curve(const std::vector<double>& sums, std::size_t n) {
  std::vector<float> mean;
  mean.reserve(sums.size());
  for (const double sum : sums) mean.push_back(static_cast<float>(sum / static_cast<double>(n)));
  return mean;
}

}  // namespace

TraceMaker::TraceMaker(const SettingInput& input, const SegmentSamples& samples,
                       std::span<const CycleFit* const> averaged)
    : each_(stride(averaged.size(), kMeanOf)),
      looked_at_((averaged.size() + each_ - 1) / each_),
      position_(kPoints, 0.0),
      loop_q_(kPoints, 0.0),
      loop_f_(kPoints, 0.0) {
  const double scale = input.calibrations->position_mm_per_count.value;
  for (std::size_t p = 0; p < kPoints; ++p) traces_.phase_deg.push_back(static_cast<float>(p) * 3.0F);
  const std::size_t step = stride(looked_at_, kShownStrokes);
  for (std::size_t k = 0; k < looked_at_; ++k) {
    const CycleFit& fit = *averaged[k * each_];
    // From the samples, not from the fit: the picture must show what the fit may have missed.
    const bool shown = k % step == 0;
    std::vector<float> row(shown ? kPoints : 0);
    for (std::size_t p = 0; p < kPoints; ++p) {
      const double at = fit.start + fit.period * static_cast<double>(p) / static_cast<double>(kPoints - 1);
      const double z = Place(at, samples.position.size()).of(samples.position) * scale - input.zero.needle_zero_mm;
      position_[p] += z;
      if (shown) row[p] = static_cast<float>(z);
    }
    if (shown) traces_.strokes_position_mm.push_back(std::move(row));
  }
}

void TraceMaker::add_loop(std::size_t stroke, const ForceCycle& cycle, double surface_mm) {
  const std::size_t size = cycle.q_mm.size();
  if (stroke % each_ != 0 || size < 2) return;
  ++loops_;
  if (places_of_ != size) {
    places_of_ = size;
    places_.clear();
    for (std::size_t p = 0; p < kPoints; ++p)
      places_.emplace_back(static_cast<double>(size - 1) * static_cast<double>(p) / static_cast<double>(kPoints - 1),
                           size);
  }
  const bool shown = stroke / each_ % stride(looked_at_, kShownLoops) == 0;
  std::vector<float> q_row(shown ? kPoints : 0), f_row(q_row.size());
  for (std::size_t p = 0; p < kPoints; ++p) {
    const double q = places_[p].of(cycle.q_mm) - surface_mm, f = places_[p].of(cycle.force_n);
    loop_q_[p] += q;
    loop_f_[p] += f;
    if (!shown) continue;
    q_row[p] = static_cast<float>(q);
    f_row[p] = static_cast<float>(f);
  }
  if (!shown) return;
  traces_.strokes_loop_penetration_mm.push_back(std::move(q_row));
  traces_.strokes_loop_force_n.push_back(std::move(f_row));
}

SettingTraces TraceMaker::traces() const {
  SettingTraces all = traces_;
  all.mean_position_mm = mean_curve(position_, looked_at_);
  if (loops_ == 0) return all;
  all.loop_penetration_mm = mean_curve(loop_q_, loops_);
  all.loop_force_n = mean_curve(loop_f_, loops_);
  return all;
}

}  // namespace penrig
