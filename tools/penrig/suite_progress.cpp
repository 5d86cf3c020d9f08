#include "tools/penrig/suite_progress.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/store/record_store.hpp"
#include "reports/store/store_files.hpp"
#include "reports/verdict_word.hpp"
#include "tools/penrig/evidence_commands.hpp"
#include "tools/penrig/lock_file.hpp"
#include "tools/penrig/store_options.hpp"

namespace penrig::cli {

using Json = nlohmann::ordered_json;

namespace {

/// The verdict of that name; ERROR for what is none.
Verdict verdict_named(const std::string& name) {
  for (const Verdict v : {Verdict::pass, Verdict::indeterminate, Verdict::fail, Verdict::aborted})
    if (name == name_of(v)) return v;
  return Verdict::error;
}

std::vector<std::string> not_passed(const RunOutcome& outcome) {
  std::vector<std::string> ids;
  for (const Decision& d : outcome.decisions)
    if (d.verdict != Verdict::pass && std::ranges::find(ids, d.requirement_id) == ids.end())
      ids.push_back(d.requirement_id);
  return ids;
}

ItemOutcome outcome_of(const Json& value) {
  ItemOutcome o;
  o.run_id = value.value("run", "");
  o.verdict = verdict_named(value.value("verdict", ""));
  o.reason = value.value("reason", "");
  if (value.contains("not_passed"))
    for (const auto& id : value.at("not_passed"))
      if (id.is_string()) o.failed.push_back(id.get<std::string>());
  return o;
}

std::string seam_words(const std::string& when, std::size_t done, std::size_t all, const Json& again) {
  std::string runs;
  for (const auto& run : again)
    if (run.is_string()) runs += (runs.empty() ? "" : ", ") + run.get<std::string>();
  return fmt::format("{}, after {} of {}{}", when, done, all,
                     runs.empty() ? "" : fmt::format(" ({} was cut short, and is run again)", runs));
}

/// A study is a suite that nobody wrote: its entries stand in no file.
bool is_study(const Suite& suite) { return !suite.entries.empty() && suite.entries.front().place.line == 0; }

/// What a study began with that is not asked for now, as far as its trail says so.
std::string other_options(const Json& begun, const LoadedSuite& loaded, const SuiteOptions& options) {
  std::vector<std::string> others;
  const auto compare = [&](const char* option, const std::string& then, const std::string& now) {
    if (then != now) others.push_back(fmt::format("{} '{}', not '{}'", option, then, now));
  };
  compare("--rig", begun.value("rig", ""), options.rig);
  compare("--slots", begun.value("slots", ""), options.slots);
  compare("--seed", begun.value("seed", Json()).dump(), fmt::format("{}", loaded.suite.seed));
  const std::size_t runs = begun.value("items", Json::array()).size();
  if (runs != loaded.items.size())
    others.push_back(fmt::format("{} runs, not {} (--pens, --trials)", runs, loaded.items.size()));
  if (others.empty()) return fmt::format("other --pens, or another {}", loaded.path);
  return fmt::format("other options: {}", fmt::join(others, "; "));
}

Error other_specifications(const std::string& id, const std::string& other) {
  return fail(Errc::usage,
              fmt::format("{} began by other specifications: {}. Its runs would be judged by two (put back "
                          "what it began with and go on with --resume, or begin anew without)",
                          id, other));
}

}  // namespace

ItemStanding standing_of(const SuiteEntry& entry, const ItemOutcome& o, const CivilDate& today) {
  ItemStanding s;
  s.word = name_of(o.verdict);
  s.note = o.reason;
  const bool limit = o.verdict == Verdict::fail || o.verdict == Verdict::indeterminate;
  if (o.verdict == Verdict::pass) s.kind = JUnitItem::Kind::passed;
  if (limit) s.kind = JUnitItem::Kind::failed;
  if (!entry.expected) return s;
  const ExpectedFailure& e = *entry.expected;
  const std::string known = fmt::format("expected until {}: {}", e.until.text, e.reason);
  if (today.days > e.until.days) {
    // Nobody looked at it in time, and whether it may fail any longer nobody said.
    if (limit) s.kind = JUnitItem::Kind::error;
    if (limit || o.verdict == Verdict::pass)
      s.note =
          fmt::format("a failure was {}; that day is over (take it out if it is mended, or give it another day){}{}",
                      known, s.note.empty() ? "" : "; ", s.note);
    return s;
  }
  if (o.verdict == Verdict::pass) {
    s.kind = JUnitItem::Kind::failed;
    s.note = fmt::format("a failure was {}; it passed (take expected_failure out of the suite)", known);
    s.word = "PASS, not expected";
    return s;
  }
  const bool all_known = e.requirements.empty() || std::ranges::all_of(o.failed, [&](const std::string& id) {
                           return std::ranges::find(e.requirements, id) != e.requirements.end();
                         });
  if (!limit || !all_known) {
    if (limit) s.note = fmt::format("more than what was {}; {}", known, s.note);
    return s;
  }
  std::vector<std::string> passed;
  for (const std::string& id : e.requirements)
    if (std::ranges::find(o.failed, id) == o.failed.end()) passed.push_back(id);
  if (!passed.empty()) {
    s.note = fmt::format("less than what was {}; {} passed (take {} out of expected_failure); {}", known,
                         fmt::join(passed, ", "), passed.size() == 1 ? "it" : "them", s.note);
    return s;
  }
  s.kind = JUnitItem::Kind::expected;
  s.note = known;
  return s;
}

std::string SuiteTrail::subject() const {
  return fmt::format("suite {} rev {}", loaded_.suite.name, loaded_.suite.revision);
}

std::string SuiteTrail::reason_of(const SuiteItem& item) const {
  return fmt::format("{}, {}, item {}: {}", subject(), id_, item.number, item.title);
}

Result<std::string> SuiteTrail::enter(const char* action, Json value, const std::string& reason) {
  auto store = RecordStore::open(options_.records, store_options());
  if (!store) return store.error();
  if (auto keys = sign_with_usual_keys(**store, options_.keys, options_.operator_name); !keys) return keys.error();
  const ActedBy by = acting(options_.operator_name);
  AuditEntry entry{.at_utc_ns = by.at_utc_ns, .who = by.who, .action = action, .subject = subject()};
  entry.reason = reason;
  entry.new_value = std::move(value);
  return (*store)->add_audit(entry);
}

Result<std::string> SuiteTrail::newest_run() const {
  auto store = RecordStore::open(options_.records, store_options());
  if (!store) return store.error();
  const auto rows = (*store)->list_runs({.newest = 1});
  if (!rows) return rows.error();
  return rows->empty() ? "" : rows->front().run_id;
}

Result<void> SuiteTrail::begin() {
  // Before a store is made: without them nothing begins.
  if (const auto keys = keys_in(options_.keys); !keys) return keys.error();
  Json items = Json::array();
  for (const SuiteItem& item : loaded_.items) items.push_back(item.number);
  const auto newest = newest_run();
  if (!newest) return newest.error();
  after_run_ = *newest;
  documents_ = documents_of(loaded_, options_);
  auto id = enter(audit::kSuiteBegun, {{"file", loaded_.path},
                                       {"sha256", loaded_.sha256},
                                       {"documents", documents_},
                                       {"filter", options_.filter},
                                       {"rig", options_.rig},
                                       {"slots", options_.slots},
                                       {"order", loaded_.suite.random ? "random" : "fixed"},
                                       {"seed", loaded_.suite.random ? Json(loaded_.suite.seed) : Json(nullptr)},
                                       {"items", items},
                                       {"after_run", *newest}});
  if (!id) return id.error();
  id_ = *id;
  return hold();
}

Result<void> SuiteTrail::hold() {
  const std::filesystem::path folder = locks_of(options_.records);
  std::error_code ec;
  std::filesystem::create_directories(folder, ec);
  if (ec) return fail(Errc::io, fmt::format("{}: cannot be made: {}", folder.string(), ec.message()));
  Result<FileDescriptor> held =
      take_lock_file((folder / (id_ + ".lock")).string(), fmt::format("{} ({})", id_, subject()));
  if (!held) return held.error();
  lock_ = std::move(*held);
  return {};
}

Result<void> SuiteTrail::read_trail(RecordStore& store, Json& begun) {
  const auto trail = store.audit_trail();
  if (!trail) return trail.error();
  id_.clear();
  for (const TrailEntry& item : *trail) {
    const AuditEntry& e = item.entry;
    if (e.subject != subject() || !e.new_value.is_object()) continue;
    if (!item.fault.empty())
      return fail(Errc::bad_data,
                  fmt::format("{} is of this suite, and its signature does not count: {}", e.id, item.fault));
    if (e.action == audit::kSuiteBegun) {
      id_ = e.id;
      begun = e.new_value;
      after_run_ = begun.value("after_run", "");
      done_.clear();
      stopped_.clear();
      seams_.clear();
    } else if (e.new_value.value("suite", "") != id_) {
      continue;
    } else if (e.action == audit::kSuiteRun && e.new_value.value("again", false)) {
      stopped_.push_back(e.new_value.value("run", ""));
    } else if (e.action == audit::kSuiteRun) {
      done_[e.new_value.value("item", std::size_t{0})] = outcome_of(e.new_value);
    } else if (e.action == audit::kSuiteResumed) {
      seams_.push_back(seam_words(format_utc(e.at_utc_ns), e.new_value.value("done", std::size_t{0}),
                                  loaded_.items.size(), e.new_value.value("again", Json::array())));
    } else if (e.action == audit::kSuiteEnded) {
      id_.clear();
    }
  }
  if (id_.empty())
    return fail(Errc::usage, fmt::format("no {} was left unfinished in {} (leave --resume out: it begins anew)",
                                         subject(), options_.records));
  return {};
}

Result<void> SuiteTrail::check_same(const Json& begun) const {
  if (begun.value("sha256", "") != loaded_.sha256 && is_study(loaded_.suite))
    return fail(Errc::usage, fmt::format("{} began with {}: its runs would not be those that are missing (take the "
                                         "same, or leave --resume out)",
                                         id_, other_options(begun, loaded_, options_)));
  if (begun.value("sha256", "") != loaded_.sha256)
    return fail(Errc::usage, fmt::format("{} is not the file that {} began with: its runs would not be those that are "
                                         "missing (take that file, or leave --resume out)",
                                         loaded_.path, id_));
  if (begun.value("filter", "") != options_.filter || begun.value("rig", "") != options_.rig ||
      begun.value("slots", "") != options_.slots)
    return fail(
        Errc::usage,
        fmt::format("{} began with --filter '{}', --rig '{}' and --slots '{}' (take the same, or leave --resume out)",
                    id_, begun.value("filter", ""), begun.value("rig", ""), begun.value("slots", "")));
  if (const std::string other = other_documents(documents_, documents_of(loaded_, options_)); !other.empty())
    return other_specifications(id_, other);
  return {};
}

Result<void> SuiteTrail::check_documents(const SuiteItem& item) const {
  const SuiteDocuments now = documents_of(loaded_, item, options_);
  SuiteDocuments then;
  for (const auto& [name, sha256] : documents_)
    if (now.contains(name)) then.emplace(name, sha256);
  if (const std::string other = other_documents(then, now); !other.empty()) return other_specifications(id_, other);
  return {};
}

Result<void> SuiteTrail::resume() {
  auto opened = RecordStore::open_existing(options_.records, store_options());
  if (!opened) return opened.error();
  auto store = RecordStore::open(options_.records, store_options());
  if (!store) return store.error();
  Json begun;
  if (auto found = read_trail(**store, begun); !found) return found;
  if (auto held = hold(); !held) return held;
  // What it did until its lock was free.
  const std::string id = id_;
  if (auto found = read_trail(**store, begun); !found) return found;
  if (id_ != id) return fail(Errc::locked, fmt::format("{} began in place of {} just now (try again)", id_, id));
  if (begun.contains("documents")) documents_ = begun.at("documents").get<SuiteDocuments>();
  if (auto same = check_same(begun); !same) return same;
  std::vector<std::string> again;
  if (auto adopted = adopt(**store, again); !adopted) return adopted.error();
  const ActedBy by = acting(options_.operator_name);
  const Json value{{"suite", id_}, {"done", done_.size()}, {"again", again}};
  const auto entered = enter(audit::kSuiteResumed, value);
  if (!entered) return entered.error();
  seams_.push_back(seam_words(format_utc(by.at_utc_ns), done_.size(), loaded_.items.size(), Json(again)));
  return {};
}

/// Runs that say that they are of this suite and stand in no entry: the suite died before it could enter them.
Result<void> SuiteTrail::adopt(RecordStore& store, std::vector<std::string>& again) {
  if (auto closed = store.close_interrupted(acting(options_.operator_name).at_utc_ns); !closed) return closed.error();
  std::set<std::string> entered;
  for (const auto& [number, outcome] : done_) entered.insert(outcome.run_id);
  const auto rows = store.list_runs();
  if (!rows) return rows.error();
  // What was declared void since counts for nothing, whatever it was.
  for (const RunRow& row : *rows) {
    if (row.voided && std::erase_if(done_, [&](const auto& done) { return done.second.run_id == row.run_id; }) > 0)
      again.push_back(row.run_id);
  }
  for (auto row = rows->rbegin(); row != rows->rend() && row->run_id != after_run_; ++row) {
    if (entered.contains(row->run_id)) continue;
    const auto run = store.load_run(row->run_id);
    if (!run) return run.error();
    const auto item =
        std::ranges::find_if(loaded_.items, [&](const SuiteItem& i) { return run->header.reason == reason_of(i); });
    if (item == loaded_.items.end()) continue;  // somebody else's, in the same store
    const bool stopped = std::ranges::find(stopped_, row->run_id) != stopped_.end();
    if (stopped || !run->closed || run->outcome.interrupted || run->standing.voided) {
      if (!done_.contains(item->number)) again.push_back(row->run_id);
      continue;
    }
    const ItemOutcome outcome{row->run_id, counted_verdict(*run), run->outcome.reason, not_passed(run->outcome)};
    if (auto added = add(*item, outcome); !added) return added.error();
  }
  return {};
}

nlohmann::ordered_json SuiteTrail::value_of(const SuiteItem& item, const ItemOutcome& o) const {
  return {{"suite", id_},
          {"item", item.number},
          {"entry", loaded_.suite.entries[item.entry].name},
          {"pen", item.pen},
          {"slot", item.slot},
          {"title", item.title},
          {"run", o.run_id},
          {"verdict", name_of(o.verdict)},
          {"reason", o.reason},
          {"not_passed", o.failed}};
}

Result<void> SuiteTrail::add(const SuiteItem& item, const ItemOutcome& o) {
  const auto id = enter(audit::kSuiteRun, value_of(item, o));
  if (!id) return id.error();
  done_[item.number] = o;
  return {};
}

Result<void> SuiteTrail::add_stopped(const SuiteItem& item, const ItemOutcome& o) {
  Json value = value_of(item, o);
  value["again"] = true;
  const auto id = enter(audit::kSuiteRun, std::move(value));
  if (!id) return id.error();
  return {};
}

Result<void> SuiteTrail::end(ExitCode exit, const std::string& words) {
  const auto id = enter(audit::kSuiteEnded, {{"suite", id_}, {"exit_code", to_int(exit)}, {"result", words}});
  if (!id) return id.error();
  std::error_code stays_behind;  // harmless: what has ended is not taken up again
  std::filesystem::remove(locks_of(options_.records) / (id_ + ".lock"), stays_behind);
  return {};
}

}  // namespace penrig::cli
