#include <algorithm>
#include <iostream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "protocols/ble/ble_link.hpp"
#include "rig/base/timeline.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/doctor_bluetooth.hpp"
#include "tools/penrig/doctor_machine.hpp"
#include "tools/penrig/doctor_ports.hpp"
#include "tools/penrig/doctor_records.hpp"
#include "tools/penrig/load_inputs.hpp"

namespace penrig::cli {
namespace {

constexpr std::size_t kLabelColumns = 16;

void add_findings(Findings& to, Findings more) {
  for (Finding& finding : more) to.push_back(std::move(finding));
}

Findings link_findings(const RigDescription& rig) {
  Findings found;
  for (const SlotDescription& slot : rig.slots) {
    const std::string of = rig.slots.size() == 1 ? "" : " " + slot.name;
    found.push_back(link_finding("pen" + of, slot.pen_link));
    found.push_back(link_finding("DAQ" + of, slot.daq_link));
    if (!slot.pen_ble_link.empty()) found.push_back(link_finding("pen, BLE" + of, slot.pen_ble_link));
  }
  return found;
}

/// Nothing where no slot has a link over BLE.
Findings bluetooth_findings(Timeline& timeline, const RigDescription& rig) {
  Findings found;
  std::set<std::string> adapters;
  for (const SlotDescription& slot : rig.slots) {
    const std::string& link = slot.pen_ble_link.empty() ? slot.pen_link : slot.pen_ble_link;
    const auto uri = parse_ble_uri(link);
    if (uri && adapters.insert(uri->adapter).second) found.push_back(bluetooth_finding(timeline, link));
  }
  if (adapters.empty()) return found;
  add_findings(found, blocked_radios("/sys/class/rfkill"));
  found.push_back(eatt_finding("/etc/bluetooth/main.conf"));
  return found;
}

Findings any_ports() {
  const Result<std::vector<PortInfo>> ports = list_ports();
  if (!ports) return {{Standing::wrong, "ports", ports.error().message, ""}};
  if (ports->empty())
    return {{Standing::note, "ports", "no serial port is there", "plug one in; a simulated rig needs none"}};
  Findings found;
  for (const PortInfo& port : *ports) {
    found.push_back(port_finding(port));
    // One that no rig is known to need keeps none from running.
    if (found.back().standing == Standing::wrong) found.back().standing = Standing::note;
  }
  return found;
}

void show_finding(const Finding& finding, const TerminalStyle& style) {
  const char* const mark = finding.standing == Standing::fine ? "✓" : finding.standing == Standing::note ? "!" : "✗";
  const Ink ink = finding.standing == Standing::fine    ? Ink::pass
                  : finding.standing == Standing::wrong ? Ink::fail
                                                        : Ink::strong;
  const auto put = [&](const std::string& text, bool with_mark) {
    const std::size_t left = kLabelColumns + 2;
    for (const std::string& line : wrap(style, text, style.columns > left + 20 ? style.columns - left : 20)) {
      Line spans;
      if (with_mark) spans = {{mark, ink}, {fmt::format(" {:<{}}", finding.what, kLabelColumns), Ink::label}};
      if (!with_mark) spans = {{std::string(left, ' ')}};
      spans.push_back({line});
      std::cout << render(style, spans);
      with_mark = false;
    }
  };
  put(finding.found, true);
  if (!finding.to_do.empty()) put("→ " + finding.to_do, false);
}

nlohmann::ordered_json finding_json(const Finding& finding) {
  return {{"event", "finding"},
          {"what", finding.what},
          {"standing", name_of(finding.standing)},
          {"found", finding.found},
          {"to_do", finding.to_do}};
}

std::string summary(std::size_t wrong, std::size_t notes, bool has_rig) {
  const char* const rig = has_rig ? "this rig" : "a rig";
  std::string text = wrong == 0 ? fmt::format("nothing keeps {} from running", rig)
                                : fmt::format("{} thing{} {} {} from running", wrong, wrong == 1 ? "" : "s",
                                              wrong == 1 ? "keeps" : "keep", rig);
  if (notes > 0) text += fmt::format("; {} to know of", notes);
  return text;
}

}  // namespace

ExitCode doctor_command(const DoctorOptions& options) {
  Inputs inputs;
  if (!options.rig.empty()) {
    inputs = load_rig_inputs(options.rig);
    if (!inputs.ok()) {
      std::cerr << render_mistakes(inputs.mistakes, detect_style(2), "nothing was looked at");
      return ExitCode::usage;
    }
  }
  const auto timeline = make_real_timeline();
  Findings found{clock_finding(clock_state()), lock_place()};
  add_findings(found, port_takers("/proc"));
  if (inputs.has_rig && !inputs.simulated) {
    add_findings(found, link_findings(inputs.rig));
    add_findings(found, bluetooth_findings(*timeline, inputs.rig));
  } else if (!inputs.has_rig) {
    add_findings(found, any_ports());
  }
  found.push_back(disk_finding(options.records));
  found.push_back(key_finding(options.keys));
  const std::int64_t now_utc_ns = timeline->utc_ns(timeline->now());
  // A rig that is simulated in this process runs in virtual time: its day is the one on which that begins.
  const bool virtual_time = inputs.simulated.has_value();
  add_findings(found, record_findings(options.records, virtual_time ? std::nullopt : std::optional(now_utc_ns)));
  if (inputs.has_rig)
    add_findings(found,
                 rig_record_findings(inputs.rig, options.records, virtual_time ? kVirtualEpochUtcNs : now_utc_ns));

  const auto number_of = [&](Standing standing) {
    return static_cast<std::size_t>(std::ranges::count(found, standing, &Finding::standing));
  };
  const std::size_t wrong = number_of(Standing::wrong), notes = number_of(Standing::note);
  const TerminalStyle style = detect_style(1);
  for (const Finding& finding : found) {
    if (options.json) {
      std::cout << finding_json(finding).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    } else {
      show_finding(finding, style);
    }
  }
  if (options.json) {
    std::cout << nlohmann::ordered_json{{"event", "summary"}, {"wrong", wrong}, {"notes", notes}}.dump() << '\n';
  } else {
    std::cout << '\n';
    print(style, folded(style, {{{summary(wrong, notes, inputs.has_rig), Ink::strong}}}, 0));
  }
  return wrong == 0 ? ExitCode::pass : ExitCode::error;
}

}  // namespace penrig::cli
