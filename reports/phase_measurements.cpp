#include "reports/phase_measurements.hpp"

#include <algorithm>

#include "reports/same_bits.hpp"

namespace penrig {

std::vector<std::optional<PhaseMeasurement>> places_in_phases(const std::vector<Measurement>& of_run,
                                                              const std::vector<PhaseRecord>& phases) {
  std::vector<PhaseMeasurement> all;
  for (std::size_t p = 0; p < phases.size(); ++p) {
    for (std::size_t m = 0; m < phases[p].measurements.size(); ++m) all.push_back({p, m});
  }
  std::vector<std::optional<PhaseMeasurement>> places(of_run.size());
  std::size_t next = 0;  // behind the one that was found last: there the next one is nearly always
  for (std::size_t i = 0; i < of_run.size(); ++i) {
    const auto is_it = [&](const PhaseMeasurement& place) {
      return same_bits(of_run[i], phases[place.phase].measurements[place.measurement]);
    };
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(next);
    auto found = std::find_if(from, all.end(), is_it);
    if (found == all.end()) {
      found = std::find_if(all.begin(), from, is_it);
      if (found == from) continue;
    }
    places[i] = *found;
    next = static_cast<std::size_t>(found - all.begin()) + 1;
  }
  return places;
}

}  // namespace penrig
