#include "rig/measure/motion.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace penrig {

namespace {

constexpr double kQuietMm = 0.005;  ///< what may pass for rest beside the noise

struct Rest {
  bool still = false;
  double mean = 0, noise = 0;
};

Rest rest_of(std::span<const std::int32_t> x, double mm_per_count) {
  Rest rest;
  const std::size_t n = x.size();
  if (n < 16) return rest;
  double sum = 0, differences = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += x[i];
    if (i > 0) {
      const double d = static_cast<double>(x[i]) - x[i - 1];
      differences += d * d;
    }
  }
  rest.mean = sum / static_cast<double>(n);
  rest.noise = std::sqrt(differences / (2 * static_cast<double>(n - 1)));  // motion hardly enters differences
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  rest.still = static_cast<double>(*high) - *low <= 10 * rest.noise + kQuietMm / mm_per_count;
  return rest;
}

}  // namespace

Motion find_motion(std::span<const std::int32_t> position, double mm_per_count, std::size_t rest_samples) {
  Motion motion;
  const std::size_t n = position.size();
  if (n == 0) return motion;
  const auto [low, high] = std::minmax_element(position.begin(), position.end());
  motion.range_mm = (static_cast<double>(*high) - *low) * mm_per_count;
  const std::size_t window = std::min(rest_samples, n);
  const Rest before = rest_of(position.first(window), mm_per_count);
  const Rest after = rest_of(position.last(window), mm_per_count);
  motion.noise_counts = before.still ? before.noise : after.still ? after.noise : 0;
  motion.moved = motion.range_mm > kMotionMm;
  const double level = std::max(6 * motion.noise_counts, kQuietMm / mm_per_count);

  motion.began_at_rest = before.still;
  if (motion.moved && before.still) {
    const auto first_beyond = [&](double distance) {
      std::size_t i = 0;
      while (i + 1 < n && std::abs(position[i] - before.mean) <= distance) ++i;
      return static_cast<double>(i);
    };
    const double t1 = first_beyond(level), t2 = first_beyond(16 * level);
    motion.begin = t1 - (t2 - t1) * 2 / 3;  // t^4: t1 - (t2 - t1); t^2: t1 - (t2 - t1)/3
    motion.begin_half_width = (t2 - t1) / 3 + 1;
  }
  motion.ended = after.still;
  if (after.still) {
    const auto last_beyond = [&](double distance) {
      std::size_t i = n;
      while (i > 0 && std::abs(position[i - 1] - after.mean) <= distance) --i;
      return static_cast<double>(i);
    };
    const double t1 = last_beyond(level), t2 = last_beyond(4 * level);
    motion.end = t1 + (t1 - t2) / 2;  // t^2: t1 + (t1 - t2); abrupt: t1
    motion.end_half_width = (t1 - t2) / 2 + 1;
    const auto from = static_cast<std::size_t>(std::min(std::ceil(motion.end), static_cast<double>(n - window)));
    double sum = 0;
    for (std::size_t i = from; i < n; ++i) sum += position[i];
    motion.rest_samples = n - from;
    motion.rest_counts = sum / static_cast<double>(motion.rest_samples);
    motion.u_rest_counts = after.noise / std::sqrt(static_cast<double>(motion.rest_samples));
  }
  return motion;
}

}  // namespace penrig
