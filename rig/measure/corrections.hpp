#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/base/result.hpp"
#include "rig/measure/touch.hpp"
#include "rig/record/run_record.hpp"
#include "rig/spec/rig_description.hpp"

namespace penrig {

/// Every systematic effect that a measured value is corrected for, in the order in which a record lists them.
enum class CorrectionKind : std::uint8_t {
  channel_delay,
  cell_response,
  frame_compliance,
  tip_compliance,
  cell_compliance,
  inertia,
  zero,
  scale,
  time_base,
  temperature,
};
inline constexpr std::size_t kCorrections = 10;

struct CorrectionInfo {
  CorrectionKind kind;
  std::string_view name;  ///< "channel-delay", as `--without` takes it
  std::string_view text;  ///< what is corrected, for a list
};
/// All of them, in the order of the enumeration.
std::span<const CorrectionInfo> all_corrections();

/// Those that somebody switched off, to see what they do. Nothing is judged to PASS so.
class WithoutCorrections {
 public:
  void add(CorrectionKind kind) { off_.set(static_cast<std::size_t>(kind)); }
  void remove(CorrectionKind kind) { off_.reset(static_cast<std::size_t>(kind)); }
  bool holds(CorrectionKind kind) const { return off_.test(static_cast<std::size_t>(kind)); }
  bool empty() const { return off_.none(); }
  std::string names() const;  ///< "channel-delay, inertia"

 private:
  std::bitset<kCorrections> off_;
};
/// Adds the correction of that name. Errc::usage with what was meant, and all names, if there is none.
Result<void> switch_off(WithoutCorrections& without, std::string_view name);
/// Whether these can be switched off for this rig: a scale without a nominal value has nothing to be replaced by.
/// Errc::usage says which, and what to do.
Result<void> can_be_without(const WithoutCorrections& without, const Calibrations& calibrations);

/// One entry of each kind, in order: what a measurement at this temperature is corrected for, by how much, and what it
/// is not corrected for, and why. Never fails: it is said also of a run that measured nothing.
std::vector<Correction> list_corrections(const Calibrations& calibrations, std::optional<double> temperature_c,
                                         const WithoutCorrections& without = {});

/// What numbers are made with, and what that says.
struct EffectiveCalibrations {
  /// Scales at the temperature of the measurement; 0, or the nominal value, where a correction is off. Uncertainties
  /// and temperature coefficients stay, so that U is what it is with the correction; but a mass that is left out is 0
  /// without u.
  Calibrations calibrations;
  std::vector<Correction> corrections;  ///< as list_corrections() gives them
};

/// The calibrations that a measurement at this temperature is made with. The one place where it is decided what is
/// corrected; every estimator is a function of what comes out of it.
///
/// @param temperature_c  of the bench during the measurement; none: not known.
/// @return Errc::calibration if coefficients of temperature are stated and the temperature is not known, or is not a
///         number; Errc::usage as can_be_without().
Result<EffectiveCalibrations> effective_calibrations(const Calibrations& calibrations,
                                                     std::optional<double> temperature_c,
                                                     const WithoutCorrections& without = {});

/// The same without the list, for whom asks with every touch.
Result<Calibrations> corrected_calibrations(const Calibrations& calibrations, std::optional<double> temperature_c,
                                            const WithoutCorrections& without);

/// A scale that was calibrated at another temperature than the others, as it would be at theirs. Nothing happens to a
/// factor that is no scale, or whose change with temperature is not stated.
/// @param key  "force_n_per_count", as the rig's description writes it.
void refer_to_temperature(Calibrations& calibrations, std::string_view key, double calibrated_at_c);

/// Whether a change with temperature is stated for any scale.
bool states_temperature(const Calibrations& calibrations);

/// Tare and reference zero, 0 where their correction is off. Their noise and uncertainty stay.
Tare effective_tare(const Tare& tare, const WithoutCorrections& without);
ReferenceZero effective_zero(const ReferenceZero& zero, const WithoutCorrections& without);

/// Where a correction was switched off nothing is a PASS: such a decision becomes INDETERMINATE with a reason that
/// names the correction, and verdict and deciding decision of the outcome follow. Nothing else changes.
void withhold_passes(RunOutcome& outcome, const WithoutCorrections& without);

/// "corrected: ...; not corrected: tip-compliance (not calibrated), ...".
std::string corrections_in_words(std::span<const Correction> corrections);

}  // namespace penrig
