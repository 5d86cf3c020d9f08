#include "rig/measure/cell_response.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace penrig {

ResponseFilter::ResponseFilter(const CellResponse& response, double step_s) {
  if (response.corner_hz > 0) {
    a_ = std::numbers::pi * response.corner_hz * step_s;
  } else {
    w_ = std::numbers::pi * response.resonance_hz * step_s;
    d_ = response.damping * w_;
  }
}

ResponseInverse::ResponseInverse(const CellResponse& response, double sample_rate_hz) {
  if (response.is_ideal()) return;
  double first = 0, second = 0;  // factors of the reading's derivatives, per sample and per sample^2
  if (response.corner_hz > 0) {
    first = sample_rate_hz / (2 * std::numbers::pi * response.corner_hz);
  } else {
    const double w = 2 * std::numbers::pi * response.resonance_hz / sample_rate_hz;
    first = 2 * response.damping / w;
    second = 1 / (w * w);
  }
  for (half_ = 1;; ++half_) {
    const auto n = static_cast<double>(2 * half_ + 1);
    double x2 = 0, x4 = 0;
    for (std::size_t k = 1; k <= half_; ++k) {
      const auto x = static_cast<double>(k * k);
      x2 += 2 * x;
      x4 += 2 * x * x;
    }
    // The reading itself at the middle, and slope and curvature of the least-squares quadratic about it.
    double squares = 0;
    for (std::size_t k = 0; k <= 2 * half_; ++k) {
      const double x = static_cast<double>(k) - static_cast<double>(half_);
      weights_[k] = (k == half_ ? 1 : 0) + first * x / x2 + second * 2 * (n * x * x - x2) / (n * x4 - x2 * x2);
      squares += weights_[k] * weights_[k];
    }
    gain_ = std::sqrt(squares);
    if (gain_ <= kMostGain || half_ == kWidest) return;
  }
}

double ResponseInverse::corner_loss(const CellResponse& response, double sample_rate_hz) const {
  if (half_ == 0) return 0;
  // A force of 0 that falls by 1 a sample from the window's middle on.
  constexpr int kSteps = 16;
  ResponseFilter filter(response, 1 / (kSteps * sample_rate_hz));
  std::array<double, 2 * kWidest + 1> reading{};
  for (std::size_t i = half_ + 1; i <= 2 * half_; ++i) {
    for (int k = 1; k <= kSteps; ++k) {
      reading[i] = filter.next(-(static_cast<double>(i - 1 - half_) + static_cast<double>(k) / kSteps));
    }
  }
  return std::max(0.0, -at(reading, 2 * half_ + 1, half_));
}

}  // namespace penrig
