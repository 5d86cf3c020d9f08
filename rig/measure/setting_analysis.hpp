#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "rig/measure/contact_derivatives.hpp"
#include "rig/measure/cycle_fit.hpp"
#include "rig/measure/motion.hpp"
#include "rig/measure/setting.hpp"
#include "rig/measure/stroke_force.hpp"

namespace penrig {

// What stays of each stroke of a record, however long that is. A float holds a length of some mm to 0.1 nm and a force
// to 0.1 uN, a thousandth of what any of them is known to.

/// A float that may be unknown; no larger than one.
class MaybeFloat {
 public:
  MaybeFloat() = default;
  MaybeFloat(std::optional<double> value)  // NOLINT: it is one
      : value_(value ? static_cast<float>(*value) : kUnknown) {}
  operator std::optional<double>() const {  // NOLINT: it is one
    return std::isnan(value_) ? std::nullopt : std::optional<double>(value_);
  }
  explicit operator bool() const { return !std::isnan(value_); }
  float operator*() const { return value_; }

 private:
  static constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
  float value_ = kUnknown;
};

/// Of its fit, as CycleFit has it; harmonics = 0: there was none.
struct KeptFit {
  float residual_ss = 0, freedom = 0;  ///< counts^2
  float u_top = 0, u_time = 0;
  float top_curvature = 0;  ///< counts per sample^2
  std::int8_t harmonics = 0;
};

/// Of its force, as StrokeForce has it.
struct KeptForce {
  float baseline_n = 0;
  float top_mm = 0, force_at_top_n = 0, reaction_at_top_n = 0;
  float peak_n = 0, peak_half_width_n = 0;
  MaybeFloat puncture_n;
  float puncture_half_width_n = 0, withdrawal_n = 0, withdrawal_half_width_n = 0;
  MaybeFloat contact_mm;
  float u_contact_mm = 0, u_kappa_mm = 0;
  float contact_speed_mm_per_s = 0, contact_gradient_per_s = 0, dwell_us = 0;
  float insertion_mj = 0, dissipated_mj = 0;
  bool baseline_known = false;
  bool corner_unseen = false;
};

/// One stroke of the judged window. What of it is small lies in the gaps of what is not.
struct JudgedStroke {
  double top_s = 0;         ///< since the capture's first sample, reference time base
  std::uint32_t turns = 0;  ///< crank turns since the first judged top
  float extension_mm = 0;
  [[no_unique_address]] KeptFit fit;
  [[no_unique_address]] KeptForce force;  ///< of strokes that are averaged, if there is something to puncture
  bool whole = false;                     ///< one whole turn with a fit
  bool missed = false;                    ///< its peak stayed below the floor
  bool doubled = false;                   ///< it shares its period with another
  bool averaged() const { return !missed && !doubled; }
};
static_assert(sizeof(JudgedStroke) == 120);

/// A stroke that is not averaged and went deeper than any of those may. It counts as observed.
struct DeepStroke {
  double top_s = 0, extension_mm = 0;
};

/// A stroke that is averaged by its fit, and at its top went beyond that for a short time. So far counts as observed.
struct BriefTop {
  std::size_t averaged = 0;  ///< which of those
  double above_mm = 0;       ///< what its fit says
  double u_mm = 0;           ///< of one sample, which is the top then
};

/// All that the numbers of a setting are made from; no samples. What grows with the record are the strokes:
/// kKeptBytesPerStroke of each.
struct SettingAnalysis {
  SampleClock clock;
  std::uint64_t samples = 0;  ///< of the record
  double sample_rate_hz = 0;  ///< on the reference time base
  Motion motion;
  std::vector<std::uint64_t> tops;    ///< highest samples of all strokes of the capture, judged or not
  std::vector<float> top_heights_mm;  ///< theirs, by local parabolas; of a brief overshoot the highest sample
  std::size_t seen_strokes = 0;
  std::size_t strokes_after_stop = 0;
  std::vector<JudgedStroke> judged;
  double left_counts = 0;             ///< the largest u_left of their fits
  std::vector<std::size_t> averaged;  ///< indices into judged
  std::vector<DeepStroke> other_deep;
  std::vector<BriefTop> brief_tops;
  std::uint64_t missed = 0, doubled = 0, turns = 0;
  double noise_counts = 0;                 ///< position noise of one sample, from the fits' residuals
  double mean_u_top = 0, mean_u_time = 0;  ///< root mean square of the strokes' own, mm and s
  double working_stage_mm = 0;
  std::optional<double> surface_mm;  ///< z_u
  bool with_force = false;
  ForceScales scales;
  ContactDerivatives contact_derivatives;  ///< for budgets
  SettingTraces traces;                    ///< of the first segment
};

inline constexpr std::size_t kKeptBytesPerStroke = sizeof(JudgedStroke) + sizeof(std::uint64_t) + sizeof(float);

/// Refuses what cannot be judged and finds the strokes; errors as analyse_setting(). input.capture goes through a
/// StrokeStream, as it would have done while it was recorded.
Result<SettingAnalysis> analyse_strokes(const SettingInput& input);

/// All that analyse_setting() gives, from strokes that were found. Their traces are taken out of them.
SettingResult setting_result(const SettingInput& input, SettingAnalysis& analysis);
/// The setting's measurements, from strokes that were found.
std::vector<Measurement> measure_setting(const SettingInput& input, const SettingAnalysis& analysis);
/// Measurements of needle position and penetration; of forces and work; of starting and stopping.
void measure_depths(const SettingInput& input, const SettingAnalysis& analysis, std::vector<Measurement>& out);
void measure_forces(const SettingInput& input, const SettingAnalysis& analysis, std::vector<Measurement>& out);
void measure_timing(const SettingInput& input, const SettingAnalysis& analysis, std::vector<Measurement>& out);
void measure_latencies(const SettingInput& input, const SettingAnalysis& analysis, std::vector<Measurement>& out);

/// Periods between tops that are one turn apart, µs.
std::vector<double> whole_periods_us(const SettingAnalysis& analysis);

/// Uncertainty of the time from a command to an event in a capture: clock relation, its ageing, and the event itself.
std::vector<BudgetLine> latency_budget(const SampleClock& capture, double tick_hz, const ClockRelation& clock,
                                       const Calibrations& calibrations, double event_index, double half_width_samples);

/// Systematic lines of a position on z: the scale of the needle encoder acts from where the tips touched the plate,
/// that of the stage from there to the nose cone.
std::vector<BudgetLine> lines_of_extension(const ReferenceZero& zero, const Calibrations& calibrations, double z_mm,
                                           std::optional<double> temperature_c = {});

/// combined(lines_of_extension()) of many heights, of which the needle's scale alone makes another line.
class ExtensionUncertainty {
 public:
  ExtensionUncertainty(const ReferenceZero& zero, const Calibrations& calibrations);
  double at(double z_mm);

 private:
  const ReferenceZero& zero_;
  const Calibrations& calibrations_;
  std::vector<BudgetLine> lines_;
};

/// Hysteresis that tells turning points of a capture from noise, counts.
std::int32_t turning_hysteresis(const Motion& motion, double mm_per_count);
/// Height of a cycle's top on z by a local parabola (within 1 um), for strokes whose speed changes, or of its highest
/// sample where it overshoots that; mm.
double height_of_top(std::span<const std::int32_t> position, const RawCycle& cycle, double mm_per_count,
                     double needle_zero_mm);

/// Standard uncertainty of one stroke's penetration (or extension if there is none), mm: systematic and its own noise.
double stroke_uncertainty(const SettingInput& input, const SettingAnalysis& analysis);

/// A measurement of this setting without a number yet.
Measurement setting_measurement(const SettingInput& input, const char* measurand, const char* unit);

}  // namespace penrig
