#include "tools/penrig/suite_run.hpp"

#include <iostream>
#include <map>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "fixtures/sim/sim_uri.hpp"
#include "reports/atomic_file.hpp"
#include "reports/store/record_store.hpp"
#include "rig/spec/civil_date.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/typed_lines.hpp"

namespace penrig::cli {
namespace {

using Kind = JUnitItem::Kind;

constexpr std::size_t kFilesWhileItRuns = 200;  ///< of JUnit, however many runs there are

std::string counted(std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

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
  /// @return false: whoever was asked leaves it.
  bool done(const RunOptions& run, std::size_t place, std::size_t all) {
    if (sim::is_simulated_rig_uri(run.rig) || !::isatty(STDIN_FILENO) || !::isatty(STDERR_FILENO)) return true;
    std::string& there = there_[{run.rig, run.slot}];
    if (there == run.serial_number) return true;
    std::cerr << fmt::format("{}/{}  clamp {}{}{}, then press Enter (q and Enter: stop here) ", place, all,
                             run.serial_number, run.slot.empty() ? "" : " in slot ", run.slot)
              << std::flush;
    std::string line;
    auto state = TypedLines::State::nothing;
    while (state == TypedLines::State::nothing) state = typed_.take(line, std::chrono::milliseconds{500});
    if (state == TypedLines::State::ended || line == "q") return false;
    there = run.serial_number;
    return true;
  }

 private:
  TypedLines typed_;
  std::map<std::pair<std::string, std::string>, std::string> there_;
};

}  // namespace

CivilDate day_of_suite() { return date_of_utc(acting("").at_utc_ns); }

ExitCode run_suite_items(const SuiteOptions& options, const LoadedSuite& loaded, SuiteTrail& trail,
                         SuiteManner manner) {
  constexpr const char* kNotEnded = "the suite has not ended: this was not run";
  const auto junit = [&](const std::string& left, RecordStore* store) -> Result<void> {
    if (options.junit_path.empty()) return {};
    return replace_file(options.junit_path, junit_of(loaded, trail, left, store));
  };
  SuiteView view(loaded, options.json, manner.blind);
  Clamping clamping;
  view.begin(options, trail);
  SuiteTally tally;
  std::string why;
  bool unfinished = false;
  std::size_t place = 0;
  const std::size_t every = 1 + loaded.items.size() / kFilesWhileItRuns;
  for (const SuiteItem& item : loaded.items) {
    ++place;
    const SuiteEntry& entry = loaded.suite.entries[item.entry];
    if (!trail.done().contains(item.number)) {
      if (why.empty()) why = stop_reason(loaded.suite, tally);
      if (!why.empty()) {
        ++tally.not_run;
        continue;
      }
      if (place % every == 0)
        if (auto kept = junit(kNotEnded, nullptr); !kept) return complain(kept.error());
      RunOptions run = options_of(loaded, item, options);
      run.reason = trail.reason_of(item);
      if (!clamping.done(run, place, loaded.items.size())) {
        unfinished = true;
        why = "by whoever runs it";
        tally.stopped_by_hand = true;
        ++tally.not_run;
        continue;
      }
      const RunTold told = run_quietly(run, [&](const Progress& p) { view.progress(place, item, p); });
      const ItemOutcome outcome{told.run_id, told.exit == ExitCode::error ? Verdict::error : told.verdict, told.reason,
                                told.failed};
      // What was stopped by hand is not done: the next one runs it again.
      if (told.stopped) {
        unfinished = tally.stopped_by_hand = true;
        why = "by whoever runs it";
      }
      const bool by_hand = told.stopped && (told.run_id.empty() || outcome.verdict == Verdict::aborted);
      if (by_hand || (manner.errors_again && outcome.verdict >= Verdict::aborted)) {
        unfinished = true;
        if (!told.run_id.empty())
          if (auto added = trail.add_stopped(item, outcome); !added) return complain(added.error());
        const ItemStanding s = standing_of(entry, outcome, day_of_suite());
        tally.add(s, by_hand ? Verdict::aborted : outcome.verdict);
        view.item(place, item, outcome, s);
        continue;
      }
      if (auto added = trail.add(item, outcome); !added) return complain(added.error());
    }
    const ItemOutcome& outcome = trail.done().at(item.number);
    const ItemStanding s = standing_of(entry, outcome, day_of_suite());
    tally.add(s, outcome.verdict);
    view.item(place, item, outcome, s);
  }
  unfinished = unfinished && trail.done().size() < loaded.items.size();
  const ExitCode exit = tally.exit();
  if (!unfinished)
    if (auto ended = trail.end(exit, tally.words()); !ended) return complain(ended.error());
  const auto store = RecordStore::open_existing(options.records, store_options());
  if (auto kept = junit(why.empty() ? kNotEnded : "not run: stopped: " + why, store ? store->get() : nullptr); !kept) {
    spdlog::error("{}; its reader still finds what was written last, so this counts as an error", kept.error().message);
    return ExitCode::error;
  }
  view.end(tally, why, options, unfinished);
  return exit;
}

}  // namespace penrig::cli
