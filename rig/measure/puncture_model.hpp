#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

#include "rig/measure/cell_response.hpp"
#include "rig/measure/contact_fit.hpp"
#include "rig/measure/puncture_fit.hpp"

namespace penrig {

/// F = kappa min(x, x_p)^m - a s - b s^2, s = x - x_p behind the corner; x from the contact on.
struct Corner {
  double kappa = 0;     ///< N / mm^m
  double at_mm = 0;     ///< x_p
  double a = 0, b = 0;  ///< N / mm, N / mm^2
  double force_n(double m) const { return kappa * contact_power(at_mm, m); }
  /// How far behind the corner the force is highest: 0 unless it rises on there. Infinite where it never falls.
  double beyond_mm() const {
    if (a >= 0) return 0;
    return b > 0 ? -a / (2 * b) : std::numeric_limits<double>::infinity();
  }
  /// How much higher than at the corner it is there, where it falls at all; N.
  double gain_n() const { return a < 0 && b > 0 ? a * a / (4 * b) : 0; }
};

/// Normal equations for kappa, x_p, a and b (in this order), over the samples that count.
struct CornerSums {
  static constexpr std::size_t kUnknowns = 4;
  using Matrix = std::array<std::array<double, kUnknowns>, kUnknowns>;
  Matrix normal{};
  std::array<double, kUnknowns> right{};
  double squares = 0;  ///< of what is left, N^2
  std::size_t n = 0, behind = 0;

  CornerSums& operator+=(const CornerSums& other);
};

/// Of these what a stroke's own corner takes: normal[1][1] and right[1].
struct CornerStep {
  double normal = 0, right = 0;
};

/// What the strokes of a pool say of a corner.
class PunctureModel {
 public:
  virtual ~PunctureModel() = default;
  /// Of the samples those count from now on that have from_mm < x <= to_mm.
  virtual void look_between(double from_mm, double to_mm) = 0;
  /// Over all strokes, with one corner.
  virtual CornerSums of_all(const Corner& corner) const = 0;
  /// own_mm: how much farther the stroke's own corner lies than the pool's.
  virtual CornerSums of(std::size_t stroke, const Corner& corner, double own_mm) const = 0;
  /// Part of the same sums, with the same bits.
  virtual CornerStep step_of(std::size_t stroke, const Corner& corner, double own_mm) const {
    const CornerSums sums = of(stroke, corner, own_mm);
    return {sums.normal[1][1], sums.right[1]};
  }
};

/// @param strokes  must outlive the model.
/// @param least_mm, most_mm  no corner will count samples nearer to the contact, or farther from it.
/// @param exponent, response, sample_rate_hz  as for fit_punctures().
std::unique_ptr<PunctureModel> make_puncture_model(std::span<const PunctureSearch> strokes, double least_mm,
                                                   double most_mm, double exponent, const CellResponse& response,
                                                   double sample_rate_hz);

}  // namespace penrig
