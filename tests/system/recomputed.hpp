#pragma once

#include <string>

#include "reports/recompute/recompute.hpp"

namespace penrig::test {

/// What differs, what is missing; empty if all of the run is the same again.
std::string in_words(const Recomputation& recomputation);

}  // namespace penrig::test
