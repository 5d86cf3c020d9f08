#include <algorithm>
#include <charconv>
#include <csignal>
#include <iostream>
#include <memory>

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fixtures/faults/fault_script.hpp"
#include "fixtures/faults/script_player.hpp"
#include "fixtures/sim/bench.hpp"
#include "fixtures/sim/ble_pen.hpp"
#include "protocols/links.hpp"
#include "reports/atomic_file.hpp"
#include "reports/number_format.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/served_rig.hpp"
#include "tools/penrig/sim_lists.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

constexpr Nanoseconds kLongestWait = std::chrono::hours{1};  // only so that a wait has an end; what happens wakes it

/// One slot of the served bench. Not moved while it serves.
struct ServedSlot {
  SlotDescription description;
  std::unique_ptr<sim::Bench> bench;
  std::unique_ptr<faults::ScriptPlayer> player;
  std::unique_ptr<sim::BlePen> in_the_air;  ///< none: only on its serial line
};

using ServedSlots = std::vector<std::unique_ptr<ServedSlot>>;

Result<void> write_description(Timeline& timeline, const SimOptions& options, const ServedSlots& slots) {
  if (options.write_rig.empty()) return {};
  std::vector<SlotDescription> descriptions;
  for (const auto& slot : slots) descriptions.push_back(slot->description);
  Result<std::string> yaml = served_rig_yaml(simulated_rig_yaml(), descriptions, timeline.utc_ns(timeline.now()));
  return yaml ? replace_file(options.write_rig, *yaml) : Result<void>(yaml.error());
}

/// What all that serve share.
struct Serving {
  Timeline& timeline;
  const SimOptions& options;
  StopRequest& stop;
  ServedSlots& slots;
};

/// Serves one device; over a new pty whenever a fault script took the one before away.
Awaitable<void> serve_device(Serving all, ServedSlot& slot, faults::Target device, std::unique_ptr<ByteLink> link) {
  const bool is_pen = device == faults::Target::pen;
  const std::string name = fmt::format("{} {}", is_pen ? "pen" : "DAQ", slot.description.name);
  for (;;) {
    co_await slot.player->serve(device, std::move(link));
    if (all.stop.requested()) co_return;
    if (!slot.player->closed_by_script(device)) break;
    const bool again = co_await slot.player->until_plugged(device);
    if (!again || all.stop.requested()) co_return;
    auto pty = open_pty(all.timeline);
    if (!pty) {
      all.stop.request(fmt::format("no new link for {}: {}", name, pty.error().message));
      co_return;
    }
    link = std::move(pty->first);
    (is_pen ? slot.description.pen_link : slot.description.daq_link) = "serial:" + pty->second;
    if (const Result<void> written = write_description(all.timeline, all.options, all.slots); !written) {
      all.stop.request(written.error().message);
      co_return;
    }
    std::cout << render(detect_style(1),
                        {{"link     ", Ink::label}, {fmt::format("{} is serial:{} now", name, pty->second)}})
              << std::flush;
  }
  all.stop.request("the link of " + name + " has ended by itself");
}

Result<std::unique_ptr<ServedSlot>> open_served_slot(const Serving& all, const sim::PlantParameters& parameters,
                                                     const faults::FaultScript& script, std::uint64_t seed,
                                                     const std::string& name) {
  Timeline& timeline = all.timeline;
  auto pen = open_pty(timeline);
  if (!pen) return pen.error();
  auto daq = open_pty(timeline);
  if (!daq) return daq.error();
  auto slot = std::make_unique<ServedSlot>();
  slot->description.name = name;
  slot->description.pen_link = "serial:" + pen->second;
  slot->description.daq_link = "serial:" + daq->second;
  // A bench that starts has fresh simulant in it, and keeps it as long as it lives.
  slot->description.sheet = fmt::format("seed-{}-{}", seed, format_iso8601(timeline.utc_ns(timeline.now())));
  slot->bench = std::make_unique<sim::Bench>(timeline, parameters, seed);
  slot->player = std::make_unique<faults::ScriptPlayer>(timeline, *slot->bench, script);
  if (!script.faults.empty()) {
    slot->player->begin_when_heard();
    slot->player->on_change([name](const std::string& what) {
      std::cout << render(detect_style(1), {{"fault    ", Ink::label}, {fmt::format("slot {} {}", name, what)}})
                << std::flush;
    });
  }
  timeline.spawn(serve_device(all, *slot, faults::Target::pen, std::move(pen->first)));
  timeline.spawn(serve_device(all, *slot, faults::Target::daq, std::move(daq->first)));
  return slot;
}

/// Puts the slot's pen into the air as well, where the options say so.
Awaitable<Result<void>> go_into_the_air(Serving all, ServedSlot& slot, std::size_t index,
                                        const std::vector<sim::BleFault>& ble_faults,
                                        const sim::PenElectronics& electronics) {
  const SimOptions& options = all.options;
  if (index >= options.ble_adapters.size()) co_return Result<void>{};
  sim::BlePenSettings settings;
  settings.adapter = options.ble_adapters[index];
  settings.name = index < options.ble_names.size() ? options.ble_names[index] : electronics.serial_number;
  settings.faults = ble_faults;
  slot.description.pen_ble_link = "ble:name=" + settings.name;
  std::function<void(const std::string&)> told = [name = slot.description.name](const std::string& what) {
    std::cout << render(detect_style(1), {{"ble      ", Ink::label}, {fmt::format("slot {}: {}", name, what)}})
              << std::flush;
  };
  auto pen = co_await sim::BlePen::start(all.timeline, *slot.bench, electronics, std::move(settings), std::move(told));
  if (!pen) co_return pen.error();
  slot.in_the_air = std::move(*pen);
  co_return Result<void>{};
}

void say_served(const ServedSlots& slots, const std::vector<std::string>& serials, const faults::FaultScript& script,
                const SimOptions& options) {
  const TerminalStyle style = detect_style(1);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotDescription& d = slots[i]->description;
    const std::string slot = slots.size() == 1 ? "" : fmt::format("slot {}: ", d.name);
    std::cout << render(style, {{"pen      ", Ink::label}, {fmt::format("{}{}, {}", slot, serials[i], d.pen_link)}});
    if (slots[i]->in_the_air) {
      std::cout << render(style, {{"ble      ", Ink::label},
                                  {fmt::format("{}{} on {}", slot, d.pen_ble_link, options.ble_adapters[i])}});
    }
    std::cout << render(style, {{"daq      ", Ink::label}, {fmt::format("{}{}", slot, d.daq_link)}});
  }
  const std::string rig = options.write_rig.empty() ? "RIG.yaml" : options.write_rig;
  if (options.write_rig.empty()) {
    std::cout << render(style, {{"rig      ", Ink::label}, {"penrig sim --write-rig RIG.yaml writes its description"}});
  } else {
    std::cout << render(style, {{"rig      ", Ink::label}, {rig}});
  }
  if (!script.faults.empty()) {
    std::cout << render(style,
                        {{"faults   ", Ink::label},
                         {fmt::format("{} ({}), from when a host is heard first", script.name, script.faults.size())}});
  }
  std::cout << render(style,
                      {{"next     ", Ink::label},
                       {fmt::format("penrig run rig/plans/smoke.yaml --rig {} --serial-number {}{}", shell_word(rig),
                                    shell_word(serials.front()), slots.size() == 1 ? "" : " --slot 1")}});
  std::cout << render(style, {{"end      ", Ink::label}, {"Ctrl-C"}}) << std::flush;
}

Awaitable<void> take_down(const ServedSlots& slots) {
  for (const auto& slot : slots) {
    co_await slot->player->end();
    co_await slot->bench->shut_down();
    co_await slot->player->unplug();
    if (slot->in_the_air) co_await slot->in_the_air->stop();
  }
}

/// The hand at the emergency stop: SIGUSR1 presses it in all slots, SIGUSR2 lets it go and resets what it latched, as a
/// hand at the rig does by switching the DAQs off and on.
class EmergencyStop {
 public:
  EmergencyStop(Timeline& timeline, ServedSlots& slots) : signals_(timeline.io(), SIGUSR1, SIGUSR2), slots_(slots) {
    wait();
  }

 private:
  void wait() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      for (const auto& slot : slots_) {
        if (signal == SIGUSR1) {
          slot->bench->press_e_stop();
        } else {
          slot->bench->release_e_stop();
          slot->bench->power_cycle_daq();
        }
      }
      spdlog::info("the emergency stop is {}", signal == SIGUSR1 ? "pressed" : "let go, and reset");
      wait();
    });
  }

  boost::asio::signal_set signals_;
  ServedSlots& slots_;
};

/// @param plants  of each slot.
Awaitable<int> serve_all(Serving all, const std::vector<sim::PlantParameters>& plants,
                         const faults::FaultScript& script, const std::vector<sim::BleFault>& ble_faults) {
  const SimOptions& options = all.options;
  ServedSlots& slots = all.slots;
  StopRequest& stop = all.stop;
  std::vector<std::string> serials;
  for (unsigned i = 0; i < options.slots; ++i) {
    sim::PlantParameters parameters = plants[i];
    if (i < options.serial_numbers.size()) {
      parameters.electronics.serial_number = options.serial_numbers[i];
    } else if (i > 0) {
      parameters.electronics.serial_number = fmt::format("PRO-{:04}", i + 1);
    }
    auto slot = open_served_slot(all, parameters, script, options.seed + i, fmt::format("{}", i + 1));
    if (!slot) {
      spdlog::error("{}", slot.error().message);
      co_return to_int(ExitCode::error);
    }
    serials.push_back(parameters.electronics.serial_number);
    slots.push_back(std::move(*slot));
    const Result<void> there = co_await go_into_the_air(all, *slots.back(), i, ble_faults, parameters.electronics);
    if (!there) {
      spdlog::error("--ble {}: {}", options.ble_adapters[i], there.error().message);
      co_await take_down(slots);
      co_return to_int(exit_code_of(there.error().code));
    }
  }
  if (const Result<void> written = write_description(all.timeline, options, slots); !written) {
    spdlog::error("{}", written.error().message);
    co_return to_int(exit_code_of(written.error().code));
  }
  say_served(slots, serials, script, options);
  while (!stop.requested()) co_await stop.changed().wait_until(all.timeline.now() + kLongestWait);
  co_await take_down(slots);
  const bool asked_for = stop.why().starts_with("SIG");
  if (!asked_for) spdlog::error("{}", stop.why());
  co_return to_int(asked_for ? ExitCode::pass : ExitCode::error);
}

std::vector<sim::BleFault> read_ble_faults(const SimOptions& options, std::vector<Mistake>& mistakes) {
  std::vector<sim::BleFault> read;
  const auto wrong = [&](std::string message) {
    Mistake mistake;
    mistake.file = "--ble-fault";
    mistake.message = std::move(message);
    mistakes.push_back(std::move(mistake));
  };
  for (const std::string& text : options.ble_faults) {
    const auto fault = sim::parse_ble_fault(text);
    if (fault) read.push_back(*fault);
    if (!fault) wrong(fault.error().message);
  }
  if (!options.ble_faults.empty() && options.ble_adapters.empty()) wrong("no pen is in the air (write --ble hci1)");
  return read;
}

/// NAME, NAME:SIZE, or either with @N behind it: of that slot alone.
Result<void> apply(const std::string& defect, std::vector<sim::PlantParameters>& plants) {
  const std::size_t at = defect.rfind('@');
  if (at == std::string::npos) {
    for (sim::PlantParameters& plant : plants) {
      if (Result<void> applied = sim::apply_defect(plant, defect); !applied) return applied;
    }
    return {};
  }
  std::size_t slot = 0;
  const char* const end = defect.data() + defect.size();
  const auto [stop, error] = std::from_chars(defect.data() + at + 1, end, slot);
  if (error != std::errc{} || stop != end || slot < 1 || slot > plants.size()) {
    return fail(Errc::usage, fmt::format("'{}': there is no slot '{}' (there are {}: --slots)", defect,
                                         defect.substr(at + 1), plants.size()));
  }
  return sim::apply_defect(plants[slot - 1], defect.substr(0, at));
}

}  // namespace

ExitCode sim_command(const SimOptions& options) {
  if (options.list_defects) return list_defects(options.json);
  if (options.list_faults) return list_faults(options.json);
  std::vector<Mistake> mistakes;
  std::vector<SourceDocument> documents;
  sim::PlantParameters plant = load_plant_file(options.plant_path, mistakes, documents);
  const faults::FaultScript script = load_fault_file(options.faults_path, mistakes, documents);
  if (mistakes.empty() && !documents.empty() && documents.back().kind == "faults") {
    mistakes = faults::check_for_served_bench(script, documents.back().bytes, options.faults_path);
  }
  plant.ideal_calibrations = plant.ideal_calibrations || options.ideal_calibrations;
  std::vector<sim::PlantParameters> plants(options.slots, plant);
  for (const std::string& defect : options.defects) {
    const Result<void> applied = apply(defect, plants);
    if (applied) continue;
    Mistake mistake;
    mistake.file = "--defect";
    mistake.message = applied.error().message;
    mistakes.push_back(std::move(mistake));
  }
  const auto once_a_slot = [&](const char* option, const std::vector<std::string>& values) {
    if (values.size() <= options.slots) return;
    Mistake mistake;
    mistake.file = option;
    mistake.message =
        fmt::format("{} pens for {} slots (write --slots {})", values.size(), options.slots, values.size());
    mistakes.push_back(std::move(mistake));
  };
  once_a_slot("--serial-number", options.serial_numbers);
  once_a_slot("--ble", options.ble_adapters);
  once_a_slot("--ble-name", options.ble_names);
  const std::vector<sim::BleFault> ble_faults = read_ble_faults(options, mistakes);
  if (!mistakes.empty()) {
    std::cerr << render_mistakes(mistakes, detect_style(2), "nothing is served.");
    return ExitCode::usage;
  }

  // Destroyed last: benches take their links out of it.
  const auto timeline = make_real_timeline();
  ServedSlots slots;
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop);
  EmergencyStop emergency_stop(*timeline, slots);
  const Serving all{*timeline, options, stop, slots};
  const int code = timeline->run(serve_all(all, plants, script, ble_faults));
  return static_cast<ExitCode>(code);
}

}  // namespace penrig::cli
