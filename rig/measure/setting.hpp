#pragma once

#include <optional>
#include <vector>

#include "rig/measure/capture.hpp"
#include "rig/measure/touch.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/product.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// Samples [from, to) of a capture.
struct SampleRange {
  std::size_t from = 0, to = 0;
};

/// What the pen says over one of its links.
struct PenReport {
  std::optional<PenLink> over{};           ///< none: recorded before that was kept
  std::optional<double> rate_per_min{};    ///< while running
  std::optional<std::uint64_t> strokes{};  ///< its count after minus before
};

/// Everything that one setting's numbers derive from. Nothing else enters: the same input gives the same bits.
struct SettingInput {
  const Capture* capture = nullptr;  ///< from before the start command until after the motion ended
  double tick_hz = 0;                ///< nominal, as the device says
  ClockRelation clock;
  Tare tare;
  ReferenceZero zero;                    ///< before the run; the thermal half-difference is added at the end of the run
  std::optional<Touch> surface;          ///< touch of this spot; none: only penetration_contact
  double tip_extension_at_touch_mm = 0;  ///< not used by the fit; needle_reading of the touch is
  std::vector<SampleRange> spoiled;      ///< samples that hold no reading: their strokes are never averaged
  std::optional<double> surface_guess_mm;  ///< z where contact is looked for when the spot was not touched; else 0
  double working_stage_reading_mm = 0;     ///< axial stage reading while puncturing (mean of the capture is used if 0)
  double depth_mm = 0, rate_per_min = 0;
  std::uint32_t settle_strokes = 0, strokes = 0, min_strokes = 30;
  double missed_floor_fraction = 0.5;
  std::optional<TimePoint> start_sent, stop_sent;  ///< when the commands left the host
  PenReport reported;                              ///< over the link that drives it
  std::optional<PenReport> watched;                ///< over another, where one looked on
  bool free_running = false;                       ///< nothing to puncture: no force, no penetration
  const Calibrations* calibrations = nullptr;      ///< effective ones (corrections.hpp): at temperature_c
  const SimulantDescription* simulant = nullptr;
  std::optional<double> temperature_c{};  ///< of the bench; none while coefficients are stated is an error
};

struct SettingResult {
  std::vector<Measurement> measurements;  ///< every setting-scope measurand that the input can give; those that cannot
                                          ///< be: value unset and note says why
  std::vector<StrokeRow> strokes;  ///< the judged ones, and any other of the capture that went deeper than those;
                                   ///< as deep as they were seen, however short a time that lasted
  SettingTraces traces;
  std::vector<std::string> warnings;
  std::map<std::string, double> values;  ///< surface_mm, contact_mm, noise_position_um, ...
};

/// Errors (a rig ERROR, no numbers at all): gap_in_record, saturated, no_motion (stuck encoder: the pen says it ran,
/// the encoder stood still), too_few_strokes, bad_data, calibration. Messages name the cause.
Result<SettingResult> analyse_setting(const SettingInput& input);

/// Link loss: time from `silent_since` to the end of motion. Censored when it never ended within the capture.
Result<Measurement> link_loss_stop(const Capture& capture, double tick_hz, const ClockRelation& clock,
                                   TimePoint silent_since, const Calibrations& calibrations);

/// Counts strokes as samples come, for progress and for ending a phase; not what certifies.
class StrokeCounter final : public SampleSink {
 public:
  /// position counts per mm, to know what motion is.
  explicit StrokeCounter(double mm_per_count);
  void samples(const SampleBlock& block) override;
  void gap(const std::string& reason) override;
  std::uint64_t strokes() const { return strokes_; }
  /// Seconds (device clock) since the needle last moved by more than 0.05 mm.
  double still_for_s(double tick_hz) const;
  bool gap_seen() const { return gap_seen_; }

 private:
  bool turns_nowhere(const Extremes& extremes, std::int64_t hysteresis);
  void count_turns(std::span<const std::int32_t> position, std::int64_t hysteresis);

  double mm_per_count_;
  std::uint64_t strokes_ = 0;
  bool gap_seen_ = false, above_ = false, first_ = true;
  std::int64_t low_ = 0, high_ = 0, still_at_ = 0;  ///< counts
  std::uint64_t last_tick_ = 0, moved_tick_ = 0;
};

/// Run-level measurands from all settings: depth_linearity, depth_hysteresis, rate_droop (needs the free run), sums.
/// thermal_growth_mm: needle zero after - before; it is added to every depth's U (in place), as half-width.
std::vector<Measurement> run_level(std::vector<PhaseRecord>& phases, std::optional<double> thermal_growth_mm);

}  // namespace penrig
