#pragma once

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
  /// The cell's reading a step later, when the force goes to `force` in a straight line.
  double next(double force);

 private:
  double a_ = 0;          ///< first order: half a step in time constants
  double w_ = 0, d_ = 0;  ///< second order: resonance and damping times half a step; w_ = 0: first order
  double force_ = 0, reading_ = 0, rate_ = 0;  ///< rate: change of the reading a half step
};

}  // namespace penrig
