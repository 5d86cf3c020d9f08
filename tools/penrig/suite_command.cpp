#include "tools/penrig/suite_command.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/json_view.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/suite_run.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

/// A mistake of a run's command line stands in the suite at what made that part of it.
Mistake in_suite(const LoadedSuite& loaded, const SuiteItem& item, Mistake mistake) {
  if (!mistake.file.starts_with("--")) return mistake;
  const SuiteEntry& e = loaded.suite.entries[item.entry];
  TextPlace at = e.place;
  const auto of = [](const auto& names, const auto& places, const std::string& name) {
    const auto i = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    return i < places.size() ? places[i] : TextPlace{};
  };
  if (mistake.file == "--serial-number") at = of(e.pens, e.pen_places, item.pen);
  if (mistake.file == "--slot") at = e.slot_place;
  if (mistake.file == "--rig") at = e.rig_place;
  return mistake_at(loaded.path, TextLines(loaded.text), at, std::move(mistake.message));
}

/// Of a failure that is expected: whether the day is not over and the plan judges what is to fail.
void check_expected(LoadedSuite& loaded, const SuiteItem& item, const Inputs& inputs, bool the_day) {
  const SuiteEntry& e = loaded.suite.entries[item.entry];
  if (!e.expected) return;
  const auto at_expected = [&](std::string message) {
    add_new(loaded.mistakes, {mistake_at(loaded.path, TextLines(loaded.text), e.expected->place, std::move(message))});
  };
  if (the_day && day_of_suite().days > e.expected->until.days)
    at_expected(
        fmt::format("this failure was expected until {}, which is over (take it out if it is mended, or give "
                    "it another day)",
                    e.expected->until.text));
  if (!inputs.has_plan) return;
  for (const std::string& id : e.expected->requirements) {
    if (std::ranges::find(inputs.plan.judge, id) != inputs.plan.judge.end()) continue;
    at_expected(fmt::format("'{}' is expected to fail, and plan '{}' does not judge it", id, inputs.plan.name));
  }
}

/// Every plan with every pen over every link, once.
void check_runs(LoadedSuite& loaded, const SuiteOptions& options) {
  for (const SuiteItem& item : loaded.items) {
    if (item.repeat > 1) continue;
    const PreparedRun prepared = prepare_run(options_of(loaded, item, options));
    for (const Mistake& found : prepared.inputs.mistakes) add_new(loaded.mistakes, {in_suite(loaded, item, found)});
    check_expected(loaded, item, prepared.inputs, true);
  }
}

/// What the suite itself has wrong. A plan that cannot start, and a failure whose day is over, are errors of their own
/// runs, and the others run.
void check_expectations(LoadedSuite& loaded, const SuiteOptions& options) {
  for (const SuiteItem& item : loaded.items) {
    if (item.repeat > 1 || !loaded.suite.entries[item.entry].expected) continue;
    check_expected(loaded, item, prepare_run(options_of(loaded, item, options)).inputs, false);
  }
}

ExitCode refuse_suite(const SuiteOptions& options, const std::vector<Mistake>& mistakes, int stream) {
  const std::string happened = "nothing has moved, nothing was run.";
  write_suite_refused(options.junit_path, options.path, render_mistakes(mistakes, {}, happened));
  if (options.json) write_mistakes_json(std::cout, mistakes);
  (stream == STDERR_FILENO ? std::cerr : std::cout) << render_mistakes(mistakes, detect_style(stream), happened);
  return ExitCode::usage;
}

}  // namespace

void write_suite_refused(const std::string& junit_path, const std::string& suite, const std::string& reason) {
  if (junit_path.empty()) return;
  JUnitFile file;
  file.add(JUnitSuite{suite, {}, {{"suite", JUnitItem::Kind::error, "refused", reason}}});
  // Where this fails there is nobody to tell: the mistake itself is on stderr.
  (void)replace_file(junit_path, file.text());
}

ExitCode suite_check_command(const SuiteOptions& options) {
  LoadedSuite loaded = load_suite_file(options);
  if (loaded.ok()) check_runs(loaded, options);
  if (!loaded.ok()) return refuse_suite(options, loaded.mistakes, STDOUT_FILENO);
  const TerminalStyle style = detect_style(STDOUT_FILENO);
  print(style, folded(style, suite_head(loaded, options), kLabelWidth));
  print(style, folded(style, suite_list(loaded, options), kPlaceWidth));
  std::vector<Line> expects;
  for (const SuiteEntry& e : loaded.suite.entries)
    if (e.expected)
      expects.push_back(labelled(
          "expects", fmt::format("{} fails until {}: {}", e.name, e.expected->until.text, e.expected->reason)));
  print(style, folded(style, expects, kLabelWidth));
  print(style, {{{"no mistakes"}}});
  return ExitCode::pass;
}

ExitCode suite_run_command(const SuiteOptions& options) {
  // First of all: yesterday's green file must not survive whatever happens from here on.
  if (!options.junit_path.empty()) {
    JUnitFile file;
    file.add(JUnitSuite{options.path, {}, {{"suite", JUnitItem::Kind::error, "running", "the suite has not ended"}}});
    if (auto replaced = replace_file(options.junit_path, file.text()); !replaced) return complain(replaced.error());
  }
  LoadedSuite loaded = load_suite_file(options);
  if (loaded.ok()) check_expectations(loaded, options);
  if (!loaded.ok()) return refuse_suite(options, loaded.mistakes, STDERR_FILENO);
  SuiteTrail trail(loaded, options);
  if (auto ready = options.resume ? trail.resume() : trail.begin(); !ready) {
    write_suite_refused(options.junit_path, loaded.suite.name, ready.error().message);
    return complain(ready.error());
  }
  return run_suite_items(options, loaded, trail);
}

}  // namespace penrig::cli
