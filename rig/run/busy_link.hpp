#pragma once

#include <memory>

#include "rig/run/run_state.hpp"

namespace penrig {

/// Keeps the link that drives the pen full: several questions are under way at any time, and the pen answers as fast as
/// the link goes. What is commanded meanwhile has to get through.
class BusyLink {
 public:
  /// @param run  outlives it, and what it has asked.
  explicit BusyLink(RunState& run);
  /// Asks nothing more; what is under way ends by itself.
  ~BusyLink();
  BusyLink(const BusyLink&) = delete;
  BusyLink& operator=(const BusyLink&) = delete;

  void begin();
  /// Asks nothing more; returns when the last answer has come. Into the record: how many answers came a second.
  Awaitable<void> end(PhaseRecord& record);

 private:
  struct Asking;
  static Awaitable<void> ask(std::shared_ptr<Asking> asking, Pen& pen);

  std::shared_ptr<Asking> asking_;  // shared with what is under way
};

}  // namespace penrig
