#pragma once

#include <cstdint>

#include "rig/record/waveform_record.hpp"

namespace penrig {

/// How large a run can become, from its plan alone.
struct RunSize {
  double planned_s = 0;       ///< on the rig
  double sample_rate_hz = 0;  ///< of each channel
  std::uint64_t settings = 0, decisions = 0;
  std::uint64_t document_bytes = 0;  ///< plan, product, rig, calibrations
  bool traced = false;               ///< the bytes of the links are kept too
};

/// Of two runs at the same time; never less than what both need.
RunSize operator+(const RunSize& a, const RunSize& b);

/// Bytes that it takes at most.
struct RunBytes {
  std::uint64_t waveforms = 0, rows = 0, trace = 0;
  /// What must be free before it begins: with the log of the database, and some to spare.
  std::uint64_t demanded() const;
};
RunBytes space_of(const RunSize& size, WaveformForm form);

}  // namespace penrig
