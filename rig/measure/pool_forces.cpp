#include "rig/measure/pool_forces.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "rig/measure/broad_peak.hpp"
#include "rig/measure/puncture_fit.hpp"

namespace penrig {

namespace {

/// The higher of a value that is spread as a triangle and of one that is known.
struct Higher {
  double mean = 0, half_width = 0;  ///< of the triangle that has the same standard deviation
};
Higher higher_of(double middle, double half_width, double known) {
  const double z = half_width > 0 ? (known - middle) / half_width : known > middle ? 1.0 : -1.0;
  if (z >= 1) return {known, 0};
  if (z <= -1) return {middle, half_width};
  // Moments of max(t, z) for the density 1 - |t| on [-1, 1].
  const double a = std::abs(z), z2 = z * z;
  const double below = z < 0 ? 0.5 * (1 + z) * (1 + z) : 1 - 0.5 * (1 - z) * (1 - z);
  const double first = z * below + 1.0 / 6 - z2 / 2 + a * z2 / 3;
  const double second = z2 * below + 1.0 / 12 + (z < 0 ? a * z2 / 3 - z2 * z2 / 4 : z2 * z2 / 4 - a * z2 / 3);
  return {middle + half_width * first, half_width * std::sqrt(6 * std::max(0.0, second - first * first))};
}

}  // namespace

void settle_punctures(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                      std::span<const Approach> approaches, std::span<const std::size_t> owner, double kappa,
                      std::size_t first, const ForceScales& scales, std::span<StrokeForce> strokes) {
  std::vector<PunctureSearch> searches;
  std::vector<std::size_t> of;
  for (std::size_t k = 0; k < approaches.size(); ++k) {
    const Landmarks& m = marks[owner[k] - first];
    if (!approaches[k].found || !m.punctured) continue;
    const ForceCycle& cycle = cycles[owner[k] - first];
    const std::size_t count = m.after + 1 - m.clear;
    PunctureSearch search;
    search.position_mm = std::span(cycle.q_mm).subspan(m.clear, count);
    search.read_n = cycle.as_read().subspan(m.clear, count);
    search.contact_mm = approaches[k].contact_mm;
    search.after = count - 1;
    search.guess_n = *strokes[owner[k]].puncture_n;
    searches.push_back(search);
    of.push_back(owner[k]);
  }
  const auto fit =
      fit_punctures(searches, kappa, scales.contact_exponent, scales.noise_n, scales.cell, scales.sample_rate_hz);
  // What all strokes of a pool have in common; how single ones differ by noise is in their scatter.
  OpenCorner mean;
  double punctured = 0;
  for (const Landmarks& m : marks) {
    if (!m.punctured) continue;
    mean.apart_n += m.corner.apart_n;
    mean.rounded_n += m.corner.rounded_n;
    mean.rings_n += m.corner.rings_n;
    punctured += 1;
  }
  if (!(punctured > 0)) return;
  for (double* part : {&mean.apart_n, &mean.rounded_n, &mean.rings_n}) *part /= punctured;
  double half_width = mean.half_width_n();
  if (fit) {
    // As wide as a triangle of the same u.
    const double fitted = std::sqrt(6 * fit->u_mean_n * fit->u_mean_n + mean.rings_n * mean.rings_n);
    if (fitted < half_width) {
      half_width = fitted;
      for (std::size_t k = 0; k < searches.size(); ++k) strokes[of[k]].puncture_n = searches[k].puncture_n;
    }
  }
  for (std::size_t i = 0; i < marks.size() && first + i < strokes.size(); ++i) {
    StrokeForce& stroke = strokes[first + i];
    if (!marks[i].punctured) continue;
    stroke.puncture_half_width_n = half_width;
    if (*stroke.puncture_n + stroke.puncture_half_width_n < stroke.peak_n - stroke.peak_half_width_n) continue;
    stroke.peak_n = *stroke.puncture_n;
    stroke.peak_half_width_n = stroke.puncture_half_width_n;
  }
}

void settle_peaks(std::span<const ForceCycle> cycles, std::span<const Landmarks> marks,
                  std::span<const CycleFit* const> fits, double sigma, std::span<StrokeForce> strokes) {
  std::vector<PeakSearch> searches;
  std::vector<std::size_t> owner;
  double period = 0;
  for (std::size_t i = 0; i < strokes.size(); ++i) {
    const std::span<const double> f = cycles[i].force_n;
    const Landmarks& m = marks[i];
    if (f.size() < 16 || (strokes[i].peak_half_width_n > 0 && !m.punctured)) continue;
    searches.push_back({f, m.punctured ? m.after : m.clear, m.top});
    owner.push_back(i);
    period += fits[i]->period;
  }
  if (searches.empty()) return;
  const auto half = static_cast<std::size_t>(std::max(4.0, 0.02 * period / static_cast<double>(searches.size())));
  const std::vector<std::optional<double>> broad = broad_peaks(searches, half);
  // Corners so near the top that too little of the drop is seen to call it one lie at another place in each stroke.
  // Then every stroke has its own maximum: noise lifts that of nine samples by less than this, and a corner that loses
  // more is narrow by itself.
  constexpr double kLift = 1.5;
  double excess = 0, whole = 0;
  for (std::size_t k = 0; k < broad.size(); ++k) {
    if (!broad[k] || marks[owner[k]].punctured) continue;
    excess += strokes[owner[k]].peak_n - *broad[k];
    whole += 1;
  }
  if (excess > kLift * sigma * whole) {
    for (const std::size_t i : owner) {
      if (!marks[i].punctured) strokes[i].peak_half_width_n = kLift * sigma;
    }
    return;
  }
  for (std::size_t k = 0; k < broad.size(); ++k) {
    if (!broad[k]) continue;
    StrokeForce& stroke = strokes[owner[k]];
    stroke.peak_n = *broad[k];
    stroke.peak_half_width_n = 0;
    if (!stroke.puncture_n) continue;
    const Higher higher = higher_of(*stroke.puncture_n, stroke.puncture_half_width_n, *broad[k]);
    stroke.peak_n = higher.mean;
    stroke.peak_half_width_n = higher.half_width;
  }
}

}  // namespace penrig
