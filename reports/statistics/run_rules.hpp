#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace penrig::statistics {

/// Patterns of a Shewhart chart, after Nelson, J. Qual. Technol. 16 (1984), in his order.
enum class RunRule : std::uint8_t {
  beyond_three,     ///< 1: one point beyond 3 sigma
  one_side,         ///< 2: so many in a row on one side of the centre
  trend,            ///< 3: six in a row, each above (or each below) the one before
  alternating,      ///< 4: fourteen in a row, up and down in turn
  two_of_three,     ///< 5: two of three beyond 2 sigma on one side
  four_of_five,     ///< 6: four of five beyond 1 sigma on one side
  close_to_centre,  ///< 7: fifteen in a row within 1 sigma
  far_from_centre,  ///< 8: eight in a row beyond 1 sigma, of either side
};
inline constexpr std::size_t kRunRules = 8;

/// Which patterns count. Beyond is strictly beyond; a point at the centre belongs to no side, equal neighbours to no
/// trend. A pattern is told at the point that completes it and at every further one that continues it; a rule of k of m
/// only at a point that is itself beyond.
struct RuleSet {
  std::string name;
  std::uint32_t rules = 0;  ///< bit by bit, as RunRule counts
  unsigned side_run = 9;    ///< how many on one side
  bool has(RunRule r) const { return (rules >> static_cast<unsigned>(r) & 1U) != 0; }
};
/// Points beyond the limits alone.
RuleSet limits_only();
/// Western Electric, "Statistical Quality Control Handbook" (1956): rules 1, 5, 6 of the list above and eight on a
/// side.
RuleSet western_electric();
/// All eight, nine on a side.
RuleSet nelson();
/// "eight in a row on one side of the centre".
std::string text_of(RunRule rule, const RuleSet& set);

/// Watches standardised points as they come.
class RuleWatch {
 public:
  explicit RuleWatch(const RuleSet& set) : set_(set) {}
  /// z: the point's distance from the centre in its own sigmas. @return the rules that it completes, bit by bit.
  std::uint32_t push(double z);
  /// Forgets what was before: a point is missing.
  void restart();

 private:
  RuleSet set_;
  double last_ = 0;
  bool has_last_ = false;
  int side_ = 0, direction_ = 0;
  unsigned on_side_ = 0, steps_ = 0, turns_ = 0, close_ = 0, far_ = 0;
  std::array<unsigned, 2> beyond_one_{}, beyond_two_{};  ///< above and below: the last points as bits
};

}  // namespace penrig::statistics
