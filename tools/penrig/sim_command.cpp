#include <algorithm>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "fixtures/sim/bench.hpp"
#include "protocols/links.hpp"
#include "reports/atomic_file.hpp"
#include "reports/number_format.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/served_rig.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kLook = std::chrono::hours{1};  // only so that a wait has an end; what happens wakes it

ExitCode list_defects(bool json) {
  std::size_t name_width = 0, kind_width = 0;
  for (const sim::DefectInfo& d : sim::defects()) {
    name_width = std::max(name_width, d.name.size());
    kind_width = std::max(kind_width, d.kind.size());
  }
  const TerminalStyle style = detect_style(1);
  for (const sim::DefectInfo& d : sim::defects()) {
    if (json) {
      std::cout << nlohmann::ordered_json{{"name", d.name}, {"kind", d.kind}, {"description", d.description}}.dump()
                << '\n';
    } else {
      std::cout << render(style, {{fmt::format("{:<{}}  ", d.name, name_width), Ink::strong},
                                  {fmt::format("{:<{}}  ", d.kind, kind_width), Ink::label},
                                  {std::string(d.description)}});
    }
  }
  return ExitCode::pass;
}

/// One slot of the served bench.
struct ServedSlot {
  SlotDescription description;
  std::unique_ptr<sim::Bench> bench;
};

Awaitable<void> serve(Awaitable<void> device, std::string name, StopRequest& stop) {
  co_await std::move(device);
  if (!stop.requested()) stop.request("the link of " + name + " has ended by itself");
}

Result<ServedSlot> open_slot(Timeline& timeline, const sim::PlantParameters& parameters, std::uint64_t seed,
                             const std::string& name, StopRequest& stop) {
  auto pen = open_pty(timeline);
  if (!pen) return pen.error();
  auto daq = open_pty(timeline);
  if (!daq) return daq.error();
  ServedSlot slot;
  slot.description.name = name;
  slot.description.pen_link = "serial:" + pen->second;
  slot.description.daq_link = "serial:" + daq->second;
  // A bench that starts has fresh simulant in it, and keeps it as long as it lives.
  slot.description.sheet = fmt::format("seed-{}-{}", seed, format_iso8601(timeline.utc_ns(timeline.now())));
  slot.bench = std::make_unique<sim::Bench>(timeline, parameters, seed);
  timeline.spawn(serve(slot.bench->serve_pen(std::move(pen->first)), "pen " + name, stop));
  timeline.spawn(serve(slot.bench->serve_daq(std::move(daq->first)), "DAQ " + name, stop));
  return slot;
}

void say_served(const std::vector<ServedSlot>& slots, const std::vector<std::string>& serials,
                const SimOptions& options) {
  const TerminalStyle style = detect_style(1);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotDescription& d = slots[i].description;
    const std::string slot = slots.size() == 1 ? "" : fmt::format("slot {}: ", d.name);
    std::cout << render(style, {{"pen      ", Ink::label}, {fmt::format("{}{}, {}", slot, serials[i], d.pen_link)}});
    std::cout << render(style, {{"daq      ", Ink::label}, {fmt::format("{}{}", slot, d.daq_link)}});
  }
  const std::string rig = options.write_rig.empty() ? "RIG.yaml" : options.write_rig;
  if (options.write_rig.empty()) {
    std::cout << render(style, {{"rig      ", Ink::label}, {"penrig sim --write-rig RIG.yaml writes its description"}});
  } else {
    std::cout << render(style, {{"rig      ", Ink::label}, {rig}});
  }
  std::cout << render(style,
                      {{"next     ", Ink::label},
                       {fmt::format("penrig run rig/plans/smoke.yaml --rig {} --serial-number {}{}", shell_word(rig),
                                    shell_word(serials.front()), slots.size() == 1 ? "" : " --slot 1")}});
  std::cout << render(style, {{"end      ", Ink::label}, {"Ctrl-C"}}) << std::flush;
}

Awaitable<int> serve_all(Timeline& timeline, const SimOptions& options, const sim::PlantParameters& plant,
                         StopRequest& stop, std::vector<ServedSlot>& slots) {
  std::vector<std::string> serials;
  std::vector<SlotDescription> descriptions;
  for (unsigned i = 0; i < options.slots; ++i) {
    sim::PlantParameters parameters = plant;
    if (i < options.serial_numbers.size()) {
      parameters.electronics.serial_number = options.serial_numbers[i];
    } else if (i > 0) {
      parameters.electronics.serial_number = fmt::format("PRO-{:04}", i + 1);
    }
    Result<ServedSlot> slot = open_slot(timeline, parameters, options.seed + i, fmt::format("{}", i + 1), stop);
    if (!slot) {
      spdlog::error("{}", slot.error().message);
      co_return to_int(ExitCode::error);
    }
    serials.push_back(parameters.electronics.serial_number);
    descriptions.push_back(slot->description);
    slots.push_back(std::move(*slot));
  }
  if (!options.write_rig.empty()) {
    Result<std::string> yaml = served_rig_yaml(simulated_rig_yaml(), descriptions, timeline.utc_ns(timeline.now()));
    Result<void> written = yaml ? replace_file(options.write_rig, *yaml) : Result<void>(yaml.error());
    if (!written) {
      spdlog::error("{}", written.error().message);
      co_return to_int(exit_code_of(written.error().code));
    }
  }
  say_served(slots, serials, options);
  while (!stop.requested()) co_await stop.changed().wait_until(timeline.now() + kLook);
  for (ServedSlot& slot : slots) co_await slot.bench->shut_down();
  const bool asked_for = stop.why().starts_with("SIG");
  if (!asked_for) spdlog::error("{}", stop.why());
  co_return to_int(asked_for ? ExitCode::pass : ExitCode::error);
}

}  // namespace

ExitCode sim_command(const SimOptions& options) {
  if (options.list_defects) return list_defects(options.json);
  std::vector<Mistake> mistakes;
  std::vector<SourceDocument> documents;
  sim::PlantParameters plant = load_plant_file(options.plant_path, mistakes, documents);
  plant.ideal_calibrations = plant.ideal_calibrations || options.ideal_calibrations;
  for (const std::string& defect : options.defects) {
    const Result<void> applied = sim::apply_defect(plant, defect);
    if (applied) continue;
    Mistake mistake;
    mistake.file = "--defect";
    mistake.message = applied.error().message;
    mistakes.push_back(std::move(mistake));
  }
  if (options.serial_numbers.size() > options.slots) {
    Mistake mistake;
    mistake.file = "--serial-number";
    mistake.message = fmt::format("{} pens for {} slots (write --slots {})", options.serial_numbers.size(),
                                  options.slots, options.serial_numbers.size());
    mistakes.push_back(std::move(mistake));
  }
  if (!mistakes.empty()) {
    std::cerr << render_mistakes(mistakes, detect_style(2), "nothing is served.");
    return ExitCode::usage;
  }

  // Destroyed last: benches take their links out of it.
  const auto timeline = make_real_timeline();
  std::vector<ServedSlot> slots;
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop);
  const int code = timeline->run(serve_all(*timeline, options, plant, stop, slots));
  return static_cast<ExitCode>(code);
}

}  // namespace penrig::cli
