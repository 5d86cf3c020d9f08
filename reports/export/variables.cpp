#include "reports/export/variables.hpp"

#include <array>
#include <cctype>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace penrig {
namespace {

std::string variable_name(const Measurement& m) {
  std::string name = m.measurand + unit_suffix(m.unit);
  if (m.link == PenLink::ble) name += " over BLE";
  if (m.depth_mm || m.rate_per_min) name += ' ';
  if (m.depth_mm) name += fmt::format("{}", *m.depth_mm);
  if (m.rate_per_min) name += fmt::format("@{}", *m.rate_per_min);
  return name;
}

}  // namespace

std::string unit_suffix(const std::string& unit) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kKnown{{{"", ""},
                                                                                         {"1", ""},
                                                                                         {"mm", "_mm"},
                                                                                         {"µm", "_um"},
                                                                                         {"N", "_n"},
                                                                                         {"ms", "_ms"},
                                                                                         {"µs", "_us"},
                                                                                         {"1/min", "_per_min"},
                                                                                         {"mm/s", "_mm_per_s"},
                                                                                         {"%", "_percent"},
                                                                                         {"dBm", "_dbm"}}};
  for (const auto& [known, suffix] : kKnown) {
    if (unit == known) return std::string(suffix);
  }
  std::string suffix = "_";
  for (const char c : unit) suffix += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return suffix;
}

std::vector<Variable> variables_of(const RunRecord& run) {
  std::vector<Variable> all;
  std::map<std::string, std::size_t> seen;
  const auto add = [&](const Measurement& m) {
    std::string name = variable_name(m);
    if (const std::size_t again = ++seen[name]; again > 1) name += fmt::format(" ({})", again);
    all.push_back({std::move(name), &m, {}});
  };
  const RunOutcome& o = run.outcome;
  for (const Measurement& m : o.measurements) add(m);
  if (o.measurements.empty()) {
    for (const PhaseRecord& p : run.phases) {
      for (const Measurement& m : p.measurements) add(m);
    }
  }
  const std::size_t measured = o.measurements.size();
  Variable none{"", nullptr, {}};
  for (const Decision& d : o.decisions) (d.measurement < measured ? all[d.measurement] : none).decisions.push_back(&d);
  if (!none.decisions.empty()) all.push_back(std::move(none));
  return all;
}

}  // namespace penrig
