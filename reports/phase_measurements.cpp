#include "reports/phase_measurements.hpp"

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
    for (std::size_t tried = 0; tried < all.size(); ++tried) {
      const std::size_t at = (next + tried) % all.size();
      const auto& [phase, measurement] = all[at];
      if (!same_bits(of_run[i], phases[phase].measurements[measurement])) continue;
      places[i] = all[at];
      next = at + 1;
      break;
    }
  }
  return places;
}

}  // namespace penrig
