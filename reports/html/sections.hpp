#pragma once

#include <string>

#include "reports/html/run_view.hpp"

/// The sections of a report in their order. Each gives a whole piece of HTML, or nothing where the run has nothing to
/// say.
namespace penrig::html {

/// Verdict, item and mark at the left, with links to the sections that are there.
std::string navigation(const RunView& view);
/// Void band, verdict, lead, identity.
std::string head(const RunView& view);
/// "PRO-000123 PASS, run R-000391", with the void word first; escaped.
std::string page_title(const RunView& view);
/// Style that gives every printed page its mark, what it is of, and its number.
std::string page_marks(const RunView& view);
/// What decided it; for ERROR, ABORTED and INTERRUPTED what happened and what to do.
std::string decided(const RunView& view);
std::string measurements(const RunView& view);
std::string distributions(const RunView& view);
/// Tabs and a panel a setting.
std::string settings(const RunView& view);
std::string depth_over_settings(const RunView& view);
std::string uncertainty(const RunView& view);
/// What was corrected, by how much, and what was not and why. A record that measured and does not say so says that.
std::string corrections(const RunView& view);
std::string timeline(const RunView& view);
std::string evidence(const RunView& view);

/// The plots of one setting.
std::string setting_panel(const RunView& view, std::size_t setting);

}  // namespace penrig::html
