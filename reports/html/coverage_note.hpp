#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/html/run_view.hpp"

namespace penrig::html {

/// What holds for several, said once: the commonest value alone, behind it those of the others by their names:
/// "2.00; S1, S3: 1.65". Pairs of name and value; not escaped.
std::string said_once(const std::vector<std::pair<std::string, std::string>>& named);

/// "k = 2.00; S1, S3: 1.65" of the values that a table shows, each with the name that it has there; empty where none
/// has a U. Not escaped.
std::string coverage_factors(const std::vector<std::pair<std::string, const Measurement*>>& shown);

/// Those of all decisions on a requirement, by its id.
std::vector<std::pair<std::string, const Measurement*>> of_requirement(const RunView& view, const RequirementView& r);

/// Those of one measurand at every setting, by the name given.
std::vector<std::pair<std::string, const Measurement*>> at_settings(const RunView& view, std::string_view measurand,
                                                                    const std::string& name);

}  // namespace penrig::html
