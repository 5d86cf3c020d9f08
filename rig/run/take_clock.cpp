#include "rig/run/take_clock.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace penrig {
namespace {

constexpr int kRelatedAtMost = 3;  ///< times, for one capture

}  // namespace

Result<double> clocks_disagree_by_ppm(const ClockRelation& clock, const Calibrations& calibrations) {
  const Factor& base = calibrations.time_base_ppm;
  double widest_ppm = 0;
  for (const ClockRate& rate : clock.rates) {
    const double off_ppm = rate.fast_ppm - base.value;
    const double explained_ppm = rate.bound_ppm + 2 * base.u;
    if (std::abs(off_ppm) <= explained_ppm) continue;
    // Written so that what is not a number is refused.
    if (!(std::abs(off_ppm) <= explained_ppm + kHostClockPpm)) {
      return fail(
          Errc::calibration,
          fmt::format("by the host's clock the DAQ's goes {:+.0f} ppm off its {:g} ticks a second, and "
                      "calibration {} says {:+.1f} ppm: more apart than the exchanges (± {:.0f} ppm), its U and "
                      "the {:.0f} ppm of a host's crystal explain (check the DAQ's oscillator, calibrate the "
                      "time base, and see that this machine's clock is not being set)",
                      rate.fast_ppm, clock.tick_hz, calibrations.head.id, base.value, rate.bound_ppm, kHostClockPpm));
    }
    widest_ppm = std::max(widest_ppm, std::abs(off_ppm) + rate.bound_ppm);
  }
  return widest_ppm;
}

PhaseOutcome take_clock(RunState& run, Result<ClockRelation> exchanged) {
  if (!exchanged) return exchanged.error();
  const Result<double> off_ppm = clocks_disagree_by_ppm(*exchanged, run.calibrations);
  if (!off_ppm) return off_ppm.error();
  run.clock = std::move(*exchanged);
  run.clock.rate_off_ppm = *off_ppm;
  if (*off_ppm > 0 && !run.clocks_disagree) {
    run.clocks_disagree = true;
    run.warn(
        fmt::format("the clocks of DAQ and host disagree by up to {:.0f} ppm beyond calibration {}: either may be "
                    "wrong, and U of rates and times holds all of it",
                    *off_ppm, run.calibrations.head.id));
  }
  return {};
}

Awaitable<PhaseOutcome> relate_clocks(RunState& run) {
  Daq& daq = run.ports->daq();
  for (int i = 0; i < kRelatedAtMost; ++i) {
    const std::uint64_t gaps = run.router.gaps_seen();
    auto clock = co_await daq.exchange_clocks();
    if (const auto taken = take_clock(run, std::move(clock)); !taken) co_return taken;
    if (run.router.gaps_seen() == gaps) co_return PhaseOutcome{};
  }
  co_return fail(Errc::gap_in_record,
                 fmt::format("the stream of {} had a gap in each of {} exchanges of the clocks, so it is not known how "
                             "they stand to its samples (look at the DAQ's link)",
                             daq.link_name(), kRelatedAtMost));
}

}  // namespace penrig
