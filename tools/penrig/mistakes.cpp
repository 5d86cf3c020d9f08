#include "tools/penrig/mistakes.hpp"

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "rig/spec/did_you_mean.hpp"
#include "rig/spec/measurand.hpp"
#include "rig/spec/utf8.hpp"

namespace penrig::cli {

Mistake option_mistake(std::string option, std::string message) {
  Mistake m;
  m.file = std::move(option);
  m.message = std::move(message);
  return m;
}

void check_measurand(const std::string& name, std::vector<Mistake>& mistakes) {
  if (name.empty() || name.starts_with(kAnswerPrefix) || find_measurand(name) != nullptr) return;
  std::vector<std::string_view> known;
  for (const MeasurandInfo& info : measurands()) known.push_back(info.id);
  const auto meant = did_you_mean(name, known);
  mistakes.push_back(option_mistake(
      "--measurand", fmt::format("unknown measurand '{}' ({})", penrig::shown(name),
                                 meant ? fmt::format("did you mean '{}'?", *meant)
                                       : "rig/MEASURANDS.md lists them; a prompt's answer is answer:NAME")));
}

void add_new(std::vector<Mistake>& all, const std::vector<Mistake>& more) {
  using What = std::tuple<std::string, int, int, std::string>;
  const auto what = [](const Mistake& m) { return What(m.file, m.line, m.column, m.message); };
  std::set<What> known;
  for (const Mistake& mistake : all) known.insert(what(mistake));
  for (const Mistake& mistake : more) {
    if (known.insert(what(mistake)).second) all.push_back(mistake);
  }
}

}  // namespace penrig::cli
