#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "rig/base/unset_vector.hpp"

namespace penrig {

/// Scales of what is read in a touch.
struct TouchScales {
  double mm_per_count = 1, n_per_count = 1;
  double zero_counts = 0;    ///< of the force
  double soft_mm_per_n = 0;  ///< gives way to it, and is taken off
};

/// An approach of the stage to a surface by groups of samples in a row: where each lay, and what it felt.
class TouchGroups {
 public:
  /// @param stage, force  counts, of as many samples, of which those that fill no group are left out.
  /// @param group         samples of one, > 0.
  TouchGroups(std::span<const std::int32_t> stage, std::span<const std::int32_t> force, std::size_t group,
              const TouchScales& scales);

  std::size_t size() const { return size_; }
  std::span<const double> at_mm() const { return std::span(at_mm_).first(size_); }
  std::span<const double> force_n() const { return std::span(force_n_).first(size_); }
  double largest_n() const { return largest_n_; }  ///< at least 0

 private:
  friend struct LawOfTouch;
  std::size_t size_;
  UnsetVector<double> at_mm_, force_n_;  ///< filled up to a whole four with what lies before everything
  double largest_n_ = 0;
};

/// Normal equations of the law of contact, for steps of kappa, contact and offset (0, 1, 2).
struct LawSums {
  double normal[3][3] = {};
  double left[3] = {};  ///< by what the force differs from the law
  double give[3] = {};  ///< by more give, which takes as much as the force off every position
  double touching_ss = 0;
  std::size_t touching = 0;  ///< groups
};

/// The force behind the contact, offset + kappa (x - contact)^exponent, and before it.
struct LawOfTouch {
  double exponent = 1, kappa = 0, contact_mm = 0, offset_n = 0;

  /// Of the groups that lie no farther out than from_mm, which is before the contact.
  LawSums sums(const TouchGroups& groups, double from_mm) const;
  /// What each group felt more than the law.
  UnsetVector<double> beside(const TouchGroups& groups) const;
};

/// The first that is no less than `least`; n if there is none.
std::size_t first_at_least(std::span<const std::int32_t> counts, std::int32_t least);

/// Of whole numbers: without rounding below 2^53.
double sum_of_counts(std::span<const std::int32_t> counts);

/// Sum and sum of squares, of what lies above the first.
struct SumsAboveFirst {
  double sum = 0, squares = 0;
};
SumsAboveFirst sums_above_first(std::span<const std::int32_t> counts);

/// |x[i] - 2 x[i + 1] + x[i + 2]|, two fewer than values.
UnsetVector<double> bends_of(std::span<const double> x);

}  // namespace penrig
