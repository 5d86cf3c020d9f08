#pragma once

#include <span>
#include <vector>

#include "rig/base/random.hpp"
#include "rig/measure/monte_carlo.hpp"
#include "rig/measure/setting.hpp"

namespace penrig {

/// A setting as it would have been measured with other calibrations: reference zero and touch are made anew from their
/// readings. `calibrations` is filled, and the returned input refers to it.
SettingInput with_calibrations(const SettingInput& input, const Calibrations& other, Calibrations& calibrations);

/// The same with every input drawn from its stated distribution: factors (with what they have in common by a reference
/// standard), tare, reference zero and touch. u of the drawn calibrations are 0: nobody asks for budgets.
SettingInput redrawn(const SettingInput& input, Random& random, Calibrations& calibrations);

/// Checks U of a setting's measurements by Monte Carlo (JCGM 101): in every trial the inputs are drawn anew and put
/// through analyse_setting()'s own functions, and what a budget holds beside them (noise, repeatability, laws of
/// contact, ...) is drawn from its lines. The value and U that it is held against are those of `measurements`.
///
/// Left out: counts, texts, tolerance intervals (their U is that of the mean), and what has no value.
/// @return in the order of `measurements`.
std::vector<MonteCarloCheck> monte_carlo(const SettingInput& input, std::span<const Measurement> measurements,
                                         const MonteCarloOptions& options);

}  // namespace penrig
