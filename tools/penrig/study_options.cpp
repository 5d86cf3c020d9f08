#include <CLI/CLI.hpp>

#include "tools/penrig/finite_number.hpp"
#include "tools/penrig/study_command.hpp"

namespace penrig::cli {
namespace {

using Chosen = std::function<ExitCode()>;

struct Adder {
  const CLI::Validator& not_empty;
  const CLI::Validator& replaceable;
  Chosen& chosen;

  void files(CLI::App& command, StudyFiles& f, bool csv_required = true) const {
    command.add_option("--csv", f.csv, "the readings, one row each, below a head line")
        ->type_name("FILE")
        ->required(csv_required)
        ->check(not_empty);
    command.add_option("--unit", f.unit, "of the readings, for tables and plots")->type_name("UNIT")->check(not_empty);
    command.add_flag("--json", f.json, "one JSON object");
    command.add_option("--html", f.html, "write a page with tables and plots")
        ->type_name("FILE")
        ->check(not_empty)
        ->check(replaceable);
  }
  void column(CLI::App& command, const char* option, std::string& name, const char* what) const {
    command.add_option(option, name, what)->type_name("COLUMN")->check(not_empty);
  }
};

constexpr const char* kExit =
    "\n"
    "Exit codes: 0 acceptable; 1 not, or not clearly; 4 a mistake in the table or the command line.";

void add_rig(const Adder& a, CLI::App& grr, GrrOptions& o) {
  grr.add_option("PLAN", o.plan, "study the rig itself by this plan")->check(a.not_empty);
  grr.add_option("--rig", o.rigs, "a rig; several are several appraisers")->type_name("RIG")->check(a.not_empty);
  grr.add_option("--slots", o.slots, "its slots that are appraisers, or all; they measure at the same time")
      ->delimiter(',')
      ->type_name("S,S,…");
  grr.add_option("--pens", o.pens, "the pens, by serial number")->delimiter(',')->type_name("SN,SN,…");
  grr.add_option("--trials", o.trials, "of each pen in each slot")->check(CLI::Range(2, 100))->capture_default_str();
  grr.add_option("--seed", o.seed, "of the order")->type_name("N")->capture_default_str();
  grr.add_flag("--sheet", o.sheet, "say the order and end; nothing moves");
  grr.add_flag("--resume", o.resume, "go on with the one that was left unfinished");
  grr.add_option("--of", o.of, "evaluate the study of this trail again")->type_name("A-000001")->check(a.not_empty);
  grr.add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(a.not_empty)
      ->capture_default_str();
  grr.add_option("--operator", o.operator_name, "who runs it, for the record")->type_name("NAME");
  grr.add_option("--keys", o.keys, "folder of the key that signs; else the usual one")->type_name("DIR");
  grr.add_option("--measurand", o.measurand, "this measurand alone")->type_name("ID");
  grr.add_option("--only", o.only, "measurements with this in their name")->type_name("TEXT");
}

void add_grr(const Adder& a, CLI::App& study, GrrOptions& o) {
  CLI::App* grr = study.add_subcommand("grr", "gage R&R: how much of what varies is the measuring itself");
  a.files(*grr, o.files, false);
  add_rig(a, *grr, o);
  a.column(*grr, "--part", o.part, "who was measured (part, pen, serial_number, … where it is not said)");
  a.column(*grr, "--appraiser", o.appraiser, "who measured (appraiser, operator, slot, … where it is not said)");
  a.column(*grr, "--value", o.value, "the readings (value, y, measurement, … where it is not said)");
  grr->add_flag("--nested", o.nested, "each appraiser has parts of his own (destructive testing)");
  grr->add_option("--tolerance", o.tolerance, "upper − lower limit: what the gage may take a share of")
      ->type_name("T")
      ->check(finite_range(1e-300, 1e300));
  grr->add_option("--accept", o.accept_percent, "percent that gage R&R may take, of the tolerance or else of the study")
      ->type_name("P")
      ->check(finite_range(0.1, 1000.0))
      ->capture_default_str();
  grr->add_option("--categories", o.categories, "how many categories it has to tell apart")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  grr->footer(
      std::string(
          "Evaluated by analysis of variance and, where crossed, by averages and ranges (AIAG MSA, 4th edition). "
          "Acceptable\nneeds an interval of 95 % that stays below 30 % (or --accept), and trials that are not all one "
          "value.\n"
          "\n"
          "Of the rig itself: every pen in every slot (or on every rig), so many times, in an order that the seed "
          "draws, "
          "without\na word of what was measured; a run that ends in ERROR is a reading that is missing, and is run "
          "again "
          "with --resume.\n"
          "\n"
          "Examples:\n"
          "  penrig study grr rig/plans/smoke.yaml --rig 'sim:seed=1' --rig 'sim:seed=2' --pens "
          "PRO-0001,PRO-0002,PRO-0003,PRO-0004,PRO-0005\n"
          "  penrig study grr eol.yaml --rig rig.yaml --slots A,B,C --pens PRO-0001,PRO-0002,PRO-0003 --sheet\n"
          "  penrig study grr --of A-000001 --only penetration --html grr.html\n"
          "  penrig study grr --csv readings.csv --tolerance 0.3 --unit mm --html grr.html\n"
          "  penrig study grr --csv destructive.csv --nested --part batch --value force_n\n") +
      kExit);
  grr->callback([&chosen = a.chosen, &o] { chosen = [&o] { return study_grr_command(o); }; });
}

void add_linearity(const Adder& a, CLI::App& study, LinearityOptions& o) {
  CLI::App* linearity = study.add_subcommand("linearity", "bias over the range of references");
  a.files(*linearity, o.files);
  a.column(*linearity, "--part", o.part, "which reference, by name");
  a.column(*linearity, "--reference", o.reference, "its value (reference, master, … where it is not said)");
  a.column(*linearity, "--value", o.value, "the readings (value, y, measurement, … where it is not said)");
  linearity
      ->add_option("--allowed-bias", o.allowed_bias,
                   "acceptable is a band of the bias that lies within −B … B; nothing is where it is not said")
      ->type_name("B")
      ->check(finite_range(1e-300, 1e300));
  linearity->footer(std::string("Example:\n"
                                "  penrig study linearity --csv weights.csv --allowed-bias 0.02 --unit N "
                                "--html linearity.html\n") +
                    kExit);
  linearity->callback([&chosen = a.chosen, &o] { chosen = [&o] { return study_linearity_command(o); }; });
}

void add_type_one(const Adder& a, CLI::App& study, TypeOneOptions& o) {
  CLI::App* type_one =
      study.add_subcommand("type1", "one reference, read again and again, against the tolerance: Cg, Cgk, drift");
  a.files(*type_one, o.files);
  a.column(*type_one, "--value", o.value, "the readings, in order (value, y, measurement, … where it is not said)");
  type_one->add_option("--reference", o.reference, "its value")->type_name("X")->required()->check(finite_number());
  type_one->add_option("--tolerance", o.tolerance, "upper − lower limit")
      ->type_name("T")
      ->required()
      ->check(finite_range(1e-300, 1e300));
  type_one->add_option("--least", o.least, "what Cg and Cgk have to be")
      ->type_name("C")
      ->check(finite_range(0.0, 100.0))
      ->capture_default_str();
  type_one->footer(
      std::string("Example:\n  penrig study type1 --csv golden.csv --reference 1.5 --tolerance 0.3 --unit mm\n") +
      kExit);
  type_one->callback([&chosen = a.chosen, &o] { chosen = [&o] { return study_type_one_command(o); }; });
}

void add_size(const Adder& a, CLI::App& study, StudySizeOptions& o) {
  CLI::App* size = study.add_subcommand("size", "how many runs, pens or trials a question needs");
  size->add_option("--difference", o.difference, "a difference that a comparison has to find")
      ->type_name("D")
      ->check(finite_number());
  size->add_option("--margin", o.margin, "a margin within which it has to show equality")
      ->type_name("D")
      ->check(finite_number());
  size->add_option("--sd", o.sd,
                   "standard deviation of what is compared: runs, pens, or with --pairs their differences")
      ->type_name("S")
      ->check(finite_number());
  size->add_flag("--pairs", o.pairs, "the same pens in both");
  size->add_option("--family", o.family, "how many measurements are compared at once")
      ->type_name("N")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  size->add_option("--power", o.power, "probability of success")
      ->type_name("P")
      ->check(finite_range(0.5, 0.999))
      ->capture_default_str();
  size->add_option("--share", o.share, "percent of a population that an interval has to hold")
      ->type_name("P")
      ->check(finite_range(50.0, 99.99));
  size->add_option("--confidence", o.confidence, "of that, percent")
      ->type_name("P")
      ->check(finite_range(50.0, 99.99))
      ->capture_default_str();
  size->add_option("--parts", o.parts, "parts of a gage study")->type_name("N")->check(CLI::Range(2, 1000));
  size->add_option("--appraisers", o.appraisers, "and its appraisers")
      ->type_name("N")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  size->add_option("--factor", o.factor, "how near to the truth, as a factor: of repeatability, or of k_T")
      ->type_name("F")
      ->check(finite_range(1.001, 10.0))
      ->capture_default_str();
  size->add_option("--good", o.good, "sampling: percent nonconforming of a lot that has to be accepted")
      ->type_name("P")
      ->check(finite_range(0.0001, 99.0));
  size->add_option("--bad", o.bad, "sampling: percent nonconforming of a lot that has to be rejected")
      ->type_name("P")
      ->check(finite_range(0.0001, 99.9));
  size->add_option("--alpha", o.alpha, "percent of good lots that may be rejected")
      ->type_name("P")
      ->check(finite_range(0.01, 49.0))
      ->capture_default_str();
  size->add_option("--beta", o.beta, "percent of bad lots that may be accepted")
      ->type_name("P")
      ->check(finite_range(0.01, 49.0))
      ->capture_default_str();
  size->add_flag("--json", o.json, "one JSON object");
  size->footer(
      "Examples:\n"
      "  penrig study size --difference 0.03 --margin 0.03 --sd 0.012 --family 200\n"
      "  penrig study size --share 99 --confidence 95\n"
      "  penrig study size --parts 10 --appraisers 3\n"
      "  penrig study size --good 1 --bad 6\n"
      "\n"
      "Exit codes: 0 answered; 4 a mistake in the question.");
  size->callback([&chosen = a.chosen, &o] { chosen = [&o] { return study_size_command(o); }; });
}

}  // namespace

void add_study(CLI::App& app, StudyOptions& o, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
               std::function<ExitCode()>& chosen) {
  CLI::App* study = app.add_subcommand(
      "study", "studies of the gage: R&R, linearity, type 1, stability; and how many runs a question needs");
  study->require_subcommand(1);
  const Adder adder{not_empty, replaceable, chosen};
  add_grr(adder, *study, o.grr);
  add_linearity(adder, *study, o.linearity);
  add_type_one(adder, *study, o.type_one);
  add_stability(*study, o.stability, not_empty, replaceable, chosen);
  add_size(adder, *study, o.size);
}

}  // namespace penrig::cli
