#include "rig/measure/traces.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "rig/base/eight.hpp"
#include "rig/base/two.hpp"

namespace penrig {

namespace {

constexpr std::size_t kPoints = 121;               ///< every 3 degrees, both ends
constexpr std::size_t kFours = (kPoints + 3) / 4;  ///< what fills up the last is not shown
constexpr std::size_t kShownStrokes = 30, kShownLoops = 10;
constexpr std::size_t kMeanOf = 100;  ///< strokes that the mean curves are of, at most

/// Every how many strokes one is shown.
std::size_t stride(std::size_t n, std::size_t shown) { return std::max<std::size_t>(1, (n + shown - 1) / shown); }

PlacesOfPoints no_places() { return {std::vector<std::int64_t>(4 * kFours), std::vector<double>(4 * kFours)}; }

/// Of points that divide `length` evenly, from `first` on, among `size` samples (of which there are two).
PENRIG_EACH_PROCESSOR void find_places(double first, double length, std::size_t size, PlacesOfPoints& places) {
  const double last = static_cast<double>(size - 1);
  std::int64_t* const lefts = places.left.data();
  double* const shares = places.share.data();
  Four points{0, 1, 2, 3};
  for (std::size_t p = 0; p < 4 * kFours; p += 4, points += 4) {
    const Four at = first + length * points / static_cast<double>(kPoints - 1);
    const Four not_before = at > 0 ? at : Four{}, inside = not_before < last ? not_before : Four{} + last;
    const Four nearest = (inside + detail::kShift) - detail::kShift, whole = nearest > inside ? nearest - 1 : nearest;
    const Four left = whole < last - 1 ? whole : Four{} + (last - 1), share = inside - left;
    std::memcpy(shares + p, &share, sizeof share);
    using Longs = std::int64_t __attribute__((vector_size(32)));
    const Longs whole_left = std::bit_cast<Longs>(left + detail::kShift) - std::bit_cast<std::int64_t>(detail::kShift);
    std::memcpy(lefts + p, &whole_left, sizeof whole_left);
  }
}

/// The samples on both sides of four points.
struct Beside {
  Four before, behind;
};
[[gnu::always_inline]] inline Beside beside(const double* samples, const std::int64_t* left) {
  const Two a = two_at(samples + left[0]), b = two_at(samples + left[1]), c = two_at(samples + left[2]),
            d = two_at(samples + left[3]);
  const Four ac = __builtin_shufflevector(a, c, 0, 1, 2, 3), bd = __builtin_shufflevector(b, d, 0, 1, 2, 3);
  return {__builtin_shufflevector(ac, bd, 0, 4, 2, 6), __builtin_shufflevector(ac, bd, 1, 5, 3, 7)};
}
[[gnu::always_inline]] inline Beside beside(const std::int32_t* samples, const std::int64_t* left) {
  const std::int32_t *const a = samples + left[0], *const b = samples + left[1], *const c = samples + left[2],
                            *const d = samples + left[3];
  return {four_of(FourCounts{a[0], b[0], c[0], d[0]}), four_of(FourCounts{a[1], b[1], c[1], d[1]})};
}

/// The curve there, times a scale and less an offset; also added to `sums`.
template <class T>
[[gnu::always_inline]] inline void take_points_of(const T* samples, const PlacesOfPoints& places, double scale,
                                                  double offset, double* values, double* sums) {
  const std::int64_t* const left = places.left.data();
  const double* const shares = places.share.data();
  for (std::size_t p = 0; p < 4 * kFours; p += 4) {
    const auto [before, behind] = beside(samples, left + p);
    Four share, sum;
    std::memcpy(&share, shares + p, sizeof share);
    std::memcpy(&sum, sums + p, sizeof sum);
    const Four value = (before * (1 - share) + behind * share) * scale - offset;
    sum += value;
    std::memcpy(values + p, &value, sizeof value);
    std::memcpy(sums + p, &sum, sizeof sum);
  }
}
PENRIG_EACH_PROCESSOR void take_points(const std::int32_t* counts, const PlacesOfPoints& places, double scale,
                                       double offset, double* values, double* sums) {
  take_points_of(counts, places, scale, offset, values, sums);
}
PENRIG_EACH_PROCESSOR void take_points(const double* samples, const PlacesOfPoints& places, double scale, double offset,
                                       double* values, double* sums) {
  take_points_of(samples, places, scale, offset, values, sums);
}

std::vector<float> shown_curve(const std::vector<double>& values) {
  std::vector<float> shown(kPoints);
  for (std::size_t p = 0; p < kPoints; ++p) shown[p] = static_cast<float>(values[p]);
  return shown;
}

std::vector<float> mean_curve(const std::vector<double>& sums, std::size_t n) {
  std::vector<float> mean(kPoints);
  for (std::size_t p = 0; p < kPoints; ++p) mean[p] = static_cast<float>(sums[p] / static_cast<double>(n));
  return mean;
}

}  // namespace

TraceMaker::TraceMaker(const SettingInput& input, const SegmentSamples& samples,
                       std::span<const CycleFit* const> averaged)
    : each_(stride(averaged.size(), kMeanOf)),
      looked_at_((averaged.size() + each_ - 1) / each_),
      position_(4 * kFours, 0.0),
      loop_q_(4 * kFours, 0.0),
      loop_f_(4 * kFours, 0.0),
      places_(no_places()),
      values_(4 * kFours) {
  const double scale = input.calibrations->position_mm_per_count.value;
  for (std::size_t p = 0; p < kPoints; ++p) traces_.phase_deg.push_back(static_cast<float>(p) * 3.0F);
  const std::size_t step = stride(looked_at_, kShownStrokes);
  for (std::size_t k = 0; k < looked_at_; ++k) {
    const CycleFit& fit = *averaged[k * each_];
    // From the samples, not from the fit: the picture must show what the fit may have missed.
    find_places(fit.start, fit.period, samples.position.size(), places_);
    take_points(samples.position.data(), places_, scale, input.zero.needle_zero_mm, values_.data(), position_.data());
    if (k % step == 0) traces_.strokes_position_mm.push_back(shown_curve(values_));
  }
}

void TraceMaker::add_loop(std::size_t stroke, const ForceCycle& cycle, double surface_mm) {
  const std::size_t size = cycle.q_mm.size();
  if (stroke % each_ != 0 || size < 2) return;
  ++loops_;
  if (places_of_ != size) {
    places_of_ = size;
    find_places(0, static_cast<double>(size - 1), size, places_);
  }
  const bool shown = stroke / each_ % stride(looked_at_, kShownLoops) == 0;
  take_points(cycle.q_mm.data(), places_, 1, surface_mm, values_.data(), loop_q_.data());
  if (shown) traces_.strokes_loop_penetration_mm.push_back(shown_curve(values_));
  take_points(cycle.force_n.data(), places_, 1, 0, values_.data(), loop_f_.data());
  if (shown) traces_.strokes_loop_force_n.push_back(shown_curve(values_));
}

SettingTraces TraceMaker::traces() && {
  SettingTraces all = std::move(traces_);
  all.mean_position_mm = mean_curve(position_, looked_at_);
  if (loops_ == 0) return all;
  all.loop_penetration_mm = mean_curve(loop_q_, loops_);
  all.loop_force_n = mean_curve(loop_f_, loops_);
  return all;
}

}  // namespace penrig
