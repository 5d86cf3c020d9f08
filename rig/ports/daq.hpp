#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/base/seen_counts.hpp"
#include "rig/base/timeline.hpp"
#include "rig/base/units.hpp"
#include "rig/ports/pen.hpp"

namespace penrig {

struct DaqIdentity {
  std::string fixture_id;  ///< which bench this is; calibrations belong to it
  std::string serial_number;
  std::string firmware;
  double tick_hz = 0;  ///< device clock
  double max_sample_rate_hz = 0;
  bool simulated = false;
};

/// What the interlock inputs and the DAQ's own reflexes say. Sent by itself on every change, and with each heartbeat.
struct DaqStatus {
  bool e_stop = false;
  bool door_open = false;
  bool over_force = false;   ///< the DAQ's own limit tripped (latched)
  bool over_travel = false;  ///< likewise
  bool dead_man = false;     ///< the host was silent; the DAQ withdrew by itself (latched)
  bool withdrawn = false;    ///< the stage stands in its safe position, as its own sensor says
  bool moving = false;
  double stage_axial_mm = 0;
  double temperature_c = 0;
  double humidity_percent = 0;
  /// Which interlocks are open: e-stop, door, force, travel. A hand at the rig resets them.
  std::array<bool, 4> open_interlocks() const { return {e_stop, door_open, over_force, over_travel}; }
  bool any_open() const { return open_interlocks() != std::array<bool, 4>{}; }
  bool any_trip() const { return any_open() || dead_man; }
};

/// A block of each channel as it came off the link, packed (rig/base/sample_codec.hpp).
struct PackedChannels {
  std::span<const std::byte> force, position, stage;
};

/// The least and the greatest count of each channel; of one without samples 0 and 0.
struct ExtremesOfChannels {
  Extremes force, position, stage;
};

/// One block of samples, all channels of one instant side by side. Raw counts, as the device sent them.
/// Sample i was taken at first_tick + i * ticks_per_sample (device clock; ticks_per_sample need not be whole).
struct SampleBlock {
  std::uint64_t first_tick = 0;
  double ticks_per_sample = 0;
  std::span<const std::int32_t> force;     ///< counts
  std::span<const std::int32_t> position;  ///< counts, needle encoder
  std::span<const std::int32_t> stage;     ///< counts, axial stage encoder
  TimePoint arrived{};                     ///< when the block came off the link
  /// Holds the counts for whoever wants them for longer than a call, and lets go of the block when it has done. None:
  /// they are somebody else's, and are gone afterwards.
  std::shared_ptr<const std::int32_t[]> counts{};
  /// What the counts were unpacked from, and held with them; all empty: they did not come packed, or are not held.
  PackedChannels packed{};
  /// What whoever made the block saw of its counts, while they were at hand; none: nobody looked.
  std::optional<ExtremesOfChannels> extremes{};

  SeenCounts seen_force() const { return extremes ? SeenCounts(force, extremes->force) : SeenCounts(force); }
  SeenCounts seen_position() const {
    return extremes ? SeenCounts(position, extremes->position) : SeenCounts(position);
  }
  SeenCounts seen_stage() const { return extremes ? SeenCounts(stage, extremes->stage) : SeenCounts(stage); }
};

/// The block, to be kept: with its counts where it holds them, else with a copy.
SampleBlock kept(const SampleBlock& block);

/// Asks for the counts of a block that another thread made, so that they come while the block before it is worked on.
void fetch_ahead(const SampleBlock& block);
/// For its packed bytes.
void fetch_packed_ahead(const SampleBlock& block);

/// Whoever takes the stream. Called on the rig's one thread; must not block.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  virtual void samples(const SampleBlock& block) = 0;
  /// Samples are missing before the next block: lost frames, a sequence gap, a history that does not fit.
  virtual void gap(const std::string& reason) = 0;
};

struct StagePoint {
  double x_mm = 0, y_mm = 0;  ///< across: which spot
  double axial_mm = 0;        ///< along the pen's axis, positive towards the pen; see rig/ARCHITECTURE.md
};

struct TouchOffRequest {
  Speed speed;          ///< at most 1 mm/s
  Force force_limit;    ///< stop when the cell feels this above the tare
  Length travel_limit;  ///< give up after this
  Length retract;       ///< go back by this afterwards
};

/// What two clock exchanges say of the rate of the DAQ's clock: it goes on by so much faster than its nominal tick_hz
/// says, by the host's clock, within ± bound_ppm.
struct ClockRate {
  double fast_ppm = 0, bound_ppm = 0;
};

/// Relation of the DAQ's ticks to the timeline: host = host_ref + (tick - tick_ref)/tick_hz, +- u.
struct ClockRelation {
  TimePoint host_ref;
  std::uint64_t tick_ref = 0;
  double tick_hz = 0;
  double u_s = 0;           ///< standard uncertainty of the relation: half the best round trip, uniform
  double rate_off_ppm = 0;  ///< by so much at most the two rates disagree; 0: no more than what is known explains
  std::vector<ClockRate> rates{};  ///< as the DAQ's client saw them, since the session's first exchange and its last
  /// Seconds on the timeline for a (fractional) device tick.
  double host_seconds(double tick) const {
    return host_ref.seconds() + (tick - static_cast<double>(tick_ref)) / tick_hz;
  }
  double tick_at(TimePoint t) const {
    return static_cast<double>(tick_ref) + (t.seconds() - host_ref.seconds()) * tick_hz;
  }
};

struct StreamRequest {
  double sample_rate_hz = 50'000;
  std::uint32_t block_samples = 512;
};

/// The bench's measuring and moving half: load cell, encoders, stage, interlock inputs, environment.
class Daq {
 public:
  Daq() = default;
  virtual ~Daq() = default;
  Daq(const Daq&) = delete;
  Daq& operator=(const Daq&) = delete;

  virtual Awaitable<Result<DaqIdentity>> identify() = 0;
  /// Streams into the sink until stop_stream(). The sink must outlive the stream.
  virtual Awaitable<Result<void>> start_stream(StreamRequest request, SampleSink& sink) = 0;
  virtual Awaitable<Result<void>> stop_stream() = 0;
  virtual Awaitable<Result<void>> move_stage(StagePoint to, Speed speed) = 0;
  /// Advances along the axis until contact, then retracts. ok(true) = contact, ok(false) = travel limit reached first.
  virtual Awaitable<Result<bool>> touch_off(TouchOffRequest request) = 0;
  /// Force and travel limits that the DAQ enforces by itself, from now on. force_zero_counts: raw counts at no load.
  /// Errc::usage for limits that would be none.
  virtual Awaitable<Result<void>> set_reflexes(Force over_force, double force_zero_counts, Length axial_max) = 0;
  /// Safe state: the stage goes back along the axis at once, whatever it was doing. Acknowledged at once; urgent, as
  /// Pen::urgent_stop(). Ends a move or touch-off that still waits.
  virtual Awaitable<Result<CommandReceipt>> withdraw() = 0;
  virtual Awaitable<Result<void>> reset_latches() = 0;
  virtual Awaitable<Result<DaqStatus>> status() = 0;
  /// Exchanges clocks (several times; the quickest counts). Errc::calibration if the device's clock and the host's went
  /// apart since the exchanges before.
  virtual Awaitable<Result<ClockRelation>> exchange_clocks() = 0;

  /// The last status that the device sent, and when it came off the link. There always is one: connecting asks for it.
  virtual const DaqStatus& last_status() const = 0;
  virtual TimePoint last_heard() const = 0;
  /// Notified whenever a status arrives or the link state changes; the interlocks wait on it.
  virtual Event& changed() = 0;
  virtual Result<void> link_state() const = 0;
  virtual std::string link_name() const = 0;
};

}  // namespace penrig
