#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/spec/text_place.hpp"

namespace penrig {

/// Date as YYYY-MM-DD in UTC; whole days since 1970-01-01.
struct CivilDate {
  std::int64_t days = 0;
  std::string text;
};

/// A calibrated factor with its standard uncertainty.
struct Factor {
  double value = 0;
  double u = 0;  ///< standard uncertainty, same unit
  double nu{};   ///< degrees of freedom of u; 0 = infinite
  /// The part of u that comes from a reference standard which other factors may have in common; same unit, at most u.
  double u_standard{};
  std::string standard{};  ///< which one, "LASER-7"; empty: none
};

/// One calibration certificate's head.
struct CalibrationHead {
  std::string id;
  CivilDate date, due;
};

/// All that turns counts into numbers. Units in the names.
struct Calibrations {
  CalibrationHead head;    ///< one certificate for the set; single ones come with `penrig calibrate`
  std::string fixture_id;  ///< of the DAQ that they belong to
  Factor position_mm_per_count, force_n_per_count, stage_mm_per_count;
  Factor time_base_ppm;   ///< device clock is fast by this
  Factor force_delay_us;  ///< force lags position by this
  Factor tip_um_per_n, frame_um_per_n, cell_um_per_n;
  Factor reciprocating_mass_g, plate_mass_g;
  double cell_resonance_hz = 0;
  double cell_damping = 0;    ///< of that resonance; 0 = its response is not calibrated, and taken as ideal
  double cell_corner_hz = 0;  ///< a cell of first order instead: where its gain has fallen by 3 dB; 0 = it is none
  double tilt_u_um = 0;       ///< standard uncertainty of depth from tilt, Abbe and cosine
  /// Half-width of the encoders' sub-divisional error, and where the position channel's gain has fallen by 3 dB (first
  /// order); 0: not stated, and no line in a budget.
  double position_sde_um{}, stage_sde_um{}, position_bandwidth_hz{};
  std::int32_t force_min_counts = 0, force_max_counts = 0;  ///< range; at or beyond is saturation
  std::int32_t position_min_counts = 0, position_max_counts = 0;
  /// Temperature at which the scales were calibrated, and how they change with it: at T a count is
  /// (1 + 1e-6 ppm_per_k (T - temperature_c)) times as much. A coefficient without value and u: none is stated.
  std::optional<double> temperature_c{};
  Factor position_ppm_per_k{}, force_ppm_per_k{}, stage_ppm_per_k{};
  /// What the scales would be by their data sheets alone; unset: not stated. Measured with only to show what
  /// calibrating them changed.
  std::optional<double> position_nominal_mm_per_count{}, force_nominal_n_per_count{}, stage_nominal_mm_per_count{};
  /// Calibrations that must be filed in the record store and in force, by name: "load-cell", "encoder:stage". The
  /// description's own factor does not do for these.
  std::vector<std::string> required{};
};

struct SimulantDescription {
  std::string lot;
  std::string sheet = "1";        ///< identity of the sheet that is clamped in now, where the slot does not say
  double contact_exponent = 1.5;  ///< m of F = kappa (z - z_c)^m
  double nominal_stiffness = 6;   ///< kappa, N/mm^m: tells what a touch may feel
};

struct StageDescription {
  std::uint32_t spot_rows = 0, spot_columns = 0;
  double spot_pitch_mm = 0, first_spot_x_mm = 0, first_spot_y_mm = 0;
  double plate_x_mm = 0, plate_y_mm = 0;  ///< reference plate
  double working_axial_mm = 0;            ///< where the simulant's surface lies at the nose cone, nominally
  double withdrawn_axial_mm = -8;         ///< safe position
  double plate_axial_mm = 0;              ///< where the plate meets the nose cone, nominally
  double axial_max_mm = 1;                ///< the DAQ's own travel limit
  double travel_speed_mm_per_s = 100;     ///< across and along, when nothing is near
  double touch_speed_mm_per_s = 1;
  double touch_force_n = 0.1;        ///< on the simulant
  double plate_touch_force_n = 1.0;  ///< on the plate
};

struct SlotDescription {
  std::string name;
  std::string pen_link, daq_link;      ///< URIs
  TextPlace pen_place{}, daq_place{};  ///< where they stand in the description
  std::string sheet{};                 ///< identity of the simulant sheet that is clamped in at this slot now
  std::string pen_ble_link{};          ///< a second link to the same pen; empty: none
  TextPlace pen_ble_place{};
};

/// Who tests, for the head of a certificate.
struct LaboratoryDescription {
  std::string name, address;  ///< empty: not said
};

/// A bench: what stands there and how it is wired.
struct RigDescription {
  std::string name;
  std::uint32_t revision = 0;
  bool simulated = false;
  std::vector<SlotDescription> slots;
  StageDescription stage;
  SimulantDescription simulant;
  std::string cartridge_lot;
  std::uint32_t cartridge_needles = 0;
  LaboratoryDescription laboratory{};
  Calibrations calibrations;
  double over_force_n = 5;     ///< interlock, on the host and in the DAQ
  double over_depth_mm = 3.0;  ///< interlock: extension beyond this trips
  double temperature_min_c = 15, temperature_max_c = 35;
  std::uint32_t stages_at_once = 0;  ///< so many may move at a time, by their common supply; 0: all
};

}  // namespace penrig
