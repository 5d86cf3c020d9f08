#pragma once

#include <cstddef>
#include <span>

namespace penrig {

/// The first of the values from `from` on that is not below a level; one past the last if there is none.
std::size_t first_not_below(std::span<const double> values, std::size_t from, double level);
/// The first that is below it.
std::size_t first_below(std::span<const double> values, std::size_t from, double level);
/// The first that is not above it.
std::size_t first_not_above(std::span<const double> values, std::size_t from, double level);
/// One past the last that is not below it; 0 if there is none.
std::size_t end_of_not_below(std::span<const double> values, double level);

}  // namespace penrig
