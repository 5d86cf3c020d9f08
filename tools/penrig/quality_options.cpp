#include <CLI/CLI.hpp>

#include "tools/penrig/finite_number.hpp"
#include "tools/penrig/quality_command.hpp"

namespace penrig::cli {
namespace {

using Chosen = std::function<ExitCode()>;

struct Checks {
  const CLI::Validator& not_empty;
  const CLI::Validator& replaceable;
};

constexpr const char* kSelection =
    "Runs are selected by firmware=2.4.1, hardware=, serial=, slot=, plan=, plan_revision=, product=, "
    "product_revision=, lot=,\n"
    "since=2026-01-01, until=, verdict=PASS, joined by commas; by R-000001..R-000040; or by baseline:NAME. Void, "
    "unfinished and\n"
    "erroneous runs are left out, and those with corrections switched off (--without), and said to be.\n";

void add_source(CLI::App& app, SeriesOptions& o, const Checks& c, bool table) {
  const auto text = [&](const char* name, std::string& value, const char* what, const char* type) {
    app.add_option(name, value, what)->type_name(type)->check(c.not_empty);
  };
  app.add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(c.not_empty)
      ->capture_default_str();
  if (table) text("--csv", o.csv, "a table in place of records: one value a row, below a head line", "FILE");
  text("--measurand", o.measurand, "only this measurand of the records", "NAME");
  text("--only", o.only, "only measurements with this in their name", "TEXT");
  text("--value", o.value, "of a table: the column of values (value, y, … where it is not said)", "COLUMN");
  text("--pen", o.pen, "of a table: the column of pens", "COLUMN");
  text("--group", o.group, "of a table: the column of subgroups", "COLUMN");
  text("--measurement", o.measurement, "of a table: the column that names the measurement", "COLUMN");
  text("--unit", o.unit, "of a table: the unit of its values", "UNIT");
  app.add_option("--lower", o.lower, "the lower limit, in place of the records'")
      ->type_name("X")
      ->check(finite_number());
  app.add_option("--upper", o.upper, "the upper limit, in place of the records'")
      ->type_name("X")
      ->check(finite_number());
  app.add_flag("--mixed-revisions", o.mixed_revisions,
               "take revisions of plan and product together (limits: the newest run's)");
}

void add_output(CLI::App& app, QualityOutput& o, const Checks& c) {
  app.add_flag("--json", o.json, "one JSON object");
  app.add_option("--html", o.html, "write a page with tables and plots")
      ->type_name("FILE")
      ->check(c.not_empty)
      ->check(c.replaceable);
  app.add_flag("--all", o.all, "show every measurement, not only what is to be looked at");
}

void add_capability(CLI::App& app, CapabilityOptions& o, const Checks& c, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("capability", "is the process capable: Cp, Cpk, Pp, Ppk with intervals");
  command->add_option("SELECTION", o.selection, "which runs; all where it is not said")->check(c.not_empty);
  add_source(*command, o.source, c, true);
  add_output(*command, o.output, c);
  command->add_option("--least", o.least, "what Ppk has to reach")
      ->type_name("C")
      ->check(finite_range(0.01, 100.0))
      ->capture_default_str();
  command->add_option("--subgroup", o.subgroup, "so many values in a row are a subgroup")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--per", o.per, "each of these apart")->check(CLI::IsMember({"slot", "lot", "pen", "day"}));
  auto* u = command->add_option(
      "--reading-u", o.reading_u,
      "standard uncertainty of one reading that differs from reading to reading: shown without it too");
  u->type_name("U")->check(finite_range(1e-300, 1e300));
  command->add_option("--reading-nu", o.reading_nu, "its degrees of freedom; exactly known where it is not said")
      ->type_name("NU")
      ->check(finite_range(1.0, 1e9))
      ->needs(u);
  command->footer(
      std::string(kSelection) +
      "\n"
      "Examples:\n"
      "  penrig capability plan=eol-pro --html capability.html\n"
      "  penrig capability firmware=2.4.1 --measurand penetration --per slot\n"
      "  penrig capability --csv depths.csv --value depth_mm --lower 2.35 --upper 2.65\n"
      "\n"
      "Exit codes: 0 capable (the whole interval of every Ppk reaches --least, and no value is missing; a "
      "measurement whose values are all one, and inside, has none); 1 not, or not clearly (a measurement has "
      "too few values); 4 a mistake, or no store.");
  command->callback([&chosen, &o] { chosen = [&o] { return capability_command(o); }; });
}

void add_spc(CLI::App& app, SpcOptions& o, const Checks& c, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("spc", "control charts: is the process stable");
  command->add_option("SELECTION", o.selection, "which runs; all where it is not said")->check(c.not_empty);
  add_source(*command, o.source, c, true);
  add_output(*command, o.output, c);
  command->add_option("--chart", o.chart, "i-mr, xbar-r, xbar-s, ewma or cusum; where it is not said, by the subgroups")
      ->check(CLI::IsMember({"i-mr", "xbar-r", "xbar-s", "ewma", "cusum"}));
  command->add_option("--rules", o.rules, "western (Electric), nelson, or limits alone")
      ->check(CLI::IsMember({"western", "nelson", "limits"}))
      ->capture_default_str();
  command->add_option("--reference", o.reference, "the first N points freeze the limits; all where it is not said")
      ->type_name("N")
      ->check(CLI::Range(10, 1000000));
  command->add_option("--subgroup", o.subgroup, "so many values in a row are a subgroup (one run of each slot)")
      ->type_name("N")
      ->check(CLI::Range(1, 25))
      ->capture_default_str();
  command->add_option("--by", o.by, "a subgroup ends where this changes")
      ->check(CLI::IsMember({"slot", "lot", "pen", "day"}));
  command->add_option("--lambda", o.lambda, "of an EWMA")->check(finite_range(0.01, 1.0))->capture_default_str();
  command->add_option("--width", o.width, "of an EWMA's limits, in sigma")
      ->check(finite_range(0.5, 6.0))
      ->capture_default_str();
  command->add_option("--allowance", o.allowance, "k of a CUSUM, in sigma")
      ->check(finite_range(0.0, 5.0))
      ->capture_default_str();
  command->add_option("--decision", o.decision, "h of a CUSUM, in sigma")
      ->check(finite_range(0.5, 50.0))
      ->capture_default_str();
  command->footer(
      std::string(kSelection) +
      "\n"
      "Examples:\n"
      "  penrig spc plan=golden-pro --reference 25 --html golden.html\n"
      "  penrig spc plan=eol-pro --subgroup 4 --chart xbar-s --measurand penetration\n"
      "  penrig spc --csv temperatures.csv --chart ewma --lambda 0.1 --width 2.814\n"
      "\n"
      "Exit codes: 0 in control; 1 signals, another value than the only one of the reference, missing values, or a "
      "measurement without a chart that varies or has too few values; 4 a mistake, or no store.");
  command->callback([&chosen, &o] { chosen = [&o] { return spc_command(o); }; });
}

void add_compare(CLI::App& app, CompareOptions& o, const Checks& c, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("compare", "what changed between two selections of runs, is it real, and does it matter");
  command->add_option("BASE", o.base, "the runs before")->required()->check(c.not_empty);
  command->add_option("NEW", o.fresh, "the runs after")->required()->check(c.not_empty);
  add_source(*command, o.source, c, false);
  add_output(*command, o.output, c);
  auto* percent = command->add_option("--margin-percent", o.margin_percent,
                                      "a change of less than this share of the tolerance is harmless");
  percent->type_name("P")->check(finite_range(0.001, 100.0))->capture_default_str();
  command->add_option("--margin", o.margin, "the same in the unit of all measurements (with --measurand or a table)")
      ->type_name("X")
      ->check(finite_range(1e-300, 1e300))
      ->excludes(percent);
  command->footer(
      std::string(kSelection) +
      "No run may stand in both. BASE and NEW may be two tables (files that end with .csv), with columns value and "
      "pen.\n"
      "\n"
      "Examples:\n"
      "  penrig compare firmware=2.4.0 firmware=2.4.1 --html compare.html\n"
      "  penrig compare baseline:release-2.4 firmware=2.5.0,plan=eol-pro --json\n"
      "  penrig compare before.csv after.csv --margin 0.02\n"
      "\n"
      "Exit codes: 0 the same, or changed but harmless; 1 changed and matters, or changed without a margin to "
      "judge it by, or it cannot be told yet (values are missing, too); 4 a mistake, or no store.");
  command->callback([&chosen, &o] { chosen = [&o] { return compare_command(o); }; });
}

void add_baseline(CLI::App& app, BaselineOptions& o, const Checks& c, Chosen& chosen) {
  CLI::App* baseline = app.add_subcommand("baseline", "runs that others are compared with, pinned under a name");
  baseline->require_subcommand(1);
  const auto records = [&](CLI::App& command) {
    command.add_option("--records", o.records, "directory of the record store")
        ->type_name("DIR")
        ->check(c.not_empty)
        ->capture_default_str();
  };
  CLI::App* pin = baseline->add_subcommand("pin", "pin the runs of a selection, in the audit trail");
  pin->add_option("NAME", o.name, "what it is called")->required()->check(c.not_empty);
  pin->add_option("SELECTION", o.selection, "which runs")->required()->check(c.not_empty);
  records(*pin);
  pin->add_option("--reason", o.reason, "why these")->type_name("TEXT")->check(c.not_empty);
  pin->add_option("--operator", o.operator_name, "who pins them")->type_name("NAME")->check(c.not_empty);
  pin->add_option("--keys", o.keys, "folder of the key that signs; else the usual one")
      ->type_name("DIR")
      ->check(c.not_empty);
  pin->footer(
      std::string(kSelection) +
      "\nExample:\n  penrig baseline pin release-2.4 firmware=2.4.0,plan=eol-pro --reason 'released 2026-10-01'");
  pin->callback([&chosen, &o] { chosen = [&o] { return baseline_pin_command(o); }; });
  CLI::App* show = baseline->add_subcommand("show", "what is pinned");
  show->add_option("NAME", o.name, "only this one")->check(c.not_empty);
  records(*show);
  show->add_flag("--json", o.json, "one JSON object a line");
  show->footer("Example:\n  penrig baseline show release-2.4");
  show->callback([&chosen, &o] { chosen = [&o] { return baseline_show_command(o); }; });
}

void add_yield(CLI::App& app, YieldOptions& o, const Checks& c, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("yield", "first-pass and final yield of pens, and what they are lost by");
  command->add_option("SELECTION", o.selection, "which runs; all where it is not said")->check(c.not_empty);
  command->add_option("--records", o.source.records, "directory of the record store")
      ->type_name("DIR")
      ->check(c.not_empty)
      ->capture_default_str();
  command->add_flag("--mixed-revisions", o.source.mixed_revisions, "take revisions of plan and product together");
  command->add_option("--least", o.least_percent, "percent that the final yield has to reach")
      ->type_name("P")
      ->check(finite_range(0.1, 100.0));
  add_output(*command, o.output, c);
  command->footer(std::string(kSelection) +
                  "Here unfinished and erroneous runs count, and those with corrections switched off: they are no "
                  "PASS. So neither\n"
                  "verdict= nor baseline:NAME, which leaves them out, may choose.\n"
                  "A pen that ran before the runs that are selected has no first pass among them.\n"
                  "\n"
                  "Examples:\n"
                  "  penrig yield plan=eol-pro,since=2026-11-01 --html yield.html\n"
                  "  penrig yield lot=L-0815 --least 98 --json\n"
                  "\n"
                  "Exit codes: 0 nothing asked, or the whole interval reaches --least; 1 not, or not clearly; 4 a "
                  "mistake, or no store.");
  command->callback([&chosen, &o] { chosen = [&o] { return yield_command(o); }; });
}

}  // namespace

void add_stability(CLI::App& study, StabilityOptions& o, const CLI::Validator& not_empty,
                   const CLI::Validator& replaceable, Chosen& chosen) {
  const Checks c{not_empty, replaceable};
  CLI::App* command = study.add_subcommand("stability", "does a golden pen, or a standard, stay what it was");
  command->add_option("SELECTION", o.selection, "which runs; all where it is not said")->check(c.not_empty);
  add_source(*command, o.source, c, true);
  add_output(*command, o.output, c);
  command->footer(std::string(kSelection) +
                  "\n"
                  "Examples:\n"
                  "  penrig study stability plan=golden-pro,serial=PRO-9001 --html stability.html\n"
                  "  penrig study stability --csv weights.csv --value force_n --unit N\n"
                  "\n"
                  "Exit codes: 0 no drift, and no point beyond its limits; 1 there is, or values are missing, or of a "
                  "measurement nothing could be said; 4 a mistake, or no store.");
  command->callback([&chosen, &o] { chosen = [&o] { return stability_command(o); }; });
}

void add_quality(CLI::App& app, QualityOptions& o, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
                 Chosen& chosen) {
  const Checks checks{not_empty, replaceable};
  add_compare(app, o.compare, checks, chosen);
  add_baseline(app, o.baseline, checks, chosen);
  add_capability(app, o.capability, checks, chosen);
  add_spc(app, o.spc, checks, chosen);
  add_yield(app, o.yield, checks, chosen);
}

}  // namespace penrig::cli
