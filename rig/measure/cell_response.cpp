#include "rig/measure/cell_response.hpp"

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

double ResponseFilter::next(double force) {
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

}  // namespace penrig
