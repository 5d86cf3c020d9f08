#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/measure/corrections.hpp"
#include "rig/measure/setting.hpp"
#include "rig/measure/touch.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

// What a run derives from the samples of a capture: each result is a function of the samples and of one structure of
// inputs. A run and its recomputation from the record call the same functions; nothing else enters a number.

/// What counts are made numbers of by: the description's calibrations with the filed ones that are in force, and the
/// bench's temperature.
struct InForce {
  Calibrations calibrations;
  WithoutCorrections without;
  std::optional<double> temperature_c;

  /// Corrected for everything: where the bench may go. Errors as effective_calibrations().
  Result<Calibrations> all() const;
  /// But for the corrections that are switched off: what is measured with.
  Result<Calibrations> measuring() const;
};

struct TareInputs {
  InForce in_force;
};
/// capture: the pen touches nothing. Errors as tare().
Result<Tare> analyse_tare(const Capture& unloaded, const TareInputs& inputs);

/// One touch-off, fitted twice: a bench goes by all that is known of it, also where a run measures with a correction
/// switched off.
struct BenchTouch {
  Touch by_all, as_measured;
  std::optional<double> temperature_c{};  ///< at which it was fitted
};
struct TouchInputs {
  InForce in_force;
  Tare tare;
  double exponent = 1;  ///< of the law of contact
  Touching by{Touching::tips};
};
/// Errors as fit_touch().
Result<BenchTouch> analyse_touch(const Capture& touch, const TouchInputs& inputs);

struct BenchZero {
  ReferenceZero by_all, as_measured;
};
/// At the temperature of the last touch of the tips. Errors as reference_zero().
Result<BenchZero> analyse_reference(std::span<const BenchTouch> nose, std::span<const BenchTouch> tips,
                                    const Calibrations& calibrations, const WithoutCorrections& without);

/// What SettingInput points to and is made from.
struct SettingInputs {
  InForce in_force;
  SimulantDescription simulant;
  double tick_hz = 0;
  ClockRelation clock;
  Tare tare;                     ///< with nothing switched off
  ReferenceZero zero;            ///< as measured
  std::optional<Touch> surface;  ///< as measured
  double depth_mm = 0, rate_per_min = 0;
  std::uint32_t settle_strokes = 0, strokes = 0, min_strokes = 30;
  double missed_floor_fraction = 0.5;
  bool free_running = false;
  std::optional<TimePoint> start_sent, stop_sent;
  PenReport reported;
  std::optional<PenReport> watched;

  /// measuring: in_force.measuring(); like this structure, it outlives what comes out.
  SettingInput view(const Calibrations& measuring) const;
};
/// Errors as analyse_setting().
Result<SettingResult> analyse_setting(const Capture& capture, const SettingInputs& inputs);

struct LinkLossInputs {
  InForce in_force;
  double tick_hz = 0;
  ClockRelation clock;
  ReferenceZero zero;  ///< as measured
  TimePoint silent_since;
};
struct LinkLossResult {
  Measurement stop;
  std::vector<StrokeRow> strokes;
};
/// Errors as link_loss_stop().
Result<LinkLossResult> analyse_link_loss(const Capture& capture, const LinkLossInputs& inputs);

// What of it a phase's record holds.
void fill(PhaseRecord& record, const Tare& tare, const TareInputs& inputs);
void fill(PhaseRecord& record, const BenchZero& zero);
void fill(PhaseRecord& record, SettingResult result, const SettingInputs& inputs);
void fill(PhaseRecord& record, LinkLossResult result);

}  // namespace penrig
