#include "rig/measure/levels.hpp"

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

constexpr std::size_t kAtOnce = 2 * kLanes;

/// Whether one of sixteen is below the level, or is not: the lowest of them, or the highest.
template <bool kBelow>
[[gnu::always_inline]] inline bool is_any(const double* values, double level) {
  const Eight a = eight_at(values), b = eight_at(values + kLanes), furthest = kBelow ? smaller(a, b) : larger(a, b);
  const Four low = furthest.low, high = furthest.high;
  const auto is = kBelow ? (low < high ? low : high) < level : (low > high ? low : high) >= level;
  return (is[0] | is[1] | is[2] | is[3]) != 0;
}

PENRIG_EACH_PROCESSOR std::size_t all_below(const double* values, std::size_t from, std::size_t n, double level) {
  while (from + kAtOnce <= n && !is_any<false>(values + from, level)) from += kAtOnce;
  return from;
}

PENRIG_EACH_PROCESSOR std::size_t none_below(const double* values, std::size_t from, std::size_t n, double level) {
  while (from + kAtOnce <= n && !is_any<true>(values + from, level)) from += kAtOnce;
  return from;
}

PENRIG_EACH_PROCESSOR std::size_t end_before_all_below(const double* values, std::size_t n, double level) {
  while (n >= kAtOnce && !is_any<false>(values + n - kAtOnce, level)) n -= kAtOnce;
  return n;
}

}  // namespace

std::size_t first_not_below(std::span<const double> values, std::size_t from, double level) {
  from = all_below(values.data(), from, values.size(), level);
  while (from < values.size() && !(values[from] >= level)) ++from;
  return from;
}

std::size_t first_below(std::span<const double> values, std::size_t from, double level) {
  from = none_below(values.data(), from, values.size(), level);
  while (from < values.size() && !(values[from] < level)) ++from;
  return from;
}

std::size_t end_of_not_below(std::span<const double> values, double level) {
  std::size_t end = end_before_all_below(values.data(), values.size(), level);
  while (end > 0 && !(values[end - 1] >= level)) --end;
  return end;
}

}  // namespace penrig
