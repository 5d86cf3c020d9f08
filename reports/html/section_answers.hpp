#pragma once

#include <string>

#include "reports/html/run_view.hpp"

namespace penrig::html {

/// What a person was asked, what was answered, by whom and when; nothing where nobody was asked.
std::string answers(const RunView& view);

}  // namespace penrig::html
