#include "tools/penrig/suite_view.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "reports/counted.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/terminal_view.hpp"

namespace penrig::cli {
namespace {

using Json = nlohmann::ordered_json;
using Kind = JUnitItem::Kind;

std::string placed_title(const SuiteItem& item) {
  return item.slot.empty() ? item.title : fmt::format("{}, slot {}", item.title, item.slot);
}

std::size_t rounds_of(const LoadedSuite& loaded) {
  std::size_t rounds = 0;
  for (std::size_t i = 0; i < loaded.items.size(); ++i)
    rounds += i == 0 || loaded.items[i].round != loaded.items[i - 1].round ? 1U : 0U;
  return rounds;
}

const char* kind_word(Kind kind) {
  return kind == Kind::passed     ? "passed"
         : kind == Kind::expected ? "expected failure"
         : kind == Kind::failed   ? "failed"
                                  : "error";
}

/// An entry that --rig leaves where it is would surprise whoever reads what came of it.
std::vector<Line> own_rigs(const LoadedSuite& loaded, const SuiteOptions& options) {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < loaded.suite.entries.size(); ++i) {
    const SuiteEntry& e = loaded.suite.entries[i];
    if (!keeps_own_rig(e, options) || std::ranges::find(loaded.items, i, &SuiteItem::entry) == loaded.items.end())
      continue;
    lines.push_back({{"own rig  ", Ink::label}, {fmt::format("{} stays on {}", e.name, e.rig)}});
  }
  return lines;
}

void put(const Json& line) {
  std::cout << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
}

}  // namespace

void SuiteTally::add(const ItemStanding& s, Verdict verdict) {
  if (s.kind == Kind::passed) ++passed;
  if (s.kind == Kind::expected) ++expected;
  if (s.kind == Kind::failed) ++failed;
  if (s.kind == Kind::error) ++(verdict == Verdict::aborted ? aborted : errors);
}

ExitCode SuiteTally::exit() const {
  if (errors > 0) return ExitCode::error;
  if (aborted > 0 || stopped_by_hand) return ExitCode::aborted;
  return failed > 0 || not_run > 0 ? ExitCode::not_passed : ExitCode::pass;
}

std::string SuiteTally::words() const {
  std::string text = fmt::format("{} PASS", passed);
  if (failed > 0) text += fmt::format(", {} FAIL", failed);
  if (errors > 0) text += fmt::format(", {} ERROR", errors);
  if (aborted > 0) text += fmt::format(", {} ABORTED", aborted);
  if (expected > 0) text += fmt::format(", {} failed as expected", expected);
  if (not_run > 0) text += fmt::format(", {} not run", not_run);
  return text;
}

std::vector<Line> suite_head(const LoadedSuite& loaded, const SuiteOptions& options) {
  const Suite& s = loaded.suite;
  std::vector<Line> lines;
  lines.push_back(
      {{"suite    ", Ink::label},
       {fmt::format("{} rev {}: {} of {}, order {}", s.name, s.revision, counted(loaded.items.size(), "run"),
                    s.entries.size() == 1 ? "1 entry" : fmt::format("{} entries", s.entries.size()),
                    s.random ? fmt::format("random, seed {}", s.seed) : "fixed")}});
  if (!options.slots.empty())
    lines.push_back({{"slots    ", Ink::label},
                     {fmt::format("{}: in {}, at the same time", options.slots, counted(rounds_of(loaded), "round"))}});
  for (Line& line : own_rigs(loaded, options)) lines.push_back(std::move(line));
  if (!options.filter.empty()) lines.push_back({{"filter   ", Ink::label}, {options.filter}});
  if (s.stop_after_failures > 0 || s.stop_after_errors > 0) {
    std::string stop;
    if (s.stop_after_failures > 0) stop = counted(s.stop_after_failures, "failure");
    if (s.stop_after_errors > 0) stop += (stop.empty() ? "" : " or ") + counted(s.stop_after_errors, "error");
    lines.push_back({{"stops    ", Ink::label}, {"after " + stop}});
  }
  return lines;
}

std::vector<Line> suite_list(const LoadedSuite& loaded, const SuiteOptions& options) {
  std::vector<Line> lines;
  std::size_t place = 0, round = 0;
  for (const SuiteItem& item : loaded.items) {
    if (!options.slots.empty() && item.round != round) lines.push_back({{fmt::format("round {}", item.round)}});
    round = item.round;
    std::string tags;
    for (const std::string& tag : loaded.suite.entries[item.entry].tags) tags += (tags.empty() ? "   " : ", ") + tag;
    lines.push_back({{fmt::format("{:>9}  ", ++place), Ink::label}, {placed_title(item)}, {tags, Ink::label}});
  }
  return lines;
}

std::string resume_command(const SuiteOptions& o) {
  std::string text = fmt::format("penrig suite run {} --resume", shell_word(o.path));
  const auto add = [&](const char* option, const std::string& value, const char* usual = "") {
    if (value != usual) text += fmt::format(" {} {}", option, shell_word(value));
  };
  add("--records", o.records, "records");
  add("--rig", o.rig);
  add("--slots", o.slots);
  add("--filter", o.filter);
  add("--junit", o.junit_path);
  add("--operator", o.operator_name);
  add("--keys", o.keys);
  if (o.report) text += " --reports";
  return text;
}

SuiteView::SuiteView(const LoadedSuite& loaded, bool json, bool blind)
    : loaded_(loaded), json_(json), blind_(blind), style_(detect_style(STDOUT_FILENO)) {}

void SuiteView::begin(const SuiteOptions& options, const SuiteTrail& trail) {
  if (json_) {
    put({{"event", "suite"},
         {"suite", loaded_.suite.name},
         {"revision", loaded_.suite.revision},
         {"trail", trail.id()},
         {"runs", loaded_.items.size()},
         {"resumed", trail.seams()}});
    return;
  }
  std::vector<Line> head = suite_head(loaded_, options);
  head.push_back(labelled("trail", fmt::format("{} in {}", trail.id(), options.records)));
  for (const std::string& seam : trail.seams()) head.push_back(labelled("resumed", seam));
  print(style_, folded(style_, head, kLabelWidth));
  std::cout << '\n' << std::flush;
}

void SuiteView::progress(std::size_t place, std::size_t at_once, const SuiteItem& item, const Progress& progress) {
  if (json_ || !style_.rewrites) return;
  Progress in_all = progress;
  in_all.label = fmt::format("{}/{}{} {}: {}", place, loaded_.items.size(),
                             at_once > 1 ? fmt::format(", {} at once,", at_once) : "", item.title, progress.label);
  std::string text = progress_text(style_, in_all);
  if (text == shown_) return;
  std::cout << '\r' << text << "\x1b[K" << std::flush;
  shown_ = std::move(text);
}

void SuiteView::erase() {
  if (!shown_.empty()) std::cout << "\r\x1b[K";
  shown_.clear();
}

void SuiteView::item(std::size_t place, const SuiteItem& item, const ItemOutcome& o, const ItemStanding& standing) {
  ItemStanding s = standing;
  std::string verdict = name_of(o.verdict);
  if (blind_ && o.verdict < Verdict::aborted) {
    s = {Kind::passed, "run", ""};
    verdict.clear();
  }
  if (json_) {
    put({{"event", "run"},
         {"item", item.number},
         {"title", item.title},
         {"run", o.run_id},
         {"verdict", verdict},
         {"counts_as", kind_word(s.kind)},
         {"reason", s.note}});
    return;
  }
  erase();
  const Ink ink = s.kind == Kind::passed ? Ink::pass : s.kind == Kind::expected ? Ink::plain : Ink::fail;
  const char* sign = s.kind == Kind::passed ? "✓" : s.kind == Kind::expected ? "~" : s.kind == Kind::failed ? "✗" : "!";
  print(style_, folded(style_,
                       {{{fmt::format("{:>4}/{}  ", place, loaded_.items.size()), Ink::label},
                         {fmt::format("{} {:<5}", sign, s.word), ink},
                         {fmt::format("  {:<8}  {}", o.run_id.empty() ? "-" : o.run_id, placed_title(item))}}},
                       12));
  const std::string first = s.note.substr(0, s.note.find('\n'));
  if (!first.empty())
    for (const std::string& part : wrap(style_, first, style_.columns - 12))
      std::cout << render(style_, {{"            " + part, Ink::label}});
  std::cout << std::flush;
}

void SuiteView::end(const SuiteTally& tally, const std::string& why, const SuiteOptions& options, bool unfinished) {
  const ExitCode exit = tally.exit();
  if (blind_) {
    if (!json_) erase();
    if (!json_ && !why.empty()) print(style_, folded(style_, {labelled("stopped", why)}, kLabelWidth));
    return;
  }
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
  erase();
  const char* word = exit == ExitCode::pass      ? "PASS"
                     : exit == ExitCode::error   ? "ERROR"
                     : exit == ExitCode::aborted ? "ABORTED"
                                                 : "FAIL";
  std::cout << '\n';
  std::vector<Line> lines;
  if (!why.empty()) lines.push_back(labelled("stopped", why));
  lines.push_back(
      {{fmt::format("{} {}", exit == ExitCode::pass ? "✓" : "✗", word), exit == ExitCode::pass ? Ink::pass : Ink::fail},
       {fmt::format("   {}   {}", loaded_.suite.name, tally.words())}});
  print(style_, folded(style_, lines, kLabelWidth));
  if (!options.junit_path.empty()) std::cout << render(style_, {{"junit    ", Ink::label}, {options.junit_path}});
  if (unfinished) std::cout << render(style_, {{"next     ", Ink::label}, {resume_command(options)}});
}

}  // namespace penrig::cli
