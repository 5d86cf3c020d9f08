#include <array>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/penrig/calibrate_command.hpp"
#include "tools/penrig/finite_number.hpp"
#include "tools/penrig/output_file.hpp"
#include "tools/penrig/records_options.hpp"

namespace penrig::cli {
namespace {

struct KindCommand {
  const char *name, *text, *of, *columns;
  bool by_hand;  ///< a hand applies values, or reads a reference
};
constexpr std::array kKinds{
    KindCommand{"load-cell", "force over counts, with the LLF of ASTM E74", nullptr, "force_n,reading_counts", true},
    KindCommand{"encoder", "position over counts, of the needle or the stage", "needle or stage",
                "position_mm,reading_counts", true},
    KindCommand{"time-base", "the DAQ's clock against a reference", nullptr, "reference_s,device_s (or device_ticks)",
                false},
    KindCommand{"delay", "how far force lags position", nullptr, "frequency_hz,phase_lag_deg (or delay_us alone)",
                false},
    KindCommand{"cell-response", "the load cell's resonance, or its corner", nullptr, "frequency_hz,gain,phase_lag_deg",
                false},
    KindCommand{"compliance", "what bends under force", "tip, frame or cell", "force_n,deflection_um", false},
    KindCommand{"inertia", "the mass that moves", "reciprocating or plate", "acceleration_m_per_s2,force_n", false},
    KindCommand{"tilt", "how far the plate is out of square", nullptr, "position_mm,height_um", false}};

/// What says where points come from and how they are taken.
void add_points(CLI::App& c, CalibrateOptions& o, const KindCommand& kind, const CLI::Validator& not_empty) {
  const bool time_base = std::string_view(kind.name) == "time-base";
  CLI::Option* points =
      c.add_option("--points", o.points_path,
                   fmt::format("CSV (or YAML) with the columns {}{}", kind.columns,
                               kind.by_hand || time_base ? "; without it the points are taken from the rig" : ""));
  points->type_name("FILE")->check(not_empty);
  if (!kind.by_hand && !time_base) return;
  const auto live = [&](CLI::Option* option) { option->excludes(points)->group("Points from the rig"); };
  live(c.add_option("--slot", o.slot, "which slot of the rig, where it has several")->type_name("NAME"));
  live(c.add_option("--save", o.save_path, "where the points go as they come; a free name where it is not said")
           ->type_name("FILE")
           ->check(not_empty)
           ->check(replaceable()));
  if (time_base) {
    live(c.add_option("--duration-s", o.duration_s, "how long the clocks are compared")
             ->type_name("T")
             ->check(finite_range(10.0, 86'400.0))
             ->capture_default_str());
    return;
  }
  live(c.add_option("--rounds", o.rounds, "how often up and down again")
           ->type_name("N")
           ->check(CLI::Range(1, 20))
           ->capture_default_str());
  live(c.add_option("--read-s", o.read_s, "what a reading is the mean of")
           ->type_name("T")
           ->check(finite_range(0.1, 60.0))
           ->capture_default_str());
  if (std::string_view(kind.name) != "load-cell") return;
  CLI::Option* at = c.add_option("--at", o.at,
                                 "forces in N, rising: 0,0.5,1,2; where none is said, eleven up to 80 % of "
                                 "the rig's force interlock");
  at->type_name("LIST")->delimiter(',')->check(finite_number());
  live(at);
  live(c.add_option("--standards", o.standards_path,
                    "YAML with the forces and what to do for each; on a sim: rig its own hand does it, and nobody is "
                    "asked")
           ->type_name("FILE")
           ->check(not_empty)
           ->excludes(at));
}

void add_certificate(CLI::App& c, CalibrateOptions& o, const CLI::Validator& not_empty) {
  c.add_option("--fixture", o.fixture_id, "id of the fixture, as its DAQ says it")->type_name("ID")->check(not_empty);
  c.add_option("--rig", o.rig, "the rig whose fixture it is: a YAML file, or sim:seed=1")
      ->type_name("RIG")
      ->check(not_empty);
  c.add_option("--operator", o.operator_name, "who calibrated")->required()->type_name("NAME")->check(not_empty);
  c.add_option("--standard", o.standards, "reference standard and its certificate: 'ID, CERTIFICATE'; may be repeated")
      ->required()
      ->type_name("TEXT")
      ->take_all()
      ->check(not_empty);
  c.add_option("--u-standard", o.u_standards,
               "its standard uncertainty (k = 1): '0.02 %', '3 ppm', '0.5 mN' or in the unit of the first column; "
               "once a standard. Without it nothing has an uncertainty, and no run takes the calibration")
      ->type_name("U")
      ->take_all()
      ->check(not_empty);
  c.add_option("--date", o.date, "when the points were taken; today where it is not said")->type_name("YYYY-MM-DD");
  CLI::Option* due = c.add_option("--due", o.due, "last day on which runs take it")->type_name("YYYY-MM-DD");
  c.add_option("--valid-days", o.valid_days, "days from the date to the last one")
      ->type_name("N")
      ->check(CLI::Range(1, 3660))
      ->excludes(due)
      ->capture_default_str();
  c.add_option("--temperature-c", o.temperature_c, "of the air")->type_name("T")->check(finite_range(-40.0, 80.0));
  c.add_option("--humidity-percent", o.humidity_percent, "of the air")->type_name("H")->check(finite_range(0.0, 100.0));
  c.add_option("--note", o.note, "anything else that a reader must know")->type_name("TEXT");
}

std::string footer_of(const KindCommand& kind) {
  const std::string_view name = kind.name;
  const std::string rest = fmt::format(
      " --rig bench.yaml --operator 'A. Meier' \\\n"
      "      --standard 'REF-7, PTB 51042/26' --u-standard '{}'",
      name == "time-base" ? "0.5 ppm" : "0.02 %");
  std::string text = fmt::format("Examples:\n  penrig calibrate {} --points points.csv{}{}\n", name, rest,
                                 name == "tilt" ? " --span-mm 5" : "");
  if (kind.by_hand || name == "time-base") text += fmt::format("  penrig calibrate {}{}\n", name, rest);
  if (name == "load-cell") {
    text +=
        "\nstandards.yaml: what is hung on, in rising order; the program goes down again by itself.\n"
        "  standards:\n"
        "    - {force_n: 0, do: take everything off}\n"
        "    - {force_n: 0.4905, do: 'hang 0.050 kg (standard M1-7)'}\n"
        "    - {force_n: 0.9810, do: 'hang 0.100 kg (standard M1-8)'}\n";
  }
  return text +
         "\nExit codes: 0 filed; 2 ended by q or Ctrl-C, the points so far are kept; 3 the rig or the record store; 4 "
         "a\n"
         "mistake in what you wrote, each with its place; 5 nothing ran.";
}

}  // namespace

void add_calibrate(CLI::App& app, CalibrateOptions& o, const CLI::Validator& not_empty,
                   std::function<ExitCode()>& chosen) {
  CLI::App* calibrate =
      app.add_subcommand("calibrate", "fit the points of a calibration, from a file or from the rig, and file it");
  calibrate->require_subcommand(1);
  for (const KindCommand& kind : kKinds) {
    CLI::App* c = calibrate->add_subcommand(kind.name, kind.text);
    add_points(*c, o, kind, not_empty);
    if (kind.of != nullptr) {
      c->add_option("--of", o.of, fmt::format("{}; the first where none is named", kind.of))->type_name("WHAT");
    }
    add_certificate(*c, o, not_empty);
    if (std::string_view(kind.name) == "time-base") {
      c->add_option("--tick-hz", o.tick_hz, "nominal tick rate, where the points count ticks")
          ->type_name("HZ")
          ->check(finite_number());
    }
    if (std::string_view(kind.name) == "tilt") {
      c->add_option("--span-mm", o.span_mm, "width of the needle array")
          ->required()
          ->type_name("MM")
          ->check(finite_number());
    }
    c->add_option("--max-degree", o.max_degree, "highest polynomial that is compared")
        ->type_name("N")
        ->check(CLI::Range(1, 5))
        ->capture_default_str();
    add_records_option(*c, o.records, not_empty);
    c->add_option("--keys", o.keys, "folder of the key that signs it; else the usual one (penrig keys)")
        ->type_name("DIR")
        ->check(not_empty);
    c->add_flag("--json", o.json, "the filed calibration as one JSON object");
    c->footer(footer_of(kind));
    c->callback([&o, &chosen, &kind] {
      o.kind = kind.name;
      chosen = [&o] { return calibrate_command(o); };
    });
  }
}

void add_calibration(CLI::App& app, CalibrationListOptions& o, const CLI::Validator& not_empty,
                     std::function<ExitCode()>& chosen) {
  CLI::App* calibration = app.add_subcommand("calibration", "look at filed calibrations");
  calibration->require_subcommand(1);
  CLI::App* list = calibration->add_subcommand("list", "all calibrations of a store, the newest last");
  add_records_option(*list, o.records, not_empty);
  list->add_option("--fixture", o.fixture_id, "only this fixture's")->type_name("ID");
  list->add_flag("--json", o.json, "one JSON object a line");
  list->footer("Example:\n  penrig calibration list --fixture BENCH-2");
  list->callback([&o, &chosen] { chosen = [&o] { return calibration_list_command(o); }; });
  CLI::App* show = calibration->add_subcommand("show", "one calibration: points, fit, uncertainty");
  show->add_option("CALIBRATION", o.id, "such as C-000001; where none is named, the newest")->check(not_empty);
  add_records_option(*show, o.records, not_empty);
  show->add_flag("--json", o.json, "the whole calibration as JSON");
  show->footer("Example:\n  penrig calibration show C-000001");
  show->callback([&o, &chosen] { chosen = [&o] { return calibration_show_command(o); }; });
}

}  // namespace penrig::cli
