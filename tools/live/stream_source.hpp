#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"

namespace penrig::live {

/// What the simulated DAQs of a live bench send: force and needle at the same rate, a stage that stands.
struct StreamPlan {
  unsigned slots = 32;
  double sample_rate_hz = 100'000;
  std::uint32_t block_samples = 0;  ///< a channel in one message; 0: usual_block()
  double seconds = 60;              ///< then each stream ends
  bool flat_out = false;            ///< as fast as the links take it, in place of the rate
};

/// Device clock of the DAQs, and what a count of their channels is.
inline constexpr double kTickHz = 10e6, kMmPerCount = 1e-4, kNPerCount = 2e-4;
/// The pen that they feel: stroke, and where the surface stands in it, mm.
inline constexpr double kStrokeMm = 3.0, kSurfaceMm = 1.5;

/// What lasts 10 ms, as eol-pro.yaml's blocks do: all rates tell of an interlock's cause equally soon.
std::uint32_t usual_block(double sample_rate_hz);

/// Its strokes a second: about 150, fewer where that would be few samples a stroke, so that a whole number of them fits
/// into what is sent again and again.
double strokes_per_s(const StreamPlan& plan);
/// Samples of one stream, a channel.
std::uint64_t samples_of(const StreamPlan& plan);

/// Serves the DAQs, each over a pty of its own, until every host that came has gone, or nobody came for 30 s.
/// @param served  is given the paths of the ptys when they can be opened.
/// @return 0; 1: not all streams were sent to their end.
Awaitable<int> serve_streams(Timeline& timeline, StreamPlan plan,
                             std::function<void(const std::vector<std::string>&)> served);

}  // namespace penrig::live
