#include "reports/same_bits.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace penrig {
namespace {

// A member that is added to one of these makes its binding here an error: none is forgotten.
auto members(const BudgetLine& line) {
  const auto& [source, type_a, distribution, u, nu, unit, value, u_input, sensitivity, cause] = line;
  return std::tie(u, sensitivity, value, u_input, nu, type_a, source, distribution, unit, cause);
}
auto members(const ToleranceInterval& interval) {
  const auto& [low, high, mean, s, k_factor, k_factor_low, u_sys] = interval;
  return std::tie(low, high, mean, s, k_factor, k_factor_low, u_sys);
}
auto members(const Measurement& m) {
  const auto& [measurand, unit, depth_mm, rate_per_min, link, value, text_value, expanded_u, low, high, k, nu_eff,
               realised, realised_u, n, n_eff, budget, interval, censored_high, strokes_beyond, note] = m;
  return std::tie(value, depth_mm, rate_per_min, link, expanded_u, measurand, unit, text_value, low, high, k, nu_eff,
                  realised, realised_u, n, n_eff, interval, censored_high, strokes_beyond, note, budget);
}

bool same(double a, double b) { return same_bits(a, b); }
bool same(bool a, bool b) { return a == b; }
bool same(PenLink a, PenLink b) { return a == b; }
bool same(std::uint64_t a, std::uint64_t b) { return a == b; }
bool same(const std::string& a, const std::string& b) { return a == b; }
template <class Members>
bool all_same(const Members& a, const Members& b);
bool same(const BudgetLine& a, const BudgetLine& b) { return all_same(members(a), members(b)); }
bool same(const ToleranceInterval& a, const ToleranceInterval& b) { return all_same(members(a), members(b)); }
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
bool same(const std::vector<BudgetLine>& a, const std::vector<BudgetLine>& b) {
  return std::ranges::equal(a, b, [](const BudgetLine& x, const BudgetLine& y) { return same(x, y); });
}

template <class Members>
bool all_same(const Members& a, const Members& b) {
  return std::apply(
      [&b](const auto&... of_a) {
        return std::apply([&](const auto&... of_b) { return (same(of_a, of_b) && ...); }, b);
      },
      a);
}

}  // namespace

bool same_bits(const BudgetLine& a, const BudgetLine& b) { return same(a, b); }
bool same_bits(const Measurement& a, const Measurement& b) { return all_same(members(a), members(b)); }
bool same_bits(const InputValue& a, const InputValue& b) {
  const auto* const number = std::get_if<double>(&a);
  const auto* const other = std::get_if<double>(&b);
  return number != nullptr && other != nullptr ? same(*number, *other) : a == b;
}

}  // namespace penrig
