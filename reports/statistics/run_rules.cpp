#include "reports/statistics/run_rules.hpp"

#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace penrig::statistics {

namespace {

constexpr std::uint32_t bit(RunRule r) { return 1U << static_cast<unsigned>(r); }

/// Nelson's numbers of points.
constexpr unsigned kTrendSteps = 5, kAlternatingTurns = 12, kClose = 15, kFar = 8;

int sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

}  // namespace

RuleSet limits_only() { return {"limits", bit(RunRule::beyond_three), 9}; }

RuleSet western_electric() {
  return {"Western Electric",
          bit(RunRule::beyond_three) | bit(RunRule::one_side) | bit(RunRule::two_of_three) | bit(RunRule::four_of_five),
          8};
}

RuleSet nelson() { return {"Nelson", (1U << kRunRules) - 1, 9}; }

std::string text_of(RunRule rule, const RuleSet& set) {
  switch (rule) {
    case RunRule::beyond_three:
      return "beyond the limit";
    case RunRule::one_side:
      return fmt::format("{} in a row on one side of the centre", set.side_run == 8 ? "eight" : "nine");
    case RunRule::trend:
      return "six in a row rising or falling";
    case RunRule::alternating:
      return "fourteen in a row up and down";
    case RunRule::two_of_three:
      return "two of three beyond 2 σ on one side";
    case RunRule::four_of_five:
      return "four of five beyond 1 σ on one side";
    case RunRule::close_to_centre:
      return "fifteen in a row within 1 σ";
    case RunRule::far_from_centre:
      return "eight in a row beyond 1 σ";
  }
  return {};
}

void RuleWatch::restart() { *this = RuleWatch(set_); }

std::uint32_t RuleWatch::push(double z) {
  const double distance = std::abs(z);
  std::uint32_t found = 0;
  if (distance > 3) found |= bit(RunRule::beyond_three);

  on_side_ = sign(z) == side_ && side_ != 0 ? on_side_ + 1 : 1;
  side_ = sign(z);
  if (side_ != 0 && on_side_ >= set_.side_run) found |= bit(RunRule::one_side);

  const int direction = has_last_ ? sign(z - last_) : 0;
  steps_ = direction == 0 ? 0 : direction == direction_ ? steps_ + 1 : 1;
  turns_ = direction != 0 && direction == -direction_ ? turns_ + 1 : 0;
  direction_ = direction;
  last_ = z;
  has_last_ = true;
  if (steps_ >= kTrendSteps) found |= bit(RunRule::trend);
  if (turns_ >= kAlternatingTurns) found |= bit(RunRule::alternating);

  for (std::size_t side = 0; side < 2; ++side) {
    const double out = side == 0 ? z : -z;
    beyond_two_[side] = (beyond_two_[side] << 1 | (out > 2 ? 1U : 0U)) & 0b111U;
    beyond_one_[side] = (beyond_one_[side] << 1 | (out > 1 ? 1U : 0U)) & 0b11111U;
    if (out > 2 && std::popcount(beyond_two_[side]) >= 2) found |= bit(RunRule::two_of_three);
    if (out > 1 && std::popcount(beyond_one_[side]) >= 4) found |= bit(RunRule::four_of_five);
  }

  close_ = distance < 1 ? close_ + 1 : 0;
  far_ = distance > 1 ? far_ + 1 : 0;
  if (close_ >= kClose) found |= bit(RunRule::close_to_centre);
  if (far_ >= kFar) found |= bit(RunRule::far_from_centre);
  return found & set_.rules;
}

}  // namespace penrig::statistics
