#pragma once

#include <memory>

#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// Turns SIGINT, SIGTERM and SIGHUP into a StopRequest while it lives. A second signal changes nothing: the safe state
/// is never skipped. In real time the signal is a completion on the rig's loop; in virtual time, which waits on no
/// descriptor, and before the loop runs, poll() looks.
class StopSignals {
 public:
  StopSignals(Timeline& timeline, StopRequest& stop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Call it before the timeline runs, and in virtual time now and then, on the rig's thread.
  void poll();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig::cli
