#include "tools/penrig/run_options.hpp"

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/typed_lines.hpp"
#include "tools/penrig/without_option.hpp"

namespace penrig::cli {
namespace {

/// One run, or one a slot.
ExitCode run_one_or_several(RunSlotsOptions& o) {
  if (!o.slots.empty()) return run_slots_command(o);
  RunOptions& one = o.each;
  one.plan_path = o.plan_paths.front();
  one.serial_number = o.serial_numbers.front();
  one.asks = somebody_at_terminal();
  if (o.plan_paths.size() == 1 && o.serial_numbers.size() == 1) return run_command(one);
  const std::string mistake =
      fmt::format("{} plans and {} serial numbers are for several slots: which? (write: --slots all, or --slots 1,3)",
                  o.plan_paths.size(), o.serial_numbers.size());
  write_junit_refused(one, mistake);
  std::cerr << "penrig: " << mistake << '\n';
  return ExitCode::usage;
}

}  // namespace

void add_run(CLI::App& app, RunSlotsOptions& slots, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
             std::function<ExitCode()>& chosen) {
  RunOptions& o = slots.each;
  CLI::App* run = app.add_subcommand("run", "judge one pen by a plan, on a rig; or one a slot, at the same time");
  run->add_option("PLAN", slots.plan_paths, "the plan, YAML; with --slots one for all, or one a slot")
      ->required()
      ->check(not_empty);
  run->add_option("--rig", o.rig, "the rig: a YAML file, or sim:seed=7&defect=too-deep for a simulated one in process")
      ->required()
      ->type_name("RIG")
      ->check(not_empty);
  run->add_option("--serial-number", slots.serial_numbers, "of the pen, as scanned; with --slots one a slot")
      ->required()
      ->type_name("SN")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->take_all();
  CLI::Option* const one_slot =
      run->add_option("--slot", o.slot, "which slot of the rig, where it has several")->type_name("NAME");
  run->add_option("--slots", slots.slots, "several slots at the same time: all, or their names by commas")
      ->type_name("NAMES")
      ->check(not_empty)
      ->excludes(one_slot);
  run->add_option("--operator", o.operator_name, "who runs it, for the record")->type_name("NAME");
  run->add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  run->add_option("--junit", o.junit_path, "JUnit XML; an error stands in it until the record is on disk")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable);
  add_without(*run, o.without);
  run->add_option("--keys", o.keys, "folder of the key that signs; else the usual one (penrig keys)")
      ->type_name("DIR")
      ->check(not_empty);
  run->add_option("--reason", o.reason, "why again: a certifying retest of a pen needs one")
      ->type_name("TEXT")
      ->check(not_empty);
  run->add_flag("--engineering", o.engineering, "do not certify, even where everything is approved");
  run->add_option("--via", o.via, "the link of phases that name none: serial, ble or both")
      ->check(CLI::IsMember({"serial", "ble", "both"}));
  run->add_option("--answer", o.answers,
                  "what a prompt of the plan is answered, where nobody is asked; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->take_all();
  run->add_flag("--trace", o.trace, "keep the raw bytes of all links too (penrig records trace shows them)");
  std::vector<std::string> forms;
  forms.reserve(kWaveformForms.size());
  for (const WaveformForm form : kWaveformForms) forms.emplace_back(name_of(form));
  const auto choose_form = [&o](const std::string& name) {
    o.waveforms = *std::ranges::find(kWaveformForms, name, [](WaveformForm form) { return name_of(form); });
  };
  run->add_option_function<std::string>("--waveforms", choose_form,
                                        "form of their files: flac (small), raw (a little larger, and quickly written)")
      ->type_name("FORM")
      ->check(CLI::IsMember(forms))
      ->default_str(name_of(o.waveforms));
  run->add_flag("--json", o.json, "one JSON object a line on stdout");
  run->add_flag_callback(
      "--no-report", [&o] { o.report = false; }, "write no HTML report beside the records");
  run->footer(
      "Examples:\n"
      "  penrig run rig/plans/smoke.yaml --rig sim:seed=1 --serial-number PRO-0001\n"
      "  penrig run rig/plans/eol-pro.yaml --rig bench.yaml --serial-number PRO-000123 --junit pen.xml\n"
      "  penrig run rig/plans/links-pro.yaml --rig sim:seed=1 --serial-number PRO-0001    over serial, BLE and both\n"
      "  penrig run rig/plans/eol-pro.yaml --rig 'sim:seed=3&defect=too-deep' --serial-number PRO-0001 --json\n"
      "  penrig run rig/plans/eol-pro.yaml --rig bench.yaml --slots 1,3 --serial-number PRO-0001 --serial-number "
      "PRO-0003\n"
      "  penrig run rig/plans/smoke.yaml --rig 'sim:slots=2&defect@2=too-deep' --slots all --serial-number\n"
      "      PRO-0001,PRO-0002\n"
      "\n"
      "A plan may ask a person while the pen stands (rig/PROMPTS.md): here, where stdin and stderr are a terminal and "
      "it\n"
      "is one slot. Elsewhere every answer is given beforehand, or the plan is refused; such a run never certifies:\n"
      "  penrig run rig/plans/inspect-pro.yaml --rig sim:seed=1 --serial-number PRO-0001 --answer cartridge=done\n"
      "      --answer 'tip inspection=yes' --answer seal=whole --answer 'seal width=2.2' --answer room=41\n"
      "\n"
      "Slots run at the same time; a fault in one leaves the others alone. Each shows first, by a start pattern of "
      "its\n"
      "own, that its pen moves its own DAQ's encoder. --junit is one file with a suite a slot; the exit code is that "
      "of\n"
      "the worst.\n"
      "\n"
      "Exit codes: 0 PASS; 1 FAIL or INDETERMINATE; 2 ABORTED; 3 ERROR of rig, device, machine or record;\n"
      "4 a mistake in what you wrote; 5 nothing ran. Ctrl-C stops pen and stage, and files an ABORTED record.\n"
      "A pen over Bluetooth LE that wants to be paired is asked about at the terminal; where there is none, pair it\n"
      "once by hand: bluetoothctl pair ADDRESS.");
  run->callback([&] { chosen = [&slots] { return run_one_or_several(slots); }; });
}

}  // namespace penrig::cli
