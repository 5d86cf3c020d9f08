#pragma once

#include <cstdint>
#include <string>

#include "rig/base/result.hpp"
#include "rig/ports/daq.hpp"
#include "rig/record/waveform_record.hpp"

namespace penrig {

/// What makes a quantity of a channel's counts: counts x scale + offset, in N or mm.
struct WaveformScale {
  double scale = 1, offset = 0;
};

/// What is known of a capture before its first sample.
struct WaveformHead {
  std::string phase;  ///< its name
  std::uint32_t attempt = 1;
  std::string purpose, calibration;      ///< as WaveformRecord has them
  WaveformScale force, position, stage;  ///< N, mm, mm
  ClockRelation clock;                   ///< of the device's ticks
  std::int64_t clock_utc_ns = 0;         ///< what time clock.host_ref was
  bool may_wait = false;                 ///< whoever brings samples may be held up
  bool written_at_end = false;           ///< as long as it is short: time is virtual, and a thread saves none
};

/// A capture that is being kept while it is recorded. samples() and gap() only copy, on the rig's thread; what takes
/// long is done on another. What goes wrong on the way is told by finish(); samples that come faster than they can be
/// written, until a bound of memory is reached, are an error there and never lost in silence. A writer that is
/// destroyed before finish() leaves nothing.
class WaveformWriter : public SampleSink {
 public:
  /// Nothing comes any more. Does not wait.
  virtual void end() = 0;
  /// Waits until the file is whole, durable and in its place; end() comes before. One that was given no samples comes
  /// back without a file (samples = 0, sha256 empty). inputs is empty.
  /// Errors: no_space, io, bad_data (a count that 24 bits do not hold; more samples than a reader takes), internal.
  /// Messages name the file.
  virtual Result<WaveformRecord> finish() = 0;
};

}  // namespace penrig
