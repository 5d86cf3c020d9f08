#include "tools/penrig/mistakes.hpp"

#include <algorithm>
#include <string_view>
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
  const auto same = [](const Mistake& a, const Mistake& b) {
    return a.file == b.file && a.line == b.line && a.column == b.column && a.message == b.message;
  };
  for (const Mistake& mistake : more) {
    if (std::ranges::none_of(all, [&](const Mistake& known) { return same(known, mistake); })) all.push_back(mistake);
  }
}

}  // namespace penrig::cli
