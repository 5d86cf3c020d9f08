#pragma once

#include "rig/run/run_state.hpp"

namespace penrig {

/// Keeps the link that drives the pen full: several questions are under way at any time, and the pen answers as fast as
/// the link goes. What is commanded meanwhile has to get through. Wait for end() before it goes.
class BusyLink {
 public:
  /// @param run  outlives it.
  explicit BusyLink(RunState& run) : run_(run), ended_(run.timeline) {}
  BusyLink(const BusyLink&) = delete;
  BusyLink& operator=(const BusyLink&) = delete;

  void begin();
  /// Asks nothing more; returns when the last answer has come. Into the record: how many answers came a second.
  Awaitable<void> end(PhaseRecord& record);

 private:
  Awaitable<void> ask(Pen& pen);

  RunState& run_;
  Event ended_;
  TimePoint began_;
  std::uint64_t answers_ = 0;
  int running_ = 0;
  bool ending_ = false;
};

}  // namespace penrig
