#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "tools/penrig/commands.hpp"
#include "tools/penrig/json_view.hpp"
#include "tools/penrig/run_several.hpp"
#include "tools/penrig/side_by_side.hpp"
#include "tools/penrig/stop_signals.hpp"
#include "tools/penrig/terminal_view.hpp"

namespace penrig::cli {
namespace {

/// Nothing was begun, and that is said wherever somebody looks.
ExitCode refuse_run(const RunOptions& options, const Error& error) {
  write_junit_refused(options, error.message);
  if (options.json) write_refused_json(std::cout, error.message);
  spdlog::error("{}; nothing has moved, no record was opened", error.message);
  return exit_code_of(error.code);
}

/// From here on everything that was written is whole.
ExitCode run_prepared(const RunOptions& options, PreparedRun prepared, RunView& view, Timeline& timeline,
                      StopRequest& stop, StopSignals& signals) {
  SideBySide alone(timeline, stop, signals);
  std::vector<PreparedRun> of_one;
  of_one.push_back(std::move(prepared));
  std::optional<Error> refused;
  const auto begun = alone.run(
      {options}, std::move(of_one), [&](std::size_t) -> RunView& { return view; },
      [&](std::size_t, const Error& error) { refused = error; });
  if (!begun) return refuse_run(options, begun.error());
  if (refused) return refuse_run(options, *refused);
  if (alone.disk_hangs()) end_without_disk();
  return alone.runs().front()->exit_code();
}

}  // namespace

void end_without_disk() {
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(to_int(ExitCode::error));
}

void tell_mistakes(const std::vector<Mistake>& mistakes, bool json) {
  if (json) write_mistakes_json(std::cout, mistakes);
  std::cerr << render_mistakes(mistakes, detect_style(2), "nothing has moved, no record was opened.");
}

void tell_next_check(const Inputs& inputs, const std::string& plan_path) {
  if (inputs.has_plan && inputs.has_product) return;
  std::cerr << render(detect_style(2), {{"next     ", Ink::label}, {"penrig plan check " + shell_word(plan_path)}});
}

ExitCode run_command(const RunOptions& options) {
  // First of all: yesterday's green file must not survive whatever happens from here on.
  if (auto replaced = write_junit_not_ended(options); !replaced) {
    return refuse_run(options, replaced.error());
  }

  const auto timeline = sim::is_simulated_rig_uri(options.rig) ? make_virtual_timeline() : make_real_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  PreparedRun prepared = prepare_run(options);
  signals.poll();
  if (stop.requested()) {
    return refuse_run(options, fail(Errc::aborted, stop.why() + " came before the run began: nothing ran"));
  }
  if (!prepared.inputs.ok()) {
    const std::vector<Mistake>& mistakes = prepared.inputs.mistakes;
    write_junit_refused(options, render_mistakes(mistakes, {}, "nothing has moved, no record was opened."));
    tell_mistakes(mistakes, options.json);
    tell_next_check(prepared.inputs, options.plan_path);
    return ExitCode::usage;
  }
  std::unique_ptr<RunView> view;
  if (options.json) {
    view = std::make_unique<JsonView>(std::cout, *timeline);
  } else {
    view = std::make_unique<TerminalView>(std::cout, detect_style(1));
  }
  return run_prepared(options, std::move(prepared), *view, *timeline, stop, signals);
}

}  // namespace penrig::cli
