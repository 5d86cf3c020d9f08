#include "tools/penrig/recompute_command.hpp"

#include <algorithm>
#include <iostream>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/counted.hpp"
#include "reports/store/archive_waveforms.hpp"
#include "reports/store/record_store.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {

namespace {

/// The one that is named, or all that are selected, oldest first.
Result<std::vector<std::string>> selected_runs(RecordStore& store, const RecomputeOptions& options) {
  if (!options.run_id.empty()) return std::vector<std::string>{options.run_id};
  RunFilter filter;
  filter.serial_number = options.serial_number;
  filter.plan_name = options.plan;
  const Result<std::vector<RunRow>> rows = store.list_runs(filter);
  if (!rows) return rows.error();
  if (rows->empty()) return fail(Errc::usage, fmt::format("{}: no run is selected", options.records));
  std::vector<std::string> ids;
  for (const RunRow& row : *rows) ids.push_back(row.run_id);
  return ids;
}

ExitCode recompute_one(RecordStore& store, const RecomputeOptions& options, const std::string& run_id) {
  const Result<RunRecord> record = store.load_run(run_id);
  if (!record) return complain(record.error());
  const Result<RunDescriptions> papers = recorded_descriptions(*record);
  if (!papers) return complain(papers.error());
  const Recomputation again = recompute(*record, waveforms_of(store), *papers);
  if (options.json) {
    write_json(std::cout, again);
  } else {
    write_text(std::cout, detect_style(1), again);
  }
  return exit_code_of(again);
}

/// `others`: the products of the runs that these limits are not for, and that were left out.
ExitCode rejudge_one(RecordStore& store, const RecomputeOptions& options, const Product& product,
                     const std::string& run_id, std::multiset<std::string>& others) {
  const Result<RunRecord> record = store.load_run(run_id);
  if (!record) return complain(record.error());
  const Result<RunDescriptions> papers = recorded_descriptions(*record);
  if (!papers) return complain(papers.error());
  if (papers->product.name != product.name) {
    // Of a selection such a run is none that the new limits are for; of one that was named it is a mistake.
    const std::string what = fmt::format("run {} is of a {}, {} is for a {}", run_id, papers->product.name,
                                         options.product_path, product.name);
    if (!options.run_id.empty()) return complain(fail(Errc::usage, what));
    spdlog::warn("{}: left out", what);
    others.insert(papers->product.name);
    return ExitCode::pass;
  }
  const Rejudgement now = rejudge(*record, papers->plan, product);
  if (options.json) {
    write_json(std::cout, now);
  } else {
    write_text(std::cout, detect_style(1), now);
  }
  return now.overturned() ? ExitCode::not_passed : ExitCode::pass;
}

Error none_is_of(const Product& product, const std::multiset<std::string>& others) {
  const std::set<std::string> names(others.begin(), others.end());
  return fail(Errc::usage, fmt::format("no selected run is of a {} ({}, of {}): nothing was judged", product.name,
                                       counted(others.size(), "run"), fmt::join(names, ", ")));
}

}  // namespace

ExitCode recompute_command(const RecomputeOptions& options) {
  if (options.run_id.empty() && options.serial_number.empty() && options.plan.empty() && !options.all) {
    return complain(
        fail(Errc::usage, "which run? (name one, such as R-000001, or select: --serial-number, --plan, --all)"));
  }
  if (!options.run_id.empty() && (!options.serial_number.empty() || !options.plan.empty() || options.all)) {
    return complain(fail(Errc::usage, "name a run, or select with --serial-number, --plan or --all: not both"));
  }
  Product product;
  if (!options.product_path.empty()) {
    const Result<std::string> text = read_text(options.product_path);
    if (!text)
      return complain(fail(text.error().code, fmt::format("{}: {}", options.product_path, text.error().message)));
    Loaded<Product> loaded = load_product(*text, options.product_path);
    if (!loaded.ok()) {
      std::cerr << render_mistakes(loaded.mistakes, detect_style(2), "nothing was judged.");
      return ExitCode::usage;
    }
    product = std::move(loaded.value);
  }
  Result<std::unique_ptr<RecordStore>> store = RecordStore::open_existing(options.records, store_options());
  if (!store) return complain(store.error());
  const Result<std::vector<std::string>> runs = selected_runs(**store, options);
  if (!runs) return complain(runs.error());
  ExitCode worst = ExitCode::pass;
  std::multiset<std::string> others;
  for (const std::string& run_id : *runs) {
    const ExitCode code = options.product_path.empty() ? recompute_one(**store, options, run_id)
                                                       : rejudge_one(**store, options, product, run_id, others);
    worst = std::max(worst, code);
  }
  // What nobody looked at is not the same.
  if (others.size() == runs->size()) return complain(none_is_of(product, others));
  return worst;
}

void add_recompute(CLI::App& app, RecomputeOptions& o, const CLI::Validator& not_empty,
                   std::function<ExitCode()>& chosen) {
  CLI::App* recompute = app.add_subcommand("recompute", "derive every number of a run again from its waveforms");
  recompute->add_option("RUN", o.run_id, "such as R-000001")->check(not_empty);
  recompute->add_option("--serial-number,--serial", o.serial_number, "all runs of this pen")
      ->type_name("SN")
      ->check(not_empty);
  recompute->add_option("--plan", o.plan, "all runs of the plan with this name")->type_name("NAME")->check(not_empty);
  recompute->add_flag("--all", o.all, "all runs of the store");
  recompute
      ->add_option("--product", o.product_path,
                   "do not derive anything: show which verdicts these limits would overturn. Nothing is written")
      ->type_name("FILE")
      ->check(not_empty);
  recompute->add_option("--records", o.records, "directory of the record store")
      ->type_name("DIR")
      ->check(not_empty)
      ->capture_default_str();
  recompute->add_flag("--json", o.json, "one JSON object a run");
  recompute->footer(
      "Examples:\n"
      "  penrig recompute R-000001\n"
      "  penrig recompute --serial-number PRO-0001 --product fixtures/products/pen-pro.yaml\n"
      "\n"
      "Exit codes: 0 all is the same; 1 something differs, or a verdict would change; 3 waveforms are missing or\n"
      "damaged; 4 a mistake in what you wrote, or no selected run is of the product.");
  recompute->callback([&] { chosen = [&o] { return recompute_command(o); }; });
}

}  // namespace penrig::cli
