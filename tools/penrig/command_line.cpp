#include <algorithm>
#include <charconv>
#include <functional>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "rig/spec/utf8.hpp"
#include "tools/penrig/analyze_command.hpp"
#include "tools/penrig/bench_command.hpp"
#include "tools/penrig/built_in.hpp"
#include "tools/penrig/calibrate_command.hpp"
#include "tools/penrig/commands.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/export_command.hpp"
#include "tools/penrig/output_file.hpp"
#include "tools/penrig/quality_command.hpp"
#include "tools/penrig/recompute_command.hpp"
#include "tools/penrig/records_options.hpp"
#include "tools/penrig/run_options.hpp"
#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/station_command.hpp"
#include "tools/penrig/study_command.hpp"
#include "tools/penrig/suite_command.hpp"
#include "tools/penrig/swarm_command.hpp"
#include "tools/penrig/unknown_words.hpp"

namespace penrig::cli {
namespace {

using Chosen = std::function<ExitCode()>;

constexpr const char* kVersionFlag = "--version";

/// A script whose variable is empty (`--junit "$JUNIT"`) has made a mistake, and does not mean "none".
const CLI::Validator& not_empty() {
  static const CLI::Validator validator(
      [](std::string& text) {
        const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
        return blank ? std::string("is empty (write a name, or leave it out)") : "";
      },
      "");
  return validator;
}

/// An option whose value is missing (`--rig $RIG --junit pen.xml`, and RIG is empty) would take the next one for it.
const CLI::Validator& no_option() {
  static const CLI::Validator validator(
      [](std::string& text) {
        return text.starts_with("--") ? fmt::format("has no value: '{}' follows it (is a variable empty?)", text) : "";
      },
      "");
  return validator;
}

/// Who does something stands in one line of records, the audit trail and certificates, and in the bytes that are
/// signed.
const CLI::Validator& name_of_person() {
  static constexpr std::size_t kLongest = 200;
  static const CLI::Validator validator(
      [](std::string& text) {
        const bool good = utf8_count(text) <= kLongest && penrig::shown(text, kLongest) == text;
        return good ? ""
                    : fmt::format(
                          "is no name (one line of UTF-8 text, of at most {} characters, without control "
                          "characters)",
                          kLongest);
      },
      "");
  return validator;
}

/// As in `sim:seed=7`: digits, nothing else.
const CLI::Validator& whole_number() {
  static const CLI::Validator validator(
      [](std::string& text) {
        std::uint64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stopped, error] = std::from_chars(text.data(), end, number);
        return error == std::errc{} && stopped == end ? ""
                                                      : fmt::format("'{}' is no whole number from 0 to 2^64 - 1", text);
      },
      "");
  return validator;
}

void add_sim(CLI::App& app, SimOptions& o, Chosen& chosen) {
  CLI::App* sim = app.add_subcommand("sim", "serve a simulated rig on pseudo-terminals, in real time");
  sim->add_option("--seed", o.seed, "the same seed gives the same pen and bench")
      ->type_name("N")
      ->check(whole_number())
      ->capture_default_str();
  sim->add_option("--defect", o.defects,
                  "a named defect of the pen or the bench, or NAME:SIZE; of slot N alone: NAME@N; may be repeated")
      ->type_name("NAME")
      ->delimiter(',')
      ->take_all();
  sim->add_option("--plant", o.plant_path, "YAML with other parameters of the plant")
      ->type_name("FILE")
      ->check(not_empty());
  sim->add_option("--faults", o.faults_path, "YAML with what breaks, and when: links, devices, the bench (see below)")
      ->type_name("FILE")
      ->check(not_empty());
  sim->add_option("--slots", o.slots, "how many pens stand on the bench")
      ->type_name("N")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  sim->add_option("--serial-number", o.serial_numbers, "what the pen calls itself; once a slot")
      ->type_name("SN")
      ->take_all();
  sim->add_option("--ble", o.ble_adapters, "the pen is in the air too, on this Bluetooth adapter; once a slot")
      ->type_name("hciN")
      ->take_all();
  sim->add_option("--ble-name", o.ble_names, "what it advertises, in place of its serial number; once a slot")
      ->type_name("NAME")
      ->take_all();
  sim->add_option("--ble-fault", o.ble_faults, "what is wrong with it there (see below); may be repeated")
      ->type_name("WHAT")
      ->take_all();
  sim->add_option("--write-rig", o.write_rig, "write the rig's description once it can be connected to")
      ->type_name("FILE")
      ->check(not_empty())
      ->check(replaceable_description());
  sim->add_flag("--ideal", o.ideal_calibrations, "the true factors are the nominal ones");
  sim->add_flag("--list-defects", o.list_defects, "say what --defect takes, and end");
  sim->add_flag("--list-faults", o.list_faults, "say what a fault script and --ble-fault take, and end");
  sim->add_flag("--json", o.json, "with --list-defects or --list-faults: as JSON");
  sim->footer(
      "Examples:\n"
      "  penrig sim --write-rig bench.yaml &\n"
      "  penrig run rig/plans/smoke.yaml --rig bench.yaml --serial-number PRO-0001\n"
      "  penrig sim --seed 7 --defect slow-motor\n"
      "  penrig sim --list-defects\n"
      "  penrig sim --faults broken.yaml --write-rig bench.yaml\n"
      "\n"
      "A fault script; its seconds begin when a host is heard first. The same file breaks a rig in process:\n"
      "penrig run PLAN --rig 'sim:seed=1&faults=broken.yaml', there also at_progress: 0.4 and at_phase: '1.5 mm at'.\n"
      "  name: a bad cable, then a stuck encoder\n"
      "  faults:\n"
      "    - what: stall\n"
      "      link: daq\n"
      "      at_s: 4.2\n"
      "      for_s: 0.1\n"
      "    - what: encoder-stuck\n"
      "      at_s: 6\n"
      "\n"
      "SIGUSR1 presses the emergency stop of all slots, SIGUSR2 lets it go and resets it (pkill -USR1 -f 'penrig "
      "sim').\n"
      "\n"
      "With --ble hci1 the same pen is a Bluetooth LE peripheral (protocols/GATT.md) beside its serial line; the "
      "rig's\n"
      "description names it as pen_ble. It is found by another adapter than its own: another computer's, or hci0.\n"
      "--ble-fault NAME[:SIZE][@S[+S]]: at S seconds from when a host is heard over BLE first, for S seconds:\n"
      "  penrig sim --ble hci1 --ble-fault silent@2.5+1 --ble-fault low-mtu --write-rig bench.yaml\n"
      "  penrig sim --slots 2 --ble hci1 --ble hci2 --ble-name PEN --ble-name PEN\n"
      "\n"
      "Ends at Ctrl-C or SIGTERM with a goodbye, exit code 0.");
  sim->callback([&] { chosen = [&o] { return sim_command(o); }; });
}

void add_ports(CLI::App& app, PortsOptions& o, Chosen& chosen) {
  CLI::App* ports = app.add_subcommand("ports", "list serial ports with their USB identity, or pens over Bluetooth LE");
  CLI::Option* ble = ports->add_flag("--ble", o.ble, "scan for what advertises over Bluetooth LE, pens first");
  ports->add_option("--adapter", o.adapter, "with --ble: only this one, such as hci1")
      ->type_name("NAME")
      ->check(not_empty())
      ->needs(ble);
  ports->add_option("--seconds", o.seconds, "with --ble: how long to listen")
      ->type_name("N")
      ->check(CLI::Range(1, 120))
      ->capture_default_str()
      ->needs(ble);
  ports->add_flag("--json", o.json, "one JSON object a line");
  ports->footer(
      "Examples:\n"
      "  penrig ports                    then write the URI that it shows into the rig's description\n"
      "  penrig ports --ble\n"
      "  penrig ports --ble --adapter hci1 --seconds 20 --json\n"
      "\n"
      "Links of a pen in a rig's description:\n"
      "  pen: serial:usb=0403:6001/PEN-DOCK-1?baud=921600\n"
      "  pen: ble:name=PRO-0001          or ble:name=PRO-*, ble:addr=C0:FF:EE:00:12:34, ble:service\n"
      "  pen: ble:name=PRO-0001?adapter=hci1&scan_s=30&pair=yes\n"
      "\n"
      "Exit codes: 0 listed, also where there is none; 3 no bus, no bluetoothd, no adapter, no permission.");
  ports->callback([&] { chosen = [&o] { return ports_command(o); }; });
}

void add_doctor(CLI::App& app, DoctorOptions& o, Chosen& chosen) {
  CLI::App* doctor = app.add_subcommand("doctor", "say what keeps a rig from running, and how to mend it");
  doctor->add_option("--rig", o.rig, "the rig: its ports, calibrations and slots are looked at too")
      ->type_name("RIG")
      ->check(not_empty());
  add_records_option(*doctor, o.records, not_empty());
  doctor->add_option("--keys", o.keys, "folder of the key that signs; else the usual one")
      ->type_name("DIR")
      ->check(not_empty());
  doctor->add_flag("--json", o.json, "one JSON object a line; the last is the summary");
  doctor->footer(
      "Examples:\n"
      "  penrig doctor\n"
      "  penrig doctor --rig bench.yaml\n"
      "\n"
      "Nothing is opened and nothing moves. ✓ fine, ! to know of, ✗ keeps the rig from running.\n"
      "Exit codes: 0 nothing keeps it from running; 3 something does; 4 a mistake in the description.");
  doctor->callback([&] { chosen = [&o] { return doctor_command(o); }; });
}

void add_plan(CLI::App& app, PlanCheckOptions& o, Chosen& chosen) {
  CLI::App* plan = app.add_subcommand("plan", "look at plans");
  plan->require_subcommand(1);
  CLI::App* check = plan->add_subcommand("check", "find every mistake in a plan and its product; nothing moves");
  check->add_option("PLAN", o.plan_path, "the plan, YAML")->required()->check(not_empty());
  check->add_option("--rig", o.rig, "check this rig's description too")->type_name("RIG")->check(not_empty());
  check->footer(
      "Example:\n"
      "  penrig plan check rig/plans/eol-pro.yaml --rig bench.yaml\n"
      "\n"
      "Exit codes: 0 no mistake; 4 mistakes, each shown with its place.");
  check->callback([&] { chosen = [&o] { return plan_check_command(o); }; });
}

void add_report(CLI::App& app, ReportOptions& o, Chosen& chosen) {
  CLI::App* report = app.add_subcommand("report", "write a run's report or certificate");
  report->add_option("RUN", o.run_id, "such as R-000001")->required()->check(not_empty());
  CLI::Option_group* where = report->add_option_group("documents", "at least one of these");
  where->add_option("--html", o.html_path, "the report, as one self-contained page")
      ->type_name("FILE")
      ->check(not_empty())
      ->check(replaceable());
  where->add_option("--pdf", o.pdf_path, "the certificate; of a run that certifies nothing it is void and says so")
      ->type_name("FILE")
      ->check(not_empty())
      ->check(replaceable());
  where->require_option(1, 0);
  report->add_option("--paper", o.paper, "of the PDF")->check(CLI::IsMember({"a4", "letter"}))->capture_default_str();
  add_records_option(*report, o.records, not_empty());
  report->footer(
      "Examples:\n  penrig report R-000001 --html R-000001.html\n  penrig report R-000001 --pdf R-000001.pdf --paper "
      "letter");
  report->callback([&] { chosen = [&o] { return report_command(o); }; });
}

/// Commands that are added together.
struct Commands {
  std::vector<std::string_view> names;
  std::function<void()> add;
};

/// Half a thousand options take half of the program's start: those of other commands than the first word names are left
/// out. All there are where it names none: for help, and for what is said of a mistake.
void add_what_is_named(const std::vector<Commands>& commands, std::string_view first) {
  const auto named = [first](const Commands& c) { return std::ranges::find(c.names, first) != c.names.end(); };
  const bool none_named = std::ranges::none_of(commands, named);
  for (const Commands& c : commands) {
    if (none_named || named(c)) c.add();
  }
}

void check_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->check(no_option());
    if (option->check_lname("operator")) option->check(name_of_person());
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) check_values(*command);
}

/// The files that --junit names, whatever else is wrong with the line: where it is, the library may not have got there.
std::vector<std::string> junit_files(int argc, const char* const* argv) {
  constexpr std::string_view kOption = "--junit", kJoined = "--junit=";
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == kOption && i + 1 < argc) files.emplace_back(argv[i + 1]);
    if (word.starts_with(kJoined)) files.emplace_back(word.substr(kJoined.size()));
  }
  std::erase_if(files, [](const std::string& file) {
    return file.empty() || file.starts_with("--") || !why_not_replaced(file).empty();
  });
  return files;
}

/// Yesterday's green JUnit file must not survive a mistake in the command line either.
int refuse_command_line(RunSlotsOptions& several, const std::vector<std::string>& junit, const std::string& mistake) {
  RunOptions& run = several.each;
  if (!several.plan_paths.empty()) run.plan_path = several.plan_paths.front();
  if (!several.serial_numbers.empty()) run.serial_number = several.serial_numbers.front();
  for (const std::string& file : junit) {
    run.junit_path = file;
    write_junit_refused(run, "a mistake in the command line: " + mistake);
  }
  return to_int(ExitCode::usage);
}

}  // namespace

int command_line(int argc, const char* const* argv) {
  RunSlotsOptions run;
  SimOptions sim;
  PlanCheckOptions check;
  RecordsOptions records;
  ReportOptions report;
  CalibrateOptions calibrate;
  CalibrationListOptions calibration;
  AnalyzeOptions analyze;
  ExportOptions exports;
  RemarkOptions remark;
  EvidenceOptions evidence;
  RecomputeOptions recompute;
  StudyOptions study;
  QualityOptions quality;
  SuiteOptions suite;
  SwarmOptions swarm;
  StationOptions station;
  BenchOptions bench;
  DoctorOptions doctor;
  PortsOptions ports;
  Chosen chosen;

  CLI::App app{
      "penrig judges motorised microneedling pens: it drives pen and rig, measures every stroke,\n"
      "and files a record that stands up later.",
      "penrig"};
  app.require_subcommand(1);
  app.set_version_flag(kVersionFlag, fmt::format("penrig {} ({})", kVersion, kCommit));
  const std::vector<Commands> commands{
      {{"run"}, [&] { add_run(app, run, not_empty(), replaceable(), chosen); }},
      {{"station"}, [&] { add_station(app, station, not_empty(), chosen); }},
      {{"sim"}, [&] { add_sim(app, sim, chosen); }},
      {{"plan"}, [&] { add_plan(app, check, chosen); }},
      {{"ports"}, [&] { add_ports(app, ports, chosen); }},
      {{"doctor"}, [&] { add_doctor(app, doctor, chosen); }},
      {{"records"}, [&] { add_records_commands(app, records, remark, not_empty(), chosen); }},
      {{"report"}, [&] { add_report(app, report, chosen); }},
      {{"recompute"}, [&] { add_recompute(app, recompute, not_empty(), chosen); }},
      {{"export"}, [&] { add_export(app, exports, not_empty(), chosen); }},
      {{"suite"}, [&] { add_suite(app, suite, not_empty(), replaceable(), chosen); }},
      {{"capability", "spc", "compare", "baseline", "yield"},
       [&] { add_quality(app, quality, not_empty(), replaceable(), chosen); }},
      {{"study"}, [&] { add_study(app, study, not_empty(), replaceable(), chosen); }},
      {{"swarm"}, [&] { add_swarm(app, swarm, not_empty(), chosen); }},
      {{"bench"}, [&] { add_bench(app, bench, chosen); }},
      {{"calibrate"}, [&] { add_calibrate(app, calibrate, not_empty(), chosen); }},
      {{"calibration"}, [&] { add_calibration(app, calibration, not_empty(), chosen); }},
      {{"analyze"}, [&] { add_analyze(app, analyze, not_empty(), replaceable(), chosen); }},
      {{"verify", "keys", "approve", "unlock", "audit"},
       [&] { add_evidence_commands(app, evidence, not_empty(), chosen); }}};
  const std::string_view first = argc > 1 ? argv[1] : "";
  const bool only_the_version = argc == 2 && first == kVersionFlag;
  if (!only_the_version) add_what_is_named(commands, first);
  // After the commands, which would take it as theirs.
  app.footer(
      "Start here:\n"
      "  penrig run rig/plans/smoke.yaml --rig sim:seed=1 --serial-number PRO-0001\n"
      "  penrig records list\n"
      "  penrig run --help");
  check_values(app);

  const std::vector<std::string> junit = junit_files(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    // Where a word is unknown, that something is required is what came of it, or the library's next thought.
    const bool lacking = dynamic_cast<const CLI::RequiredError*>(&e) != nullptr,
               more = dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr;
    const std::string unknown = lacking || more ? unknown_words(app) : "";
    if (unknown.empty()) {
      app.exit(e);
      return refuse_command_line(run, junit, e.what());
    }
    std::cerr << unknown << "\nRun with --help for more information.\n";
    return refuse_command_line(run, junit, unknown);
  }
  return to_int(chosen());
}

}  // namespace penrig::cli
