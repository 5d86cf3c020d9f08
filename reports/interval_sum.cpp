#include "reports/interval_sum.hpp"

#include <cmath>

namespace penrig {

std::optional<double> interval_sum(const Decision& decision, const Measurement& measurement) {
  if (!measurement.interval || !decision.lower || !decision.upper) return std::nullopt;
  const ToleranceInterval& t = *measurement.interval;
  return std::abs(t.mean - (*decision.lower + *decision.upper) / 2) + t.k_factor * t.s + decision.guard_band;
}

}  // namespace penrig
