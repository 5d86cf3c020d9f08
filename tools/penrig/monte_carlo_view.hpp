#pragma once

#include <span>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "rig/measure/monte_carlo.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

/// A table: per measurement the interval by Monte Carlo beside value ± U, and whether they agree. Empty for no checks.
std::vector<Line> monte_carlo_text(const TerminalStyle& style, std::span<const MonteCarloCheck> checks);

/// One measurement's: {trials, failed, y, u, low, high, shortest, U_interval, tolerance, agrees, ...}; agrees is null
/// where the trials are too few to say.
nlohmann::ordered_json monte_carlo_json(const MonteCarloCheck& check);

}  // namespace penrig::cli
