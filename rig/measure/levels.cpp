#include "rig/measure/levels.hpp"

#include "rig/base/eight.hpp"

namespace penrig {

namespace {

/// Whether one of eight is below the level, or is not.
[[gnu::always_inline]] inline bool any(const double* values, double level, bool below) {
  const Eight x = eight_at(values);
  const auto is = below ? (x.low < level) | (x.high < level) : (x.low >= level) | (x.high >= level);
  return (is[0] | is[1] | is[2] | is[3]) != 0;
}

PENRIG_EACH_PROCESSOR std::size_t first_eight(const double* values, std::size_t from, std::size_t n, double level,
                                              bool below) {
  if (below) {
    while (from + kLanes <= n && !any(values + from, level, true)) from += kLanes;
  } else {
    while (from + kLanes <= n && !any(values + from, level, false)) from += kLanes;
  }
  return from;
}

PENRIG_EACH_PROCESSOR std::size_t end_of_eight(const double* values, std::size_t n, double level) {
  while (n >= kLanes && !any(values + n - kLanes, level, false)) n -= kLanes;
  return n;
}

}  // namespace

std::size_t first_not_below(std::span<const double> values, std::size_t from, double level) {
  from = first_eight(values.data(), from, values.size(), level, false);
  while (from < values.size() && !(values[from] >= level)) ++from;
  return from;
}

std::size_t first_below(std::span<const double> values, std::size_t from, double level) {
  from = first_eight(values.data(), from, values.size(), level, true);
  while (from < values.size() && !(values[from] < level)) ++from;
  return from;
}

std::size_t end_of_not_below(std::span<const double> values, double level) {
  std::size_t end = end_of_eight(values.data(), values.size(), level);
  while (end > 0 && !(values[end - 1] >= level)) --end;
  return end;
}

}  // namespace penrig
