#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "rig/measure/analyse_capture.hpp"

namespace penrig {

/// The first measurement of that name; null where there is none.
inline const Measurement* find_measurement(const std::vector<Measurement>& all, const std::string& id) {
  const auto found = std::ranges::find(all, id, &Measurement::measurand);
  return found == all.end() ? nullptr : &*found;
}
inline const Measurement* find_measurement(const CaptureAnalysis& a, const std::string& id) {
  return find_measurement(a.measurements, id);
}

/// Whether a warning says this.
inline bool warned(const CaptureAnalysis& a, const std::string& of) {
  return std::ranges::any_of(a.warnings, [&](const std::string& w) { return w.find(of) != std::string::npos; });
}

}  // namespace penrig
