#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rig/base/result.hpp"
#include "rig/base/timeline.hpp"
#include "rig/base/units.hpp"

namespace penrig {

struct PenIdentity {
  std::string product;        ///< "pen-pro"
  std::string serial_number;  ///< as the firmware says it
  std::string firmware;       ///< "2.4.1"
  std::string firmware_hash;  ///< short hash of the image
  std::string hardware;       ///< revision of the board
  bool can_jog = true;
  bool simulated = false;  ///< the peer says of itself that it is a simulation
};

struct PenStatus {
  bool running = false;
  bool parked = false;
  double reported_rate_per_min = 0;  ///< what the pen believes
  std::uint64_t stroke_count = 0;    ///< strokes since power-up, as the pen counts them
  double battery_percent = 0;
  std::uint32_t fault_bits = 0;  ///< 0 = none; the bits are in protocols/WIRE.md
};

/// What a link's medium tells of the pen beside the session, when the link was opened: over BLE its Device Information,
/// its Battery, and how strong it was heard. What was not told is empty.
struct PenFacts {
  std::string product, serial_number, firmware, hardware;
  std::optional<double> battery_percent;
  std::optional<double> rssi_dbm;
};

/// The faults that a pen reports, in words ("motor stalled, battery too low to run"); empty if there is none. That it
/// was stopped by its dead-man (bit 7) is no fault.
std::string faults_of(const PenStatus& status);
/// Bit 7: the pen's dead-man stopped it since it was started last.
bool stopped_by_dead_man(const PenStatus& status);

/// When a command left the host (the link began to take it) and when its acknowledgement came, on the timeline.
struct CommandReceipt {
  TimePoint sent;  ///< its first transmission
  TimePoint acknowledged;
  std::uint32_t tries = 1;  ///< transmissions; of several it cannot be told which one was executed
  TimePoint last_sent{};    ///< the last transmission before the acknowledgement
};

/// A pen, whatever link it hangs on. Every call ends by its own deadline; a lost link ends all of them with link_lost.
class Pen {
 public:
  Pen() = default;
  virtual ~Pen() = default;
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;

  virtual Awaitable<Result<PenIdentity>> identify() = 0;
  virtual Awaitable<Result<CommandReceipt>> set_depth(Length depth) = 0;
  virtual Awaitable<Result<CommandReceipt>> set_rate(Frequency rate) = 0;
  virtual Awaitable<Result<CommandReceipt>> start() = 0;
  /// The motor brakes; the pen then parks by itself. Acknowledged at once, before the motor stands.
  virtual Awaitable<Result<CommandReceipt>> stop() = 0;
  /// The same for the safe state: sent again after 20 and 40 ms if it was not acknowledged by then, which stop() is
  /// not, since the time of a stop that was sent twice is not known. Both end a start or jog that still waits.
  virtual Awaitable<Result<CommandReceipt>> urgent_stop() = 0;
  /// Turns slowly (at most 60 strokes/min) to a crank angle (0 = needles fully in, 180 = fully out) and holds there.
  /// Acknowledged when it stands there.
  virtual Awaitable<Result<CommandReceipt>> jog(double crank_deg) = 0;
  /// Acknowledged when the needles are parked inside the nose cone (or the pen believes so).
  virtual Awaitable<Result<CommandReceipt>> park() = 0;
  virtual Awaitable<Result<PenStatus>> status() = 0;

  /// Falls silent on the link, heartbeats included, without closing it: what a cut cable looks like to the pen.
  /// Returns when the last byte left.
  virtual TimePoint go_silent() = 0;
  /// Speaks again, if it was silent. The next call works as before.
  virtual void speak_again() = 0;

  /// Ends the link without a word, now: from here on it is lost (BenchPorts::reopen() opens it anew).
  virtual void cut() = 0;

  /// ok while the peer was heard within its limit; else why the link counts as lost.
  virtual Result<void> link_state() const = 0;
  virtual std::string link_name() const = 0;
  virtual PenFacts facts() const = 0;
};

}  // namespace penrig
