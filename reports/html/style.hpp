#pragma once

#include <string_view>

namespace penrig::html {

/// The style sheet of a report, for the screen and for print.
std::string_view style_sheet();
/// Tabs: hides all panels but one once script runs; without script and in print all are shown.
std::string_view script();
/// Hatching that pictures refer to, once a page.
std::string_view patterns();

}  // namespace penrig::html
