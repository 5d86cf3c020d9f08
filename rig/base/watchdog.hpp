#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "rig/base/timeline.hpp"

namespace penrig {

/// Tells whether an event loop stands still. Two threads report to it: the loop by beat(), which it calls at least
/// every 20 ms, and a watchdog by look(), which it calls every kLookEvery. Times are of any one clock that goes on
/// while the program or the computer is stopped.
///
/// A computer that is taken from this program for a moment makes the watchdog late as well: its own lateness is no
/// fault of the loop and is taken off. What stays beyond kStallAfter is a stall of the loop alone. A program that stood
/// still as a whole (SIGSTOP, a suspended computer, a starved one) for longer than kStoppedAfter is a stall whoever was
/// to blame: with a heartbeat every 100 ms and a dead-man of 300 ms the devices may have acted from then on.
class StallDetector {
 public:
  static constexpr Nanoseconds kLookEvery = std::chrono::milliseconds{20};
  static constexpr Nanoseconds kStallAfter = std::chrono::milliseconds{140};
  static constexpr Nanoseconds kStoppedAfter = std::chrono::milliseconds{250};

  explicit StallDetector(Nanoseconds now) : last_beat_(now), last_look_(now) {}

  /// The loop runs. Returns how long it had stood still, if that was a stall.
  std::optional<Nanoseconds> beat(Nanoseconds now);
  /// The watchdog looks. Returns how long the loop stands still already, once in every stall.
  std::optional<Nanoseconds> look(Nanoseconds now);

 private:
  Nanoseconds last_beat_, last_look_;
  Nanoseconds watchdog_late_{0};  ///< since the last beat
  bool stalled_ = false;
};

/// Nanoseconds since this computer was started, those in which it was suspended included. Any thread.
Nanoseconds time_since_boot();

/// Watches one event loop in real time, from a thread of its own: a stall is noticed within 200 ms.
class Watchdog {
 public:
  /// @param noticed  called on the watchdog's thread while the loop stands still, once in every stall, with how long it
  ///                 did already. It must need nothing of the loop and of what the loop may hold.
  explicit Watchdog(std::function<void(Nanoseconds)> noticed = {});
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// To be called from the loop at least every 20 ms. Returns how long it had stood still, if that was a stall.
  std::optional<Nanoseconds> beat();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penrig
