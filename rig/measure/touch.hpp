#pragma once

#include <span>

#include "rig/base/result.hpp"
#include "rig/measure/capture.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// The tare: the mean raw count of an unloaded cell.
struct Tare {
  double zero_counts = 0;
  double u_counts = 0;      ///< standard uncertainty of the mean
  double noise_counts = 0;  ///< sd of one sample
  /// The needle encoder showed two neighbouring counts at most: so little noise may rest on one.
  bool needles_quiet{false};
};
/// capture: the pen touches nothing. Errc::gap_in_record, ::saturated, ::too_few_strokes never; ::bad_data when empty.
Result<Tare> tare(const Capture& capture, const Calibrations& calibrations);

/// One touch: where along the axial stage contact began.
struct Touch {
  double stage_mm = 0;           ///< axial stage reading at contact (raw scale, no zero)
  double needle_reading_mm = 0;  ///< mean needle encoder reading while it was held (raw scale, no zero)
  double u_mm = 0;               ///< standard uncertainty of stage_mm from noise
  double force_n = 0;            ///< largest force of the touch
  double stage_by_give_n{};      ///< derivative of stage_mm by the compliance that was taken out, mm/(mm/N)
  double kappa{};                ///< of the law that was fitted, N/mm^m; nothing that is measured comes from it
  bool touched{true};            ///< false: somebody says where the surface is, and no law of contact found it
};
/// What meets what is touched. The tips give way, and the frame that holds them; the nose cone is what the reading of
/// the stage is about, and gives way to nothing that a needle is measured by.
enum class Touching { tips, nose };
/// Fits kappa (a - a_c)^m to a quasi-static approach (<= 1 mm/s); m = 1 for the plate, the simulant's m otherwise.
/// Compliance of tips, frame and cell under the touch force is taken out, of the nose cone the cell's alone.
/// Errc::not_determined when no contact is in the capture, the load cell did not rest before it and after the stage
/// went back, or the force on something soft does not follow the law (the tips punctured it); ::gap_in_record,
/// ::saturated.
/// @param capture  the approach, up to where the stage stands nearest to the pen, and the retraction.
Result<Touch> fit_touch(const Capture& capture, const Tare& tare, const Calibrations& calibrations, double exponent,
                        Touching by = Touching::tips);

/// Zero of z: from touches of nose cone and of tips on the reference plate.
struct ReferenceZero {
  double needle_zero_mm = 0;  ///< needle encoder reading (raw scale) at z = 0
  double nose_stage_mm = 0;   ///< axial stage reading at which the plate meets the nose cone
  double u_mm = 0;  ///< standard uncertainty of needle_zero_mm: s/sqrt(n) of both, and touch force x compliance
  double nu = 0;    ///< degrees of freedom
  std::size_t repeats = 0;
  double tip_extension_mm = 0;  ///< how far the tips were out when they touched; scales of both encoders meet there
};
/// Needs >= 2 of each. tips: held out by jog, needle_reading_mm taken then.
Result<ReferenceZero> reference_zero(std::span<const Touch> nose, std::span<const Touch> tips,
                                     const Calibrations& calibrations);

}  // namespace penrig
