#include "reports/budget_lines.hpp"

#include <bit>

#include "reports/bit_mix.hpp"
#include "reports/same_bits.hpp"

namespace penrig {
namespace {

/// Of what tells lines apart at once: most have a u of their own.
std::size_t hash_of(const BudgetLine& line) {
  const std::uint64_t of_u = mixed(std::bit_cast<std::uint64_t>(line.u));
  return static_cast<std::size_t>(mixed(of_u ^ std::bit_cast<std::uint64_t>(line.sensitivity) ^ line.source.size()) >>
                                  32U);
}

}  // namespace

std::size_t BudgetLines::number_of(const BudgetLine& line) {
  constexpr std::size_t kFewest = 64;  // a power of two, as all sizes of the table
  const auto place_of = [this](const BudgetLine& wanted) {
    std::size_t at = hash_of(wanted) & (slots_.size() - 1);
    while (slots_[at] != 0 && !same_bits(*lines_[slots_[at] - 1], wanted)) at = (at + 1) & (slots_.size() - 1);
    return at;
  };
  if (slots_.size() < 2 * (lines_.size() + 1)) {
    slots_.assign(slots_.empty() ? kFewest : 2 * slots_.size(), 0);
    for (std::uint32_t number = 0; const BudgetLine* known : lines_) slots_[place_of(*known)] = ++number;
  }
  std::uint32_t& slot = slots_[place_of(line)];
  if (slot == 0) {
    lines_.push_back(&line);
    slot = static_cast<std::uint32_t>(lines_.size());
  }
  return slot - 1;
}

}  // namespace penrig
