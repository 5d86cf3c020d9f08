#include <CLI/CLI.hpp>

#include "tools/penrig/suite_command.hpp"

namespace penrig::cli {
namespace {

constexpr const char* kFile =
    "\n"
    "A suite:\n"
    "  name: regression\n"
    "  revision: 1\n"
    "  rig: sim:seed=1            # or a rig's file; --rig takes its place\n"
    "  pens: [PRO-0001, PRO-0002]\n"
    "  order: random              # fixed where it is not said\n"
    "  seed: 7\n"
    "  stop: {after_failures: 5, after_errors: 1}\n"
    "  runs:\n"
    "    - run: smoke\n"
    "      plan: ../rig/plans/smoke.yaml    # relative to this file\n"
    "      links: [serial, ble]             # of phases that name none\n"
    "      repeats: 3\n"
    "      tags: [quick]\n"
    "      expected_failure: {requirements: [D1], reason: 'too deep, ticket 12', until: 2099-01-31}\n"
    "A pen of a simulated rig is the same in every run, and so is its bench; what varies from run to run is drawn "
    "anew.\n";

}  // namespace

void add_suite(CLI::App& app, SuiteOptions& o, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
               std::function<ExitCode()>& chosen) {
  CLI::App* suite = app.add_subcommand("suite", "plans × pens × links × repeats, in one go with one result");
  suite->require_subcommand(1);
  const auto common = [&](CLI::App& command) {
    command.add_option("SUITE", o.path, "the suite, YAML")->required()->check(not_empty);
    command.add_option("--rig", o.rig, "the rig, in place of the suite's; an entry that names its own stays there")
        ->type_name("RIG")
        ->check(not_empty);
    command.add_option("--slots", o.slots, "several slots at the same time: all, or their names by commas")
        ->type_name("S,S,…")
        ->check(not_empty);
    command.add_option("--filter", o.filter, "only some: a tag, or entry=, tag=, pen=, link=, joined by commas")
        ->type_name("WHICH")
        ->check(not_empty);
  };
  CLI::App* check = suite->add_subcommand("check", "find every mistake in a suite and its plans; nothing moves");
  common(*check);
  check->footer(std::string("Example:\n  penrig suite check rig/suites/nightly.yaml\n") + kFile +
                "\nExit codes: 0 no mistake; 4 mistakes, each shown with its place.");
  check->callback([&chosen, &o] { chosen = [&o] { return suite_check_command(o); }; });
  CLI::App* run = suite->add_subcommand("run", "run it; engineering runs, which certify nothing");
  common(*run);
  run->add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  run->add_flag("--resume", o.resume, "go on with the one that was left unfinished there: killed, or stopped by hand");
  run->add_option("--junit", o.junit_path, "one JUnit XML of all; what has not been run stands in it as an error")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable);
  run->add_option("--operator", o.operator_name, "who runs it, for the record")->type_name("NAME");
  run->add_option("--keys", o.keys, "folder of the key that signs; else the usual one")
      ->type_name("DIR")
      ->check(not_empty);
  run->add_flag("--reports", o.report, "write an HTML report of each run beside the records");
  run->add_flag("--json", o.json, "one JSON object a line");
  run->footer(
      std::string("Examples:\n"
                  "  penrig suite run rig/suites/nightly.yaml --junit suite.xml\n"
                  "  penrig suite run rig/suites/nightly.yaml --filter quick,pen=PRO-0001\n"
                  "  penrig suite run rig/suites/nightly.yaml --resume --junit suite.xml\n"
                  "  penrig suite run rig/suites/nightly.yaml --rig bench.yaml --slots all\n") +
      kFile +
      "\nWith --slots as many runs as there are slots go side by side, no pen in two of them; the next ones begin "
      "when\n"
      "all of them have ended. Stop rules are looked at between.\n"
      "\nThe suite, each of its runs and every seam stand in the audit trail (penrig audit).\n"
      "Exit codes, the worst of its runs: 0 all PASS, or failed as expected; 1 FAIL, INDETERMINATE, an expected\n"
      "failure that passed, or stopped by a rule; 2 ABORTED; 3 ERROR, also of a plan that could not start and of\n"
      "a failure that was expected until a day that is over; 4 a mistake in the suite itself, and nothing was run.");
  run->callback([&chosen, &o] { chosen = [&o] { return suite_run_command(o); }; });
}

}  // namespace penrig::cli
