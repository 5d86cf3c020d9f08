#pragma once

#include <string>

#include "rig/record/measurement.hpp"

namespace penrig::html {

/// The budget of one measurement, largest line first: what the input is, with its unit and u, how it reaches the
/// result, and its share. Lines of one cause carry a letter, which the note below explains. Empty where the lines
/// amount to nothing. `title` is markup.
///
/// Shares are of u² and add to 100 %: a line's signed contribution times the sum of its cause, so that one that another
/// cancels has less than nothing.
std::string budget_table(const Measurement& measurement, const std::string& title);

}  // namespace penrig::html
