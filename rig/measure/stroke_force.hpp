#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "rig/base/unset_vector.hpp"
#include "rig/measure/cell_response.hpp"
#include "rig/measure/cycle_fit.hpp"

namespace penrig {

/// What turns counts of one capture into forces and compliance-corrected positions.
struct ForceScales {
  double mm_per_count = 0, needle_zero_mm = 0;
  double n_per_count = 0, zero_counts = 0, noise_n = 0;
  double delay_samples = 0;   ///< force lags position by this
  double sample_rate_hz = 0;  ///< on the reference time base
  double tip_mm_per_n = 0, frame_mm_per_n = 0, cell_mm_per_n = 0;
  double reciprocating_mass_kg = 0;
  CellResponse cell;
  double contact_exponent = 1.5;
  double surface_guess_mm = 0;  ///< z where the surface is expected; some tenths of a mm off do not matter

  /// Noise of one sample of the needles' force, N: taking the cell's response out raises it.
  double needles_noise_n() const { return noise_n * ResponseInverse(cell, sample_rate_hz).noise_gain(); }
};

inline constexpr std::size_t kStrokesOfOneKappa = 50;  ///< a spot wears by a percent over so many

/// One stroke's force. q is the tips' position freed of compliance: q = z - c_tip F - c_frame R - c_cell F_cell, with F
/// the needles' force (cell minus baseline, its response taken out), R = F + m_r z'' the pen's reaction. Forces in N,
/// lengths in mm.
struct StrokeForce {
  double baseline_n = 0;  ///< mean cell force with the needles clear of the surface
  bool baseline_known = false;
  double top_mm = 0;  ///< largest q
  double force_at_top_n = 0, reaction_at_top_n = 0;
  double peak_n = 0, withdrawal_n = 0;
  std::optional<double> puncture_n;
  double peak_half_width_n = 0;        ///< what the sampling leaves open of the peak
  double puncture_half_width_n = 0;    ///< what two estimates of the corner, one high and one low, leave open
  double withdrawal_half_width_n = 0;  ///< what means over more or fewer samples leave open
  bool corner_unseen = false;          ///< the corner may lie so far above, and hardly below
  std::optional<double> contact_mm;    ///< q at which this stroke met the surface
  double u_contact_mm = 0;             ///< of it, from noise, with the pool's kappa
  double u_kappa_mm = 0;               ///< the part of it that all strokes of a pool share
  double contact_speed_mm_per_s = 0, dwell_us = 0;
  double contact_gradient_per_s = 0;  ///< by how much that speed changes along z
  double insertion_mj = 0, dissipated_mj = 0;
};

/// One cycle at force stamps: q and the needles' force, sample by sample.
struct ForceCycle {
  std::size_t first = 0;              ///< sample of the capture
  UnsetVector<double> q_mm, force_n;  ///< the needles' force, baseline taken off, the cell's response taken out
  UnsetVector<double> read_n;         ///< what the cell read, baseline taken off; empty if the cell is ideal
  double baseline_n = 0;
  bool baseline_known = false;
  std::size_t rise = 0;  ///< the samples before it are clear of the surface
  std::span<const double> as_read() const { return read_n.empty() ? force_n : read_n; }
};
using CycleVisitor = std::function<void(std::size_t stroke, const ForceCycle& cycle)>;

/// Evaluates every stroke's force against its fitted position. Force is never interpolated: the fitted z is evaluated
/// at force stamps minus the delay. The contact fit F = kappa (q - q_c)^m pools kappa over 50 neighbouring strokes.
///
/// @param force  counts of the capture that the fits belong to.
/// @param fits   cycles with a fit (harmonics > 0) inside the capture.
/// @param seen   called with every cycle as it is evaluated, in order, and which of the fits it is of.
/// @return one a fit, same order.
std::vector<StrokeForce> analyse_forces(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                        const ForceScales& scales, const CycleVisitor& seen = {});

/// The same of contacts alone: contact_*, dwell_us, insertion_mj and dissipated_mj have the same bits, what else a
/// stroke's force has is left out.
///
/// @param cycles  memory, which is used again: they have no other use before or after.
std::vector<StrokeForce> analyse_contacts(std::span<const std::int32_t> force, std::span<const CycleFit* const> fits,
                                          const ForceScales& scales, std::vector<ForceCycle>& cycles);

}  // namespace penrig
