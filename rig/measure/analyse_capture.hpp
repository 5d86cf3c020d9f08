#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rig/measure/corrections.hpp"
#include "rig/measure/monte_carlo.hpp"
#include "rig/measure/sampling.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// Columns of a capture from anywhere, already in s, mm and N; all of one length, and finite. A channel that is not
/// there is empty; at least position or force is there.
struct CaptureData {
  std::span<const double> time_s, position_mm, force_n;
  int position_exponent = 0, force_exponent = 0;                   ///< of ten: what was written is in so many mm or N
  double time_step_s = 0, position_step_mm = 0, force_step_n = 0;  ///< what their digits show; 0: finer than matters
  double rate_hz = 0;                                              ///< where there are no stamps
};

/// What a person says about it.
struct CaptureOptions {
  std::optional<double> depth_mm, rate_per_min;  ///< the setting
  std::optional<double> surface_mm;              ///< z of the undisturbed surface: penetration from it
  std::optional<double> delay_us;                ///< force lags position
  std::optional<double> frame_um_per_n;          ///< give under load that the encoder does not see
  std::optional<double> cell_hz;       ///< of the load cell: where its gain has fallen by 3 dB (first order), or with
  std::optional<double> cell_damping;  ///< a damping its resonance with what hangs on it (second order)
  std::optional<double> contact_exponent;          ///< of the simulant, 1.5 for Hertz
  const RigDescription* rig = nullptr;             ///< calibrations with their u; what is said above goes before them
  std::optional<double> temperature_c{};           ///< of the bench, for the rig's coefficients
  WithoutCorrections without{};                    ///< switched off, to see what they do
  std::optional<MonteCarloOptions> monte_carlo{};  ///< check U by redrawing the inputs
};

/// One stroke, by the file's own time.
struct CaptureStroke {
  double top_s = 0;
  std::optional<double> period_us;  ///< to the next top
  std::optional<double> extension_mm, penetration_mm, penetration_contact_mm, contact_mm;
  std::optional<double> contact_speed_mm_per_s, dwell_us;
  std::optional<double> peak_force_n, puncture_force_n, withdrawal_force_n, insertion_work_mj, dissipated_work_mj;
  bool averaged = true;  ///< false: missed or double
  bool missed = false, doubled = false;
};

struct CaptureAnalysis {
  Sampling sampling;
  double rate_per_min = 0;         ///< of the setting if it was said, else the median
  std::optional<double> depth_mm;  ///< of the setting if it was said, else the median height of the tops
  bool rate_is_set = false, depth_is_set = false;
  std::size_t strokes_seen = 0;
  std::vector<Measurement> measurements;  ///< those without a value say in their note why; a measurement carries
                                          ///< depth_mm or rate_per_min only if it was said
  std::vector<CaptureStroke> strokes;
  std::vector<StrokeRow> rows;  ///< the same for decide() and for reports; times from the first row
  SettingTraces traces;
  std::vector<Correction> corrections;       ///< as list_corrections(), of what a capture can be corrected for
  std::vector<MonteCarloCheck> monte_carlo;  ///< if it was asked for
  std::vector<std::string> warnings;
  std::map<std::string, double> values;
};

/// Measures a capture by the estimators that certify (analyse_setting()); z has the file's own zero. All whole strokes
/// at speed are judged: those that the capture cuts off, and those of running up and braking, are left out. Without a
/// position only stroke rate, jitter and peak force; without a force no penetration.
CaptureResult<CaptureAnalysis> analyse_capture(const CaptureData& data, const CaptureOptions& options);

}  // namespace penrig
