#include "reports/html/coverage_note.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/number_format.hpp"

namespace penrig::html {

std::string said_once(const std::vector<std::pair<std::string, std::string>>& named) {
  struct Group {
    std::string value, names;
    std::size_t count = 0;
  };
  std::vector<Group> groups;
  for (const auto& [name, value] : named) {
    auto at = std::ranges::find(groups, value, &Group::value);
    if (at == groups.end()) at = groups.insert(groups.end(), {value, "", 0});
    at->names += (at->names.empty() ? "" : ", ") + name;
    ++at->count;
  }
  if (groups.empty()) return "";
  std::ranges::stable_sort(groups, std::ranges::greater{}, &Group::count);
  std::string text = groups.front().value;
  for (std::size_t i = 1; i < groups.size(); ++i) text += "; " + groups[i].names + ": " + groups[i].value;
  return text;
}

std::string coverage_factors(const std::vector<std::pair<std::string, const Measurement*>>& shown) {
  struct Range {
    std::string name;
    double low, high;
  };
  std::vector<Range> ranges;
  for (const auto& [name, m] : shown) {
    if (m == nullptr || !m->value || !(m->expanded_u > 0) || !(m->k > 0) || !std::isfinite(m->k)) continue;
    const auto at = std::ranges::find(ranges, name, &Range::name);
    if (at == ranges.end()) {
      ranges.push_back({name, m->k, m->k});
    } else {
      at->low = std::min(at->low, m->k);
      at->high = std::max(at->high, m->k);
    }
  }
  std::vector<std::pair<std::string, std::string>> named;
  for (const Range& r : ranges) {
    const std::string low = format_number(r.low, 2), high = format_number(r.high, 2);
    named.emplace_back(r.name, low == high ? low : fmt::format("{} to {}", low, high));
  }
  return named.empty() ? "" : "k = " + said_once(named);
}

std::vector<std::pair<std::string, const Measurement*>> of_requirement(const RunView& view, const RequirementView& r) {
  std::vector<std::pair<std::string, const Measurement*>> all;
  for (const std::size_t d : r.decisions) all.emplace_back(r.id, view.measured(view.run.outcome.decisions[d]));
  return all;
}

std::vector<std::pair<std::string, const Measurement*>> at_settings(const RunView& view, std::string_view measurand,
                                                                    const std::string& name) {
  std::vector<std::pair<std::string, const Measurement*>> all;
  for (const SettingView& s : view.settings) all.emplace_back(name, s.find(measurand));
  return all;
}

}  // namespace penrig::html
