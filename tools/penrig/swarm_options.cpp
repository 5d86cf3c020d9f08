#include <CLI/CLI.hpp>

#include "tools/penrig/output_file.hpp"
#include "tools/penrig/swarm_command.hpp"

namespace penrig::cli {

void add_swarm(CLI::App& app, SwarmOptions& o, const CLI::Validator& not_empty, std::function<ExitCode()>& chosen) {
  CLI::App* swarm = app.add_subcommand("swarm", "run a plan on thousands of simulated pens, and hold it to the truth");
  swarm->add_option("--plan", o.plan_path, "the plan, YAML (rig/plans/swarm.yaml is made for it)")
      ->type_name("PLAN")
      ->check(not_empty);
  swarm->add_option("--seeds", o.seeds, "A..B, both included; each is one pen on one bench")
      ->type_name("A..B")
      ->check(not_empty)
      ->capture_default_str();
  swarm->add_option("--jobs", o.jobs, "processes; 0: one a core")->type_name("N")->check(CLI::Range(0, 256));
  swarm
      ->add_option("--defects", o.defects,
                   "none, all, or names by comma; '/0.9' behind it: share of pens that have one")
      ->type_name("MIX")
      ->check(not_empty)
      ->capture_default_str();
  swarm->add_option("--faults", o.faults, "none, all, links, devices, plant, host, names by comma; or a script's file")
      ->type_name("MIX")
      ->check(not_empty)
      ->capture_default_str();
  swarm->add_option("--plant", o.plant_path, "YAML with other parameters of the plant")
      ->type_name("FILE")
      ->check(not_empty);
  swarm->add_option("--records", o.records, "keep the record stores there; else they go when they were verified")
      ->type_name("DIR")
      ->check(not_empty);
  swarm
      ->add_option("--waveforms", o.waveforms,
                   "where samples lie until they were verified: memory (unless --records keeps the stores), or files")
      ->type_name("WHERE")
      ->check(CLI::IsMember({"memory", "files"}));
  swarm->add_option("--group", o.group, "runs that share one store")
      ->type_name("N")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  swarm->add_option("--html", o.html, "the confusion matrix and the risks, as one page")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable());
  swarm->add_flag("--shrink", o.shrink, "make the fault script of each seed that broke something small, and write it");
  swarm->add_flag("--json", o.json, "one JSON object a seed on stdout; the last line is the summary");
  swarm->footer(
      "Each seed draws a pen, good or with a defect of known size, and what breaks meanwhile; the run is the "
      "production\n"
      "path in virtual time. Afterwards its verdict is held against what the pen truly was, the bench must stand "
      "safe,\n"
      "the record must verify and give every number again, and no error may be without a cause.\n"
      "\n"
      "Without --records nothing is kept: the samples of a group of runs lie in memory, as the bytes and with the\n"
      "SHA-256 that their files would have, and are read, hashed and derived from there; then they go with its store.\n"
      "\n"
      "Examples:\n"
      "  penrig swarm --plan rig/plans/swarm.yaml --seeds 1..1000\n"
      "  penrig swarm --plan rig/plans/swarm.yaml --seeds 1..1000 --faults all --html swarm.html\n"
      "  penrig swarm --plan rig/plans/swarm.yaml --seeds 17..17 --faults all --shrink --records kept\n"
      "  penrig swarm --plan rig/plans/swarm-sweep.yaml --seeds 1..100000    (three depths, and linearity)\n"
      "\n"
      "`penrig sim --list-defects` and `--list-faults` name what there is.\n"
      "\n"
      "Exit codes: 0 no invariant broke; 1 one did, and the command that repeats it is shown; 2 stopped by Ctrl-C;\n"
      "3 the machine, or nothing was tested: no seed came to a decision, or none of the faults began; 4 a mistake in\n"
      "what you wrote, or a plan that cannot be run here.");
  swarm->callback([&] { chosen = [&o] { return swarm_command(o); }; });
}

}  // namespace penrig::cli
