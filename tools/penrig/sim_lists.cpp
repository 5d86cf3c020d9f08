#include "tools/penrig/sim_lists.hpp"

#include <algorithm>
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fixtures/faults/fault_script.hpp"
#include "fixtures/sim/ble_faults.hpp"
#include "fixtures/sim/plant_parameters.hpp"
#include "rig/spec/key_unit.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {

ExitCode list_defects(bool json) {
  std::size_t name_width = 0, kind_width = 0;
  for (const sim::DefectInfo& d : sim::defects()) {
    name_width = std::max(name_width, d.name.size());
    kind_width = std::max(kind_width, d.kind.size());
  }
  const TerminalStyle style = detect_style(1);
  for (const sim::DefectInfo& d : sim::defects()) {
    if (json) {
      nlohmann::ordered_json line{{"name", d.name}, {"kind", d.kind}, {"description", d.description}};
      if (!d.unit.empty()) line["size"] = {{"unit", d.unit}, {"usual", d.usual}};
      std::cout << line.dump() << '\n';
    } else {
      std::cout << render(
          style, {{fmt::format("{:<{}}  ", d.name, name_width), Ink::strong},
                  {fmt::format("{:<{}}  ", d.kind, kind_width), Ink::label},
                  {std::string(d.description)},
                  {d.unit.empty() ? "" : fmt::format(" ({}:SIZE; {:g} {})", d.name, d.usual, d.unit), Ink::label}});
    }
  }
  return ExitCode::pass;
}

namespace {

void list_ble_faults(bool json, const TerminalStyle& style) {
  for (const sim::BleFaultInfo& kind : sim::ble_fault_kinds()) {
    if (json) {
      nlohmann::ordered_json line{
          {"name", kind.name}, {"group", "ble"}, {"lasts", !kind.at_once}, {"description", kind.text}};
      if (kind.otherwise != 0) line["size"] = {{"unit", kind.unit}, {"usual", kind.otherwise}};
      std::cout << line.dump() << '\n';
      continue;
    }
    const std::string value = kind.otherwise == 0 ? "" : fmt::format(":{:g}", kind.otherwise);
    const std::string when = kind.from_start ? "" : kind.at_once ? "@S" : "[@S[+S]]";
    const std::string unit = kind.unit.empty() ? "" : fmt::format("; {:g} {}", kind.otherwise, kind.unit);
    std::cout << render(style, {{fmt::format("{:<17} ", kind.name), Ink::strong},
                                {fmt::format("{:<7} ", "ble"), Ink::label},
                                {std::string(kind.text)},
                                {fmt::format("  (--ble-fault {}{}{}{})", kind.name, value, when, unit), Ink::label}});
  }
}

}  // namespace

ExitCode list_faults(bool json) {
  const TerminalStyle style = detect_style(1);
  for (const faults::KindInfo& kind : faults::fault_kinds()) {
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
    std::string takes = kind.has_target ? fmt::format("{}: pen, daq or both", faults::name_of(kind.group)) : "";
    if (kind.has_direction) takes += "; direction: to-host, to-device or both";
    for (const faults::ParameterInfo& p : kind.parameters) {
      if (p.key.empty()) continue;
      parameters[std::string(p.key)] = p.otherwise;
      takes += fmt::format("{}{}: {}", takes.empty() ? "" : "; ", p.key, number_text(p.otherwise));
    }
    if (json) {
      std::cout << nlohmann::ordered_json{{"name", kind.name},
                                          {"group", faults::name_of(kind.group)},
                                          {"lasts", !kind.at_once},
                                          {"parameters", parameters},
                                          {"description", kind.text}}
                       .dump()
                << '\n';
    } else {
      std::cout << render(style, {{fmt::format("{:<17} ", kind.name), Ink::strong},
                                  {fmt::format("{:<7} ", faults::name_of(kind.group)), Ink::label},
                                  {std::string(kind.text)},
                                  {takes.empty() ? "" : "  (" + takes + ")", Ink::label}});
    }
  }
  list_ble_faults(json, style);
  return ExitCode::pass;
}

}  // namespace penrig::cli
