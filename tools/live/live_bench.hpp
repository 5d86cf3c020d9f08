#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reports/store/record_store.hpp"
#include "rig/run/sequencer.hpp"
#include "tools/live/stream_source.hpp"

namespace penrig::live {

/// What a slot's stream came to.
struct SlotCount {
  std::uint64_t samples = 0;  ///< a channel
  std::uint64_t gaps = 0;
  std::uint64_t strokes = 0;  ///< with a result of their own
  std::string run_id, error;  ///< error: empty, or why there are no results, no record
};

/// How far it is: of all slots.
struct LiveProgress {
  double seconds = 0;  ///< since the streams began
  std::uint64_t samples = 0, gaps = 0;
  double cpu_share = 0;  ///< of one core, user and system, since then
  std::uint64_t resident_kib = 0;
};

struct LiveResult {
  std::vector<SlotCount> slots;
  double seconds = 0, user_s = 0, system_s = 0;  ///< from the streams' begin until the last record is durable
  std::uint64_t most_resident_kib = 0;
  std::uint64_t samples() const;  ///< all channels of all slots
  std::uint64_t gaps() const;
  double times_real_time(const StreamPlan& plan) const;  ///< of what was taken, which may be less than was asked for
  bool whole(const StreamPlan& plan) const;  ///< nothing was lost, every slot has its results and its record
};

/// Takes all streams at the same time, as runs do: links, samples, strokes and their forces, waveform files, records.
/// @param ports  of the DAQs, one a slot.
/// @param stop   ends it early, with what has come until then.
/// @param told   about once a second.
Awaitable<LiveResult> take_streams(Timeline& timeline, const StreamPlan& plan, const std::vector<std::string>& ports,
                                   RecordStore& store, const StopRequest& stop,
                                   std::function<void(const LiveProgress&)> told);

}  // namespace penrig::live
