#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "rig/base/result.hpp"

namespace penrig {

/// What a refusal is about.
enum class CapturePart : std::uint8_t { whole, time, position, force };

/// Why a capture cannot be measured, and where it shows.
struct CaptureRefusal {
  Error error;
  CapturePart part = CapturePart::whole;
  std::optional<std::size_t> row;  ///< from 0
};
[[noreturn]] inline void throw_exception_from_error(const CaptureRefusal& e, const boost::source_location&) {
  throw ErrorException(e.error);
}

template <class T>
using CaptureResult = boost::system::result<T, CaptureRefusal>;

/// How a capture was sampled.
struct Sampling {
  double rate_hz = 0;
  double start_s = 0;  ///< time of the first row
  std::size_t rows = 0;
  double jitter_s = 0;       ///< rms of the intervals between stamps, less what rounding makes
  double wander_s = 0;       ///< largest distance of a stamp from even spacing
  double stamp_step_s = 0;   ///< what the stamps can show; 0: there are none
  bool from_stamps = false;  ///< else as stated
  double duration_s() const { return static_cast<double>(rows) / rate_hz; }
};

inline constexpr double kSlowestSampling = 50, kFastestSampling = 200'000;  ///< Hz

/// Sampling interval from all stamps by least squares, once they are known to be even. Stamps that are rounded to
/// `step_s` (few digits) are even; so are those that repeat because the interval is shorter than the step.
/// Refused with its row: a stamp that goes back or repeats, a gap (more than 1.5 intervals). Refused as a whole:
/// intervals that scatter by more than 1 % rms beyond rounding, fewer than 16 rows, a rate outside 50 Hz to 200 kHz.
CaptureResult<Sampling> find_sampling(std::span<const double> stamps_s, double step_s);

/// The same for a capture without stamps.
CaptureResult<Sampling> stated_sampling(double rate_hz, std::size_t rows);

}  // namespace penrig
