#include "rig/measure/force_strokes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace penrig {

namespace {

constexpr int kRounds = 4;

double between(std::span<const std::int32_t> x, double at) {
  const auto i = static_cast<std::size_t>(at);
  const double share = at - static_cast<double>(i);
  return x[i] * (1 - share) + x[i + 1] * share;
}

/// Highest value smoothed by moving quadratics of nine samples, around a sample.
double smoothed_peak(std::span<const std::int32_t> x, std::size_t from, std::size_t to) {
  static constexpr std::array<double, 9> kWeights = {-21, 14, 39, 54, 59, 54, 39, 14, -21};  // Savitzky-Golay, / 231
  double best = x[from];
  bool any = false;
  for (std::size_t i = from; i + 9 <= to; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < 9; ++k) sum += kWeights[k] * x[i + k];
    best = any ? std::max(best, sum / 231) : sum / 231;
    any = true;
  }
  return best;
}

}  // namespace

ForceStrokes find_force_strokes(std::span<const std::int32_t> force, const Turns& turns) {
  ForceStrokes out;
  const double half = std::floor(0.5 * turns.period);
  const auto reach = static_cast<std::size_t>(half);
  const auto limit = static_cast<double>(force.size());
  for (const RawCycle& cycle : turns.cycles) {
    const auto at = static_cast<double>(cycle.top);
    // Two samples to spare, for times that move.
    if (at - half < 3 || at + half + 3 > limit) continue;
    out.at.push_back(at);
  }
  if (out.at.empty() || reach < 8) return out;
  const std::size_t width = 2 * reach + 1;
  std::vector<double> mean(width), slope(width);
  double sharpness = 0, squares = 0, count = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::fill(mean.begin(), mean.end(), 0.0);
    for (const double at : out.at) {
      for (std::size_t k = 0; k < width; ++k) mean[k] += between(force, at - half + static_cast<double>(k));
    }
    for (double& m : mean) m /= static_cast<double>(out.at.size());
    sharpness = 0;
    for (std::size_t k = 1; k + 1 < width; ++k) {
      slope[k] = 0.5 * (mean[k + 1] - mean[k - 1]);
      sharpness += slope[k] * slope[k];
    }
    if (!(sharpness > 0)) return out;
    squares = count = 0;
    for (double& at : out.at) {
      double sum = 0;
      for (std::size_t k = 0; k < width; ++k) {
        const double r = between(force, at - half + static_cast<double>(k)) - mean[k];
        sum += r * slope[k];
        squares += r * r;
      }
      count += static_cast<double>(width - 1);
      at = std::clamp(at - std::clamp(sum / sharpness, -2.0, 2.0), half + 1, limit - half - 3);
    }
  }
  out.noise = std::sqrt(squares / count);
  out.u_at = out.noise / std::sqrt(sharpness);
  // The other end of the turn, where the needles are in.
  const auto tenth = std::max<std::size_t>(1, width / 10);
  double baseline = 0;
  for (std::size_t k = 0; k < tenth; ++k) baseline += mean[k] + mean[width - 1 - k];
  baseline /= 2 * static_cast<double>(tenth);
  for (const double at : out.at) {
    const auto centre = static_cast<std::size_t>(at);
    const std::size_t from = centre - reach / 2, to = centre + reach / 2;
    const double smooth = smoothed_peak(force, from, to);
    const double highest = *std::max_element(force.begin() + static_cast<std::ptrdiff_t>(from),
                                             force.begin() + static_cast<std::ptrdiff_t>(to));
    out.peak.push_back(0.5 * (smooth + highest) - baseline);
    out.half_width += 0.5 * std::abs(highest - smooth) / static_cast<double>(out.at.size());
  }
  return out;
}

}  // namespace penrig
