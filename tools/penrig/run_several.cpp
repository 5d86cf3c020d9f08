#include "tools/penrig/run_several.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "reports/atomic_file.hpp"
#include "reports/junit.hpp"
#include "tools/penrig/json_view.hpp"
#include "tools/penrig/mistakes.hpp"
#include "tools/penrig/run_papers.hpp"
#include "tools/penrig/side_by_side.hpp"
#include "tools/penrig/slots_view.hpp"
#include "tools/penrig/stop_signals.hpp"

namespace penrig::cli {
namespace {

std::vector<std::string> names_of(const RigDescription& rig) {
  std::vector<std::string> names;
  for (const SlotDescription& slot : rig.slots) names.push_back(slot.name);
  return names;
}

/// The one JUnit file of all slots: an error stands there for each until all records are on disk.
class JUnitOfSlots {
 public:
  JUnitOfSlots(std::string path, const std::vector<RunOptions>& each) : path_(std::move(path)), each_(each) {}

  Result<void> begin() const {
    JUnitFile file;
    for (const RunOptions& options : each_) file.add_running(header_before_loading(options));
    return path_.empty() ? Result<void>() : replace_file(path_, file.text());
  }
  /// No run in this slot.
  void refused(const std::string& slot, const std::string& why) { refused_[slot] = why; }
  /// Errors as replace_file(); then the file says that nothing has ended.
  Result<void> end(RecordStore* store, const std::vector<std::unique_ptr<SlotRun>>& runs) const {
    JUnitFile file;
    for (const RunOptions& options : each_) {
      const auto run = std::ranges::find(runs, options.slot, [](const auto& r) { return r->slot(); });
      if (run != runs.end()) {
        add(file, *store, **run);
      } else {
        RunOutcome outcome;
        outcome.verdict = Verdict::error;
        const auto why = refused_.find(options.slot);
        outcome.reason = why == refused_.end() ? "nothing ran" : why->second;
        file.add(header_before_loading(options), outcome, {false, "no record was opened"});
      }
    }
    return path_.empty() ? Result<void>() : replace_file(path_, file.text());
  }

 private:
  static void add(JUnitFile& file, RecordStore& store, const SlotRun& run) {
    const RunResult& result = run.result();
    Result<RunRecord> record = fail(Errc::io, "there is no record");
    if (!result.run_id.empty() && !run.disk_hangs()) record = store.load_run(result.run_id);
    file.add(record ? record->header : header_before_loading(run.options()), result.outcome,
             {result.record_durable, result.record_error});
  }

  std::string path_;
  const std::vector<RunOptions>& each_;
  std::map<std::string, std::string> refused_;
};

/// One slot's run was not begun; the others go on.
ExitCode refuse_slot(const RunOptions& options, const Error& error, SlotsView* text, JUnitOfSlots& junit) {
  junit.refused(options.slot, error.message);
  if (options.json) write_refused_json(std::cout, error.message, options.slot);
  if (text != nullptr) text->refused(options.slot, options.serial_number, error.message);
  spdlog::error("slot {}: {}; nothing has moved in it, no record was opened", options.slot, error.message);
  return exit_code_of(error.code);
}

/// Nothing was begun in any.
ExitCode refuse_all(const std::vector<RunOptions>& each, const Error& error, JUnitOfSlots& junit) {
  for (const RunOptions& options : each) {
    junit.refused(options.slot, error.message);
    if (options.json) write_refused_json(std::cout, error.message, options.slot);
  }
  (void)junit.end(nullptr, {});  // where this fails the file says that nothing has ended
  spdlog::error("{}; nothing has moved, no record was opened", error.message);
  return exit_code_of(error.code);
}

/// Plans, product and rig of all slots, and what the command line says of each; all mistakes at once.
std::vector<PreparedRun> prepare_all(const std::vector<RunOptions>& each, std::vector<Mistake>& mistakes) {
  std::vector<PreparedRun> prepared;
  for (const RunOptions& options : each) {
    prepared.push_back(prepare_run(options));
    add_new(mistakes, prepared.back().inputs.mistakes);
  }
  return prepared;
}

/// The views of the slots: lines of JSON, or one text for all.
struct Views {
  std::vector<std::unique_ptr<JsonView>> json;
  std::unique_ptr<SlotsView> text;
  RunView& of(std::size_t i) { return text ? text->of(i) : *json[i]; }
};

Views views_for(const std::vector<RunOptions>& each, const Timeline& timeline) {
  Views views;
  if (!each.front().json) {
    views.text = std::make_unique<SlotsView>(std::cout, detect_style(1), each);
    return views;
  }
  for (const RunOptions& options : each) {
    views.json.push_back(std::make_unique<JsonView>(std::cout, timeline, options.slot));
  }
  return views;
}

ExitCode run_all(const std::vector<RunOptions>& each, std::vector<PreparedRun> prepared, Timeline& timeline,
                 StopRequest& stop, StopSignals& signals, JUnitOfSlots& junit) {
  Views views = views_for(each, timeline);
  std::vector<ExitCode> codes;
  SideBySide slots(timeline, stop, signals);
  const auto begun = slots.run(
      each, std::move(prepared), [&](std::size_t i) -> RunView& { return views.of(i); },
      [&](std::size_t i, const Error& error) {
        codes.push_back(refuse_slot(each[i], error, views.text.get(), junit));
      });
  if (!begun) return refuse_all(each, begun.error(), junit);
  for (const auto& run : slots.runs()) codes.push_back(run->exit_code());
  const ExitCode worst = worst_of(codes, !slots.runs().empty());
  if (views.text) views.text->finish(each.front().records);
  if (slots.disk_hangs()) end_without_disk();
  if (const auto written = junit.end(slots.store(), slots.runs()); !written) {
    spdlog::error("{}; its reader still finds an error there, so this counts as one", written.error().message);
    return ExitCode::error;
  }
  return worst;
}

}  // namespace

std::vector<std::string> chosen_slots(const std::string& wanted, const RigDescription& rig,
                                      std::vector<Mistake>& mistakes) {
  std::vector<std::string> all = names_of(rig);
  if (wanted == "all") return all;
  std::vector<std::string> chosen;
  for (std::size_t at = 0; at <= wanted.size();) {
    const std::size_t end = std::min(wanted.find(',', at), wanted.size());
    const std::string name = wanted.substr(at, end - at);
    at = end + 1;
    if (std::ranges::find(all, name) == all.end()) {
      mistakes.push_back(
          option_mistake("--slots", fmt::format("rig '{}' has no slot '{}' (it has {}; write: --slots all, "
                                                "or some of them, by commas)",
                                                rig.name, name, fmt::join(all, ", "))));
    } else if (std::ranges::find(chosen, name) != chosen.end()) {
      mistakes.push_back(option_mistake("--slots", fmt::format("slot '{}' is named twice", name)));
    } else {
      chosen.push_back(name);
    }
  }
  return chosen;
}

SlotsToRun slots_to_run(const RunSlotsOptions& options, const RigDescription& rig) {
  SlotsToRun to_run;
  const std::vector<std::string> slots = chosen_slots(options.slots, rig, to_run.mistakes);
  if (!to_run.mistakes.empty()) return to_run;
  const std::string in_order = fmt::format("in the order {}", fmt::join(slots, ", "));
  if (options.serial_numbers.size() != slots.size()) {
    to_run.mistakes.push_back(option_mistake(
        "--serial-number", fmt::format("{} serial numbers for {} slots (one a slot, {}; leave empty slots out: "
                                       "--slots 1,3)",
                                       options.serial_numbers.size(), slots.size(), in_order)));
  }
  if (options.plan_paths.size() != 1 && options.plan_paths.size() != slots.size()) {
    to_run.mistakes.push_back(
        option_mistake("PLAN", fmt::format("{} plans for {} slots (one for all, or one a slot, {})",
                                           options.plan_paths.size(), slots.size(), in_order)));
  }
  std::set<std::string> pens;
  for (const std::string& pen : options.serial_numbers) {
    if (pens.insert(pen).second) continue;
    to_run.mistakes.push_back(
        option_mistake("--serial-number", fmt::format("'{}' cannot be in two slots (scan each pen again)", pen)));
  }
  if (!to_run.mistakes.empty()) return to_run;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    RunOptions each = options.each;
    each.slot = slots[i];
    each.serial_number = options.serial_numbers[i];
    each.plan_path = options.plan_paths[options.plan_paths.size() == 1 ? 0 : i];
    each.junit_path.clear();  // one file for all
    to_run.each.push_back(std::move(each));
  }
  return to_run;
}

ExitCode worst_of(const std::vector<ExitCode>& codes, bool any_ran) {
  ExitCode worst = ExitCode::pass;
  const bool all_same = std::ranges::adjacent_find(codes, std::ranges::not_equal_to{}) == codes.end();
  if (!any_ran && all_same && !codes.empty()) return codes.front();
  for (ExitCode code : codes) {
    if (to_int(code) > to_int(ExitCode::error)) code = ExitCode::error;
    if (to_int(code) > to_int(worst)) worst = code;
  }
  return worst;
}

ExitCode run_slots_command(const RunSlotsOptions& options) {
  const bool virtual_time = sim::is_simulated_rig_uri(options.each.rig);
  const auto timeline = virtual_time ? make_virtual_timeline() : make_real_timeline();
  StopRequest stop(*timeline);
  StopSignals signals(*timeline, stop, InHand::rig);
  // First of all: yesterday's green file must not survive whatever happens from here on.
  if (auto replaced = write_junit_not_ended(options.each); !replaced) {
    spdlog::error("{}; nothing has moved, no record was opened", replaced.error().message);
    return exit_code_of(replaced.error().code);
  }
  const Inputs rig = load_rig_inputs(options.each.rig);
  SlotsToRun to_run;
  if (rig.ok()) to_run = slots_to_run(options, rig.rig);
  JUnitOfSlots junit(options.each.junit_path, to_run.each);
  if (auto replaced = junit.begin(); !replaced) return refuse_all(to_run.each, replaced.error(), junit);
  std::vector<Mistake> mistakes = rig.ok() ? to_run.mistakes : rig.mistakes;
  std::vector<PreparedRun> prepared = prepare_all(to_run.each, mistakes);
  signals.poll();
  if (stop.requested()) {
    return refuse_all(to_run.each, fail(Errc::aborted, stop.why() + " came before the runs began: nothing ran"), junit);
  }
  if (!mistakes.empty()) {
    write_junit_refused(options.each, render_mistakes(mistakes, {}, "nothing has moved, no record was opened."));
    tell_mistakes(mistakes, options.each.json);
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      if (i == 0 || to_run.each[i].plan_path != to_run.each[i - 1].plan_path)
        tell_next_check(prepared[i].inputs, to_run.each[i].plan_path);
    }
    return ExitCode::usage;
  }
  return run_all(to_run.each, std::move(prepared), *timeline, stop, signals, junit);
}

}  // namespace penrig::cli
