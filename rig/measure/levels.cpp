#include "rig/measure/levels.hpp"

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

constexpr std::size_t kAtOnce = 2 * kLanes;

/// Of a level.
enum class Side { below, not_above, not_below };
template <Side kSide, class Value>
[[gnu::always_inline]] inline auto lies(const Value& x, double level) {
  if constexpr (kSide == Side::below) return x < level;
  if constexpr (kSide == Side::not_above) return x <= level;
  if constexpr (kSide == Side::not_below) return x >= level;
}

/// Whether one of sixteen lies there: the lowest of them, or the highest.
template <Side kSide>
[[gnu::always_inline]] inline bool is_any(const double* values, double level) {
  const Eight a = eight_at(values), b = eight_at(values + kLanes);
  const Eight of_two = kSide == Side::not_below ? larger(a, b) : smaller(a, b);
  const Four low = of_two.low, high = of_two.high;
  const Four of_four = kSide == Side::not_below ? (low > high ? low : high) : (low < high ? low : high);
  const auto is = lies<kSide>(of_four, level);
  return (is[0] | is[1] | is[2] | is[3]) != 0;
}

template <Side kSide>
[[gnu::always_inline]] inline std::size_t none_until(const double* values, std::size_t from, std::size_t n,
                                                     double level) {
  while (from + kAtOnce <= n && !is_any<kSide>(values + from, level)) from += kAtOnce;
  while (from < n && !lies<kSide>(values[from], level)) ++from;
  return from;
}

PENRIG_EACH_PROCESSOR std::size_t first_of_not_below(const double* values, std::size_t from, std::size_t n,
                                                     double level) {
  return none_until<Side::not_below>(values, from, n, level);
}
PENRIG_EACH_PROCESSOR std::size_t first_of_below(const double* values, std::size_t from, std::size_t n, double level) {
  return none_until<Side::below>(values, from, n, level);
}
PENRIG_EACH_PROCESSOR std::size_t first_of_not_above(const double* values, std::size_t from, std::size_t n,
                                                     double level) {
  return none_until<Side::not_above>(values, from, n, level);
}

PENRIG_EACH_PROCESSOR std::size_t end_before_all_below(const double* values, std::size_t n, double level) {
  while (n >= kAtOnce && !is_any<Side::not_below>(values + n - kAtOnce, level)) n -= kAtOnce;
  while (n > 0 && !(values[n - 1] >= level)) --n;
  return n;
}

}  // namespace

std::size_t first_not_below(std::span<const double> values, std::size_t from, double level) {
  return first_of_not_below(values.data(), from, values.size(), level);
}

std::size_t first_below(std::span<const double> values, std::size_t from, double level) {
  return first_of_below(values.data(), from, values.size(), level);
}

std::size_t first_not_above(std::span<const double> values, std::size_t from, double level) {
  return first_of_not_above(values.data(), from, values.size(), level);
}

std::size_t end_of_not_below(std::span<const double> values, double level) {
  return end_before_all_below(values.data(), values.size(), level);
}

}  // namespace penrig
