#include "tools/penrig/suite_run.hpp"

#include <iostream>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fixtures/sim/sim_uri.hpp"
#include "reports/atomic_file.hpp"
#include "reports/counted.hpp"
#include "reports/store/record_store.hpp"
#include "rig/base/timeline.hpp"
#include "rig/spec/civil_date.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/run_quietly.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/typed_lines.hpp"

namespace penrig::cli {
namespace {

using Kind = JUnitItem::Kind;

constexpr std::size_t kFilesWhileItRuns = 200;  ///< of JUnit, however many runs there are

/// One file: the suite with all its items, then, of one that is over, each run that is there. Of an expected failure
/// only the item: its decisions would be failures to whoever counts.
std::string junit_of(const LoadedSuite& loaded, const SuiteTrail& trail, const std::string& left, RecordStore* store) {
  JUnitFile file;
  JUnitSuite suite{loaded.suite.name, {{"trail", trail.id()}, {"file_sha256", loaded.sha256}}, {}};
  for (const std::string& seam : trail.seams()) suite.properties.emplace_back("resumed", seam);
  std::vector<std::string> shown_runs;
  for (const SuiteItem& item : loaded.items) {
    JUnitItem entry{item.title, Kind::error, "not run", left};
    if (const auto done = trail.done().find(item.number); done != trail.done().end()) {
      const ItemStanding s = standing_of(loaded.suite.entries[item.entry], done->second, day_of_suite());
      entry.kind = s.kind;
      entry.type = s.word;
      entry.message = s.note;
      if (!done->second.run_id.empty() && s.kind != Kind::expected) shown_runs.push_back(done->second.run_id);
    }
    suite.items.push_back(std::move(entry));
  }
  file.add(suite);
  for (const std::string& run : shown_runs) {
    if (store == nullptr) break;
    if (const auto record = store->load_run(run)) file.add(*record);
  }
  return file.text();
}

std::string stop_reason(const Suite& s, const SuiteTally& tally) {
  if (s.stop_after_failures > 0 && tally.failed >= s.stop_after_failures)
    return fmt::format("{}: the suite stops after that", counted(tally.failed, "failure"));
  if (s.stop_after_errors > 0 && tally.errors >= s.stop_after_errors)
    return fmt::format("{}: the suite stops after that", counted(tally.errors, "error"));
  return "";
}

/// Asks for the pen that is to be clamped next, where somebody can be asked.
class Clamping {
 public:
  /// Why it is not clamped; empty: it is.
  std::string why_not(const RunOptions& run, std::size_t place, std::size_t all) {
    if (sim::is_simulated_rig_uri(run.rig) || !somebody_at_terminal()) return "";
    std::string& there = there_[{run.rig, run.slot}];
    if (there == run.serial_number) return "";
    std::cerr << fmt::format("{}/{}  clamp {}{}{}, then press Enter (q and Enter: stop here) ", place, all,
                             run.serial_number, run.slot.empty() ? "" : " in slot ", run.slot)
              << std::flush;
    std::string line;
    auto state = TypedLines::State::nothing;
    const auto timeline = make_real_timeline();
    const auto until = timeline->now() + kAtMost;
    while (state == TypedLines::State::nothing && timeline->now() < until) state = typed_.take(line, kBetweenLooks);
    if (state == TypedLines::State::nothing) {
      std::cerr << '\n';
      return fmt::format("nobody clamped {} in half an hour", run.serial_number);
    }
    if (state == TypedLines::State::ended || line == "q") return kByHand;
    there = run.serial_number;
    return "";
  }
  static constexpr const char* kByHand = "by whoever runs it";

 private:
  static constexpr std::chrono::milliseconds kBetweenLooks{500};
  static constexpr std::chrono::minutes kAtMost{30};
  TypedLines typed_;
  std::map<std::pair<std::string, std::string>, std::string> there_;
};

/// Runs a suite, round by round.
class Rounds {
 public:
  Rounds(const SuiteOptions& options, const LoadedSuite& loaded, SuiteTrail& trail, SuiteManner manner)
      : options_(options), loaded_(loaded), trail_(trail), manner_(manner), view_(loaded, options.json, manner.blind) {}

  ExitCode run() {
    view_.begin(options_, trail_);
    const auto& items = loaded_.items;
    for (std::size_t first = 0, end = 0; first < items.size(); first = end) {
      while (end < items.size() && items[end].round == items[first].round) ++end;
      if (auto kept = round(first, end); !kept) return complain(kept.error());
    }
    unfinished_ = unfinished_ && trail_.done().size() < items.size();
    const ExitCode exit = tally_.exit();
    if (!unfinished_)
      if (auto ended = trail_.end(exit, tally_.words()); !ended) return complain(ended.error());
    const auto store = RecordStore::open_existing(options_.records, store_options());
    const std::string left = why_.empty() ? kNotEnded : "not run: stopped: " + why_;
    if (auto kept = junit(left, store ? store->get() : nullptr); !kept) {
      spdlog::error("{}; its reader still finds what was written last, so this counts as an error",
                    kept.error().message);
      return ExitCode::error;
    }
    view_.end(tally_, why_, options_, unfinished_);
    return exit;
  }

 private:
  static constexpr const char* kNotEnded = "the suite has not ended: this was not run";

  /// Items first to end - 1, at the same time: those that are not done yet.
  Result<void> round(std::size_t first, std::size_t end) {
    std::vector<std::size_t> due;
    for (std::size_t i = first; i < end; ++i)
      if (!trail_.done().contains(loaded_.items[i].number)) due.push_back(i);
    std::map<std::size_t, ItemOutcome> stopped;  // what has to be run again
    if (!due.empty() && why_.empty()) why_ = stop_reason(loaded_.suite, tally_);
    if (!due.empty() && why_.empty())
      if (auto run = run_due(due, stopped); !run) return run;
    for (std::size_t i = first; i < end; ++i) tell(i, stopped);
    return {};
  }

  Result<void> run_due(const std::vector<std::size_t>& due, std::map<std::size_t, ItemOutcome>& stopped) {
    runs_since_file_ += due.size();
    if (runs_since_file_ > loaded_.items.size() / kFilesWhileItRuns) {
      if (auto kept = junit(kNotEnded, nullptr); !kept) return kept;
      runs_since_file_ = 0;
    }
    std::vector<RunOptions> runs;
    for (const std::size_t i : due) {
      if (auto same = trail_.check_documents(loaded_.items[i]); !same) return same;
      runs.push_back(options_of(loaded_, loaded_.items[i], options_));
      runs.back().reason = trail_.reason_of(loaded_.items[i]);
      why_ = clamping_.why_not(runs.back(), i + 1, loaded_.items.size());
      if (why_.empty()) continue;
      unfinished_ = tally_.stopped_by_hand = true;
      return {};
    }
    // Shown is the one that is farthest behind: it says when all are over.
    std::vector<std::optional<Progress>> all(due.size());
    const std::vector<RunTold> told = run_quietly(runs, [&](std::size_t k, const Progress& p) {
      all[k] = p;
      const auto ahead = [](const auto& one) { return one ? one->fraction : 2; };
      const auto last = static_cast<std::size_t>(std::ranges::min_element(all, {}, ahead) - all.begin());
      view_.progress(due[last] + 1, due.size(), loaded_.items[due[last]], *all[last]);
    });
    for (std::size_t k = 0; k < due.size(); ++k)
      if (auto kept = keep(due[k], told[k], stopped); !kept) return kept;
    return {};
  }

  Result<void> keep(std::size_t i, const RunTold& told, std::map<std::size_t, ItemOutcome>& stopped) {
    const SuiteItem& item = loaded_.items[i];
    const ItemOutcome outcome{told.run_id, told.exit == ExitCode::error ? Verdict::error : told.verdict, told.reason,
                              told.failed};
    // What was stopped by hand is not done: the next one runs it again.
    if (told.stopped) {
      unfinished_ = tally_.stopped_by_hand = true;
      why_ = Clamping::kByHand;
    }
    const bool by_hand = told.stopped && (told.run_id.empty() || outcome.verdict == Verdict::aborted);
    if (!by_hand && !(manner_.errors_again && outcome.verdict >= Verdict::aborted)) return trail_.add(item, outcome);
    unfinished_ = true;
    stopped[i] = outcome;
    if (by_hand) stopped[i].verdict = Verdict::aborted;
    return told.run_id.empty() ? Result<void>() : trail_.add_stopped(item, outcome);
  }

  void tell(std::size_t i, const std::map<std::size_t, ItemOutcome>& stopped) {
    const SuiteItem& item = loaded_.items[i];
    const auto again = stopped.find(i);
    const auto done = trail_.done().find(item.number);
    if (again == stopped.end() && done == trail_.done().end()) {
      ++tally_.not_run;
      return;
    }
    const ItemOutcome& outcome = again != stopped.end() ? again->second : done->second;
    const ItemStanding s = standing_of(loaded_.suite.entries[item.entry], outcome, day_of_suite());
    tally_.add(s, outcome.verdict);
    view_.item(i + 1, item, outcome, s);
  }

  Result<void> junit(const std::string& left, RecordStore* store) const {
    if (options_.junit_path.empty()) return {};
    return replace_file(options_.junit_path, junit_of(loaded_, trail_, left, store));
  }

  const SuiteOptions& options_;
  const LoadedSuite& loaded_;
  SuiteTrail& trail_;
  SuiteManner manner_;
  SuiteView view_;
  Clamping clamping_;
  SuiteTally tally_;
  std::string why_;  ///< it stopped
  bool unfinished_ = false;
  std::size_t runs_since_file_ = 0;
};

}  // namespace

CivilDate day_of_suite() { return date_of_utc(acting("").at_utc_ns); }

ExitCode run_suite_items(const SuiteOptions& options, const LoadedSuite& loaded, SuiteTrail& trail,
                         SuiteManner manner) {
  return Rounds(options, loaded, trail, manner).run();
}

}  // namespace penrig::cli
