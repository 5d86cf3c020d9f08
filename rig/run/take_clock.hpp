#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// How far the host's clock may be off true time: a crystal of a computer keeps 100 ppm over temperature and age, and
/// one that follows a time server is better. Nothing beside it says how fast the DAQ's clock really is.
inline constexpr double kHostClockPpm = 100;

/// How far the rates of the DAQ's clock and the host's disagree, ppm, beyond what the exchanges leave open: half-width
/// of the interval that holds the difference. 0 where U (k = 2) of the calibrated time base explains it.
/// Errc::calibration: not even a host's clock that is off by kHostClockPpm explains it.
Result<double> clocks_disagree_by_ppm(const ClockRelation& clock, const Calibrations& calibrations);

/// Takes an exchange as the run's relation of clocks, with how far the rates disagree, of which the record has a
/// warning. The error of the exchange, or of clocks_disagree_by_ppm().
PhaseOutcome take_clock(RunState& run, Result<ClockRelation> exchanged);

/// Exchanges and takes the clocks, for a capture that begins as soon as this returns. No capture would hold a gap that
/// the stream has meanwhile, and a clock that jumped there would shift every time: then they are exchanged anew, which
/// tells a jump. As take_clock(), or Errc::gap_in_record of a stream that has gap upon gap.
Awaitable<PhaseOutcome> relate_clocks(RunState& run);

}  // namespace penrig
