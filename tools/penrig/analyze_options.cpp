#include <CLI/CLI.hpp>

#include "tools/penrig/analyze_command.hpp"
#include "tools/penrig/finite_number.hpp"
#include "tools/penrig/without_option.hpp"

namespace penrig::cli {

void add_analyze(CLI::App& app, AnalyzeOptions& o, const CLI::Validator& not_empty, const CLI::Validator& replaceable,
                 std::function<ExitCode()>& chosen) {
  CLI::App* analyze = app.add_subcommand("analyze", "measure a capture from anywhere: CSV, FLAC, raw waveform");
  analyze->add_option("FILE", o.file, "the capture")->required()->check(not_empty);
  analyze
      ->add_option(
          "--set", o.settings,
          "the setting: depth_mm=1.0, rate_per_min=9000; also contact_exponent=1.5 of the simulant, temperature_c=22.5 "
          "of the bench, for the rig's coefficients. May be repeated")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->check(not_empty);
  analyze
      ->add_option("--surface-mm", o.surface_mm,
                   "z of the undisturbed surface; without it only penetration_contact, from where each stroke meets "
                   "the simulant")
      ->type_name("Z")
      ->check(finite_number());
  analyze->add_option("--delay-us", o.delay_us, "how much the force lags the position; 0 where it is not said")
      ->type_name("T")
      ->check(finite_number());
  analyze->add_option("--frame-um-per-n", o.frame_um_per_n, "give under load that the encoder does not see")
      ->type_name("C")
      ->check(finite_range(0.0, 1000.0));
  auto* cell_hz = analyze->add_option("--cell-hz", o.cell_hz,
                                      "the load cell's response: where its gain has fallen by 3 dB (first order)");
  cell_hz->type_name("F")->check(finite_range(1.0, 1e9));
  analyze
      ->add_option("--cell-damping", o.cell_damping,
                   "with it --cell-hz is the cell's resonance with what hangs on it (second order)")
      ->type_name("D")
      ->needs(cell_hz)
      ->check(finite_range(1e-3, 10.0));
  analyze->add_option("--rate-hz", o.rate_hz, "samples a second, for a CSV file without times")
      ->type_name("F")
      ->check(finite_range(1e-3, 1e9));
  analyze
      ->add_option("--rig", o.rig, "the rig that it comes from: delay, compliance, and the u of scales and time base")
      ->type_name("RIG")
      ->check(not_empty);
  analyze
      ->add_option(
          "--records", o.records,
          "record store with the rig's filed calibrations, which count as they do for runs; `records` where it "
          "is not said and there is one")
      ->type_name("DIR")
      ->check(not_empty);
  analyze
      ->add_option("--date", o.date,
                   "the day on which the capture was taken: calibrations must have been in force then; as the file's "
                   "START_UTC says, else today")
      ->type_name("YYYY-MM-DD")
      ->check(not_empty);
  analyze->add_option("--product", o.product_path, "judge by the limits of this product")
      ->type_name("FILE")
      ->check(not_empty);
  add_without(*analyze, o.without);
  analyze->add_option("--strokes", o.strokes_path, "write one row a stroke, as CSV")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable);
  analyze->add_option("--html", o.html_path, "write a page with tables and plots")
      ->type_name("FILE")
      ->check(not_empty)
      ->check(replaceable);
  auto* trials =
      analyze
          ->add_option("--monte-carlo", o.monte_carlo,
                       "check every U by drawing all inputs anew, M times (JCGM 101); 10,000 where M is not said")
          ->type_name("[M]")
          ->expected(0, 1)
          ->default_str("10000")
          ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{10'000'000}));
  analyze->add_option("--seed", o.monte_carlo_seed, "of the random numbers of --monte-carlo, 1 where it is not said")
      ->type_name("S")
      ->needs(trials);
  analyze->add_flag("--json", o.json, "one JSON object on stdout");
  analyze->footer(
      "CSV: a header, then numbers; columns in any order, others are not read; , ; or tab between; lines that begin\n"
      "with # are comments. The head names quantity and unit:\n"
      "  t_s, t_ms, t_us, t_ns         time; without it --rate-hz says how it was sampled\n"
      "  position_mm, _um, _m          needle tips, positive out of the pen\n"
      "  force_N, force_mN             positive when the needles push\n"
      "FLAC: 16 or 24 bits, one channel each, with the tags CHANNEL0_NAME, CHANNEL0_UNIT, CHANNEL0_SCALE and so on\n"
      "(reports/CAPTURES.md). A channel that is missing costs only what needs it. Times must be even, and nothing may "
      "be\n"
      "missing: what cannot be measured is refused with its row.\n"
      "\n"
      "Examples:\n"
      "  penrig analyze capture.csv --set depth_mm=1.0\n"
      "  penrig analyze capture.csv --set depth_mm=1.0 --surface-mm 0.02 --delay-us 10 --strokes strokes.csv\n"
      "  penrig analyze capture.flac --rig bench.yaml --product fixtures/products/pen-pro.yaml --set depth_mm=1.0 \\\n"
      "      --set rate_per_min=9000 --html capture.html\n"
      "  penrig analyze capture.csv --json | jq '.measurements[] | {name, value, unit, U}'\n"
      "\n"
      "Exit codes: 0 measured, and every limit that a capture can be held against holds; 1 one is broken, undecided "
      "or\n"
      "open (a setting, the surface, a channel or strokes are missing); 3 the data cannot be measured; 4 a mistake in\n"
      "what you wrote or in how the file is written.");
  analyze->callback([&o, &chosen] { chosen = [&o] { return analyze_command(o); }; });
}

}  // namespace penrig::cli
