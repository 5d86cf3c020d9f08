#include "tools/penrig/suite_command.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "reports/atomic_file.hpp"
#include "reports/store/record_store.hpp"
#include "rig/spec/civil_date.hpp"
#include "rig/spec/yaml_tree.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/suite_progress.hpp"
#include "tools/penrig/terminal.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;
using Kind = JUnitItem::Kind;

CivilDate today() { return date_of_utc(acting("").at_utc_ns); }

std::string counted(std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

/// The head of both commands.
std::vector<Line> head_of(const LoadedSuite& loaded, const SuiteOptions& options) {
  const Suite& s = loaded.suite;
  std::vector<Line> lines;
  lines.push_back(
      {{"suite    ", Ink::label},
       {fmt::format("{} rev {}: {} of {}, order {}", s.name, s.revision, counted(loaded.items.size(), "run"),
                    s.entries.size() == 1 ? "1 entry" : fmt::format("{} entries", s.entries.size()),
                    s.random ? fmt::format("random, seed {}", s.seed) : "fixed")}});
  if (!options.filter.empty()) lines.push_back({{"filter   ", Ink::label}, {options.filter}});
  if (s.stop_after_failures > 0 || s.stop_after_errors > 0) {
    std::string stop;
    if (s.stop_after_failures > 0) stop = counted(s.stop_after_failures, "failure");
    if (s.stop_after_errors > 0) stop += (stop.empty() ? "" : " or ") + counted(s.stop_after_errors, "error");
    lines.push_back({{"stops    ", Ink::label}, {"after " + stop}});
  }
  return lines;
}

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

bool same(const Mistake& a, const Mistake& b) {
  return a.file == b.file && a.line == b.line && a.column == b.column && a.message == b.message;
}

/// Every plan with every pen over every link, once.
void check_runs(LoadedSuite& loaded, const SuiteOptions& options) {
  for (const SuiteItem& item : loaded.items) {
    if (item.repeat > 1) continue;
    const PreparedRun prepared = prepare_run(options_of(loaded, item, options));
    for (const Mistake& found : prepared.inputs.mistakes) {
      Mistake mistake = in_suite(loaded, item, found);
      if (std::ranges::none_of(loaded.mistakes, [&](const Mistake& known) { return same(known, mistake); }))
        loaded.mistakes.push_back(std::move(mistake));
    }
    const SuiteEntry& e = loaded.suite.entries[item.entry];
    if (!prepared.inputs.has_plan || !e.expected) continue;
    for (const std::string& id : e.expected->requirements) {
      if (std::ranges::find(prepared.inputs.plan.judge, id) != prepared.inputs.plan.judge.end()) continue;
      Mistake mistake = mistake_at(
          loaded.path, TextLines(loaded.text), e.expected->place,
          fmt::format("'{}' is expected to fail, and plan '{}' does not judge it", id, prepared.inputs.plan.name));
      if (std::ranges::none_of(loaded.mistakes, [&](const Mistake& known) { return same(known, mistake); }))
        loaded.mistakes.push_back(std::move(mistake));
    }
  }
}

/// One file: the suite with all its items, then each run that is there. Of an expected failure only the item: its
/// decisions would be failures to whoever counts.
std::string junit_of(const LoadedSuite& loaded, const SuiteTrail& trail, const std::string& left, RecordStore* store) {
  JUnitFile file;
  JUnitSuite suite{loaded.suite.name, {{"trail", trail.id()}, {"file_sha256", loaded.sha256}}, {}};
  for (const std::string& seam : trail.seams()) suite.properties.emplace_back("resumed", seam);
  std::vector<std::string> shown_runs;
  for (const SuiteItem& item : loaded.items) {
    JUnitItem entry{item.title, Kind::error, "not run", left};
    if (const auto done = trail.done().find(item.number); done != trail.done().end()) {
      const ItemStanding s = standing_of(loaded.suite.entries[item.entry], done->second, today());
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

/// What all of it comes to.
struct Tally {
  std::size_t passed = 0, expected = 0, failed = 0, errors = 0, aborted = 0, not_run = 0;

  void add(const ItemStanding& s, Verdict verdict) {
    if (s.kind == Kind::passed) ++passed;
    if (s.kind == Kind::expected) ++expected;
    if (s.kind == Kind::failed) ++failed;
    if (s.kind == Kind::error) ++(verdict == Verdict::aborted ? aborted : errors);
  }
  ExitCode exit() const {
    if (errors > 0) return ExitCode::error;
    if (aborted > 0) return ExitCode::aborted;
    return failed > 0 || not_run > 0 ? ExitCode::not_passed : ExitCode::pass;
  }
  std::string words() const {
    std::string text = fmt::format("{} PASS", passed);
    if (failed > 0) text += fmt::format(", {} FAIL", failed);
    if (errors > 0) text += fmt::format(", {} ERROR", errors);
    if (aborted > 0) text += fmt::format(", {} ABORTED", aborted);
    if (expected > 0) text += fmt::format(", {} failed as expected", expected);
    if (not_run > 0) text += fmt::format(", {} not run", not_run);
    return text;
  }
};

/// Says what happens, to people or to programs.
class SuiteView {
 public:
  SuiteView(const LoadedSuite& loaded, bool json) : loaded_(loaded), json_(json), style_(detect_style(STDOUT_FILENO)) {}

  void begin(const SuiteOptions& options, const SuiteTrail& trail) const {
    if (json_) {
      put({{"event", "suite"},
           {"suite", loaded_.suite.name},
           {"revision", loaded_.suite.revision},
           {"trail", trail.id()},
           {"runs", loaded_.items.size()},
           {"resumed", trail.seams()}});
      return;
    }
    for (const Line& line : head_of(loaded_, options)) std::cout << render(style_, line);
    std::cout << render(style_, {{"trail    ", Ink::label}, {fmt::format("{} in {}", trail.id(), options.records)}});
    for (const std::string& seam : trail.seams()) std::cout << render(style_, {{"resumed  ", Ink::label}, {seam}});
    std::cout << '\n' << std::flush;
  }

  void item(std::size_t place, const SuiteItem& item, const ItemOutcome& o, const ItemStanding& s) const {
    const std::string first = s.note.substr(0, s.note.find('\n'));
    if (json_) {
      put({{"event", "run"},
           {"item", item.number},
           {"title", item.title},
           {"run", o.run_id},
           {"verdict", name_of(o.verdict)},
           {"counts_as", word_of(s.kind)},
           {"reason", s.note}});
      return;
    }
    const Ink ink = s.kind == Kind::passed ? Ink::pass : s.kind == Kind::expected ? Ink::plain : Ink::fail;
    const char* sign = s.kind == Kind::passed     ? "✓"
                       : s.kind == Kind::expected ? "~"
                       : s.kind == Kind::failed   ? "✗"
                                                  : "!";
    std::cout << render(style_, {{fmt::format("{:>4}/{}  ", place, loaded_.items.size()), Ink::label},
                                 {fmt::format("{} {:<5}", sign, s.word), ink},
                                 {fmt::format("  {:<8}  {}", o.run_id.empty() ? "-" : o.run_id, item.title)}});
    if (s.kind != Kind::passed && !first.empty())
      for (const std::string& part : wrap(style_, first, style_.columns - 12))
        std::cout << render(style_, {{"            " + part, Ink::label}});
    std::cout << std::flush;
  }

  void end(const Tally& tally, const std::string& why, const SuiteOptions& options, bool unfinished) const {
    const ExitCode exit = tally.exit();
    if (json_) {
      put({{"event", "result"},
           {"exit_code", to_int(exit)},
           {"passed", tally.passed},
           {"failed", tally.failed},
           {"errors", tally.errors},
           {"aborted", tally.aborted},
           {"expected_failures", tally.expected},
           {"not_run", tally.not_run},
           {"stopped", why}});
      return;
    }
    const char* word = exit == ExitCode::pass      ? "PASS"
                       : exit == ExitCode::error   ? "ERROR"
                       : exit == ExitCode::aborted ? "ABORTED"
                                                   : "FAIL";
    std::cout << '\n';
    if (!why.empty()) std::cout << render(style_, {{"stopped  ", Ink::label}, {why}});
    std::cout << render(style_, {{fmt::format("{} {}", exit == ExitCode::pass ? "✓" : "✗", word),
                                  exit == ExitCode::pass ? Ink::pass : Ink::fail},
                                 {fmt::format("   {}   {}", loaded_.suite.name, tally.words())}});
    if (unfinished)
      std::cout << render(
          style_, {{"next     ", Ink::label}, {fmt::format("penrig suite run {} --resume", shell_word(options.path))}});
  }

 private:
  static const char* word_of(Kind kind) {
    return kind == Kind::passed     ? "passed"
           : kind == Kind::expected ? "expected failure"
           : kind == Kind::failed   ? "failed"
                                    : "error";
  }
  static void put(const Json& line) {
    std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  }
  const LoadedSuite& loaded_;
  bool json_;
  TerminalStyle style_;
};

Result<void> write_junit_file(const SuiteOptions& options, const LoadedSuite& loaded, const SuiteTrail& trail,
                              const std::string& left) {
  if (options.junit_path.empty()) return {};
  const auto store = RecordStore::open_existing(options.records, store_options());
  return replace_file(options.junit_path, junit_of(loaded, trail, left, store ? store->get() : nullptr));
}

std::string stop_reason(const Suite& s, const Tally& tally) {
  if (s.stop_after_failures > 0 && tally.failed >= s.stop_after_failures)
    return fmt::format("{}: the suite stops after that", counted(tally.failed, "failure"));
  if (s.stop_after_errors > 0 && tally.errors >= s.stop_after_errors)
    return fmt::format("{}: the suite stops after that", counted(tally.errors, "error"));
  return "";
}

ExitCode run_items(const SuiteOptions& options, const LoadedSuite& loaded, SuiteTrail& trail) {
  constexpr const char* kNotEnded = "the suite has not ended: this was not run";
  const SuiteView view(loaded, options.json);
  view.begin(options, trail);
  Tally tally;
  std::string why;
  bool stopped = false;
  std::size_t place = 0;
  for (const SuiteItem& item : loaded.items) {
    ++place;
    const SuiteEntry& entry = loaded.suite.entries[item.entry];
    const auto done = trail.done().find(item.number);
    if (done == trail.done().end()) {
      if (why.empty()) why = stop_reason(loaded.suite, tally);
      if (!why.empty() || stopped) {
        ++tally.not_run;
        continue;
      }
      if (auto kept = write_junit_file(options, loaded, trail, kNotEnded); !kept) return complain(kept.error());
      RunOptions run = options_of(loaded, item, options);
      run.reason = trail.reason_of(item);
      const RunTold told = run_quietly(run);
      // What was stopped before it began is not run: the next one goes on with it.
      stopped = told.stopped;
      if (stopped) why = "by whoever runs it";
      if (stopped && told.run_id.empty()) {
        ++tally.not_run;
        ++tally.aborted;
        continue;
      }
      const ItemOutcome outcome{told.run_id, told.exit == ExitCode::error ? Verdict::error : told.verdict, told.reason,
                                told.failed};
      if (auto added = trail.add(item, outcome); !added) return complain(added.error());
    }
    const ItemOutcome& outcome = trail.done().at(item.number);
    const ItemStanding s = standing_of(entry, outcome, today());
    tally.add(s, outcome.verdict);
    view.item(place, item, outcome, s);
  }
  const ExitCode exit = tally.exit();
  if (!stopped) {
    if (auto ended = trail.end(exit, tally.words()); !ended) return complain(ended.error());
  }
  if (auto kept = write_junit_file(options, loaded, trail, why.empty() ? kNotEnded : "not run: stopped: " + why);
      !kept) {
    spdlog::error("{}; its reader still finds what was written last, so this counts as an error", kept.error().message);
    return ExitCode::error;
  }
  view.end(tally, why, options, stopped);
  return exit;
}

ExitCode refuse_suite(const SuiteOptions& options, const std::vector<Mistake>& mistakes, int stream) {
  const std::string happened = "nothing has moved, nothing was run.";
  write_suite_refused(options.junit_path, options.path, render_mistakes(mistakes, {}, happened));
  (stream == STDERR_FILENO ? std::cerr : std::cout) << render_mistakes(mistakes, detect_style(stream), happened);
  return ExitCode::usage;
}

}  // namespace

void write_suite_refused(const std::string& junit_path, const std::string& suite, const std::string& reason) {
  if (junit_path.empty()) return;
  JUnitFile file;
  file.add(JUnitSuite{suite, {}, {{"suite", Kind::error, "refused", reason}}});
  // Where this fails there is nobody to tell: the mistake itself is on stderr.
  (void)replace_file(junit_path, file.text());
}

ExitCode suite_check_command(const SuiteOptions& options) {
  LoadedSuite loaded = load_suite_file(options);
  if (loaded.ok()) check_runs(loaded, options);
  if (!loaded.ok()) return refuse_suite(options, loaded.mistakes, STDOUT_FILENO);
  const TerminalStyle style = detect_style(STDOUT_FILENO);
  for (const Line& line : head_of(loaded, options)) std::cout << render(style, line);
  std::size_t place = 0;
  for (const SuiteItem& item : loaded.items) {
    const SuiteEntry& e = loaded.suite.entries[item.entry];
    std::string tags;
    for (const std::string& tag : e.tags) tags += (tags.empty() ? "   " : ", ") + tag;
    std::cout << render(style, {{fmt::format("{:>9}  ", ++place), Ink::label}, {item.title}, {tags, Ink::label}});
  }
  for (const SuiteEntry& e : loaded.suite.entries) {
    if (!e.expected) continue;
    const bool over = today().days > e.expected->until.days;
    std::cout << render(style, {{over ? "expired  " : "expects  ", over ? Ink::fail : Ink::label},
                                {fmt::format("{} fails {} {}: {}", e.name, over ? "was expected until" : "until",
                                             e.expected->until.text, e.expected->reason)}});
  }
  std::cout << render(style, {{"no mistakes"}});
  return ExitCode::pass;
}

ExitCode suite_run_command(const SuiteOptions& options) {
  // First of all: yesterday's green file must not survive whatever happens from here on.
  if (!options.junit_path.empty()) {
    JUnitFile file;
    file.add(JUnitSuite{options.path, {}, {{"suite", Kind::error, "running", "the suite has not ended"}}});
    if (auto replaced = replace_file(options.junit_path, file.text()); !replaced) return complain(replaced.error());
  }
  const LoadedSuite loaded = load_suite_file(options);
  if (!loaded.ok()) return refuse_suite(options, loaded.mistakes, STDERR_FILENO);
  SuiteTrail trail(loaded, options);
  if (auto ready = options.resume ? trail.resume() : trail.begin(); !ready) {
    write_suite_refused(options.junit_path, loaded.suite.name, ready.error().message);
    return complain(ready.error());
  }
  return run_items(options, loaded, trail);
}

}  // namespace penrig::cli
