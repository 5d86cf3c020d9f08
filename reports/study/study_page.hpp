#pragma once

#include <string>
#include <vector>

#include "reports/study/study_table.hpp"

namespace penrig {

/// A part of a page: plots under a heading, or tables with their plots.
struct StudySection {
  std::string id, title;
  std::string markup;
};

/// A figure with its caption; `light` says what else, such as n.
std::string study_figure(const std::string& title, const std::string& light, const std::string& drawing);
std::string study_table_html(const StudyTable& table);

/// One self-contained page: verdict, lead, tables, sections, method.
std::string study_page(const StudySummary& summary, const std::vector<StudySection>& sections);

}  // namespace penrig
