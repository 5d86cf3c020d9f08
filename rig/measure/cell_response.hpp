#pragma once

#include <array>
#include <cstddef>

namespace penrig {

/// The load cell's dynamic response, as its calibration says. Nothing set: ideal.
struct CellResponse {
  double corner_hz = 0;                  ///< first order: where the gain has fallen by 3 dB; 0 = not this
  double resonance_hz = 0, damping = 0;  ///< second order; damping 0 = not this

  bool is_ideal() const { return !(corner_hz > 0) && !(resonance_hz > 0 && damping > 0); }
};

/// What such a cell makes of a force, step by step from rest; trapezoidal rule, so that the static gain is exactly 1.
class ResponseFilter {
 public:
  /// step_s: at most a tenth of the response's time constant.
  ResponseFilter(const CellResponse& response, double step_s);
  /// The cell's reading a step later, when the force goes to `force` in a straight line. Inline: fits ask for it many
  /// times a sample.
  double next(double force) {
    const double both = force_ + force;
    force_ = force;
    if (w_ == 0) return reading_ = ((1 - a_) * reading_ + a_ * both) / (1 + a_);
    // x' = v, v' = w^2 (u - x) - 2 d v in half steps: means of both ends on the right side.
    const double w2 = w_ * w_;
    const double next_rate = ((1 - 2 * d_ - w2) * rate_ + w2 * (both - 2 * reading_)) / (1 + 2 * d_ + w2);
    reading_ += rate_ + next_rate;
    rate_ = next_rate;
    return reading_;
  }

 private:
  double a_ = 0;          ///< first order: half a step in time constants
  double w_ = 0, d_ = 0;  ///< second order: resonance and damping times half a step; w_ = 0: first order
  double force_ = 0, reading_ = 0, rate_ = 0;  ///< rate: change of the reading a half step
};

/// Takes a response out of what the cell read: F = y + (2 zeta/w) y' + y''/w^2 (first order: y + tau y'), with the
/// derivatives of a quadratic through 2 h + 1 samples. h is the smallest that raises white noise at most kMostGain
/// times: a wider window blurs what is sharp. One symmetric kernel of unit sum: it moves nothing in time, and a force
/// that does not change stays as it is.
class ResponseInverse {
 public:
  static constexpr double kMostGain = 4;
  static constexpr std::size_t kWidest = 12;  ///< h; a cell so slow that this does not do is left with more noise

  /// An ideal response gives the reading back. sample_rate_hz > 0.
  ResponseInverse(const CellResponse& response, double sample_rate_hz);

  std::size_t half_width() const { return half_; }
  double noise_gain() const { return gain_; }  ///< sd of the force over that of the reading, for white noise
  /// What the window rounds off a corner: a force that rises by a N a sample and from there by b N a sample comes out
  /// too low at the corner by this times (a - b). In samples; 0 for an ideal response.
  double corner_loss(const CellResponse& response, double sample_rate_hz) const;
  /// Force at sample i of n; beyond the ends the reading stands still.
  template <class Reading>
  double at(const Reading& reading, std::size_t n, std::size_t i) const {
    double sum = 0;
    for (std::size_t k = 0; k <= 2 * half_; ++k) {
      const std::size_t from = i + k < half_ ? 0 : i + k - half_;
      sum += weights_[k] * static_cast<double>(reading[from < n ? from : n - 1]);
    }
    return sum;
  }

 private:
  std::size_t half_ = 0;
  double gain_ = 1;
  std::array<double, 2 * kWidest + 1> weights_{1};
};

}  // namespace penrig
