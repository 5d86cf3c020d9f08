#pragma once

#include <memory>

#include "rig/run/sequencer.hpp"

namespace penrig::cli {

/// What a program has in its hands when it is told to stop. One that drives a rig cannot be paused, and must not go on
/// when nobody can read what it says.
enum class InHand { nothing, rig };

/// Turns SIGINT, SIGTERM and SIGHUP into a StopRequest while it lives; for a rig also SIGQUIT, SIGTSTP (Ctrl-Z: a motor
/// must not go on while its program sleeps), and a standard output or standard error whose reader or terminal is gone.
/// A second signal changes nothing but is answered on stderr: the safe state is never skipped. In real time the signal
/// is a completion on the rig's loop; in virtual time, which waits on no descriptor, and before the loop runs, poll()
/// looks.
class StopSignals {
 public:
  StopSignals(Timeline& timeline, StopRequest& stop, InHand in_hand = InHand::nothing);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Call it before the timeline runs, and in virtual time as often as you like, on the rig's thread: a signal is seen
  /// by the next call, a lost output by one within 20 ms of real time.
  void poll();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// For RunJob::loop_stalled: says on stderr that the loop stands still, if stderr takes it at once.
void say_loop_stalled(Nanoseconds stands);

}  // namespace penrig::cli
