#include "rig/measure/top_remainder.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace penrig {

namespace {

constexpr int kBins = 9;  ///< across the window
struct Bin {
  double sum = 0, n = 0;
  double mean() const { return sum / n; }
};

}  // namespace

void add_what_harmonics_leave(std::span<const std::int32_t> position, std::vector<CycleFit>& fits) {
  constexpr double kReach = 0.35;  // of a period of the first harmonic that is left out, to either side
  std::array<Bin, kBins> bins;
  const double noise = typical_noise(fits);
  for (const CycleFit& fit : fits) {
    if (fit.harmonics == 0 || fit.beside_fault || noise_of(fit) > 2 * noise + 1) continue;
    const double reach = kReach * fit.period / (fit.harmonics + 1), top = fit.top_index();
    const auto from = static_cast<std::size_t>(std::max(0.0, std::ceil(top - reach)));
    const auto to = std::min(position.size(), static_cast<std::size_t>(std::max(0.0, std::floor(top + reach))) + 1);
    for (std::size_t i = from; i < to; ++i) {
      const double at = (static_cast<double>(i) - top) / reach;
      Bin& bin = bins[static_cast<std::size_t>(std::clamp((at + 1) / 2 * kBins, 0.0, kBins - 1.0))];
      bin.sum += position[i] - fit.at_index(static_cast<double>(i)).value;
      bin.n += 1;
    }
  }
  // A quadratic in even and odd parts, x from -1 to 1; every bin counts alike, for the samples fall evenly.
  double s0 = 0, s1 = 0, s2 = 0, x2 = 0, x4 = 0, fewest = bins.front().n;
  for (const Bin& bin : bins) fewest = std::min(fewest, bin.n);
  if (fewest < 2) return;
  const auto x_of = [](std::size_t b) { return (static_cast<double>(b) + 0.5) / kBins * 2 - 1; };
  for (std::size_t b = 0; b < kBins; ++b) {
    const double x = x_of(b), y = bins[b].mean();
    s0 += y;
    s1 += x * y;
    s2 += x * x * y;
    x2 += x * x;
    x4 += x * x * x * x;
  }
  const double d = kBins * x4 - x2 * x2;
  const double curvature = (kBins * s2 - x2 * s0) / d, slope = s1 / x2, left = (x4 * s0 - x2 * s2) / d;
  double squares = 0, expected = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    const double x = x_of(b), r = bins[b].mean() - left - slope * x - curvature * x * x;
    squares += r * r / (kBins - 3);
    expected += noise * noise / bins[b].n / kBins;
  }
  // The value at the middle has x4 / d of one bin's variance.
  const double u_left = std::sqrt(x4 / d * expected + std::max(0.0, squares - expected));
  for (CycleFit& fit : fits) {
    if (fit.harmonics == 0) continue;
    fit.top += left;
    fit.u_left = u_left;
  }
}

double largest_left(std::span<const CycleFit> fits) {
  double left = 0;
  for (const CycleFit& fit : fits) left = std::max(left, fit.harmonics > 0 ? fit.u_left : 0);
  return left;
}

}  // namespace penrig
