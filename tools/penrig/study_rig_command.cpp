#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "fixtures/sim/sim_uri.hpp"
#include "reports/digest.hpp"
#include "reports/evidence/audit_entry.hpp"
#include "reports/store/record_log.hpp"
#include "reports/study/gage_survey.hpp"
#include "reports/study/run_selection.hpp"
#include "tools/penrig/complain.hpp"
#include "tools/penrig/introduction_text.hpp"
#include "tools/penrig/load_inputs.hpp"
#include "tools/penrig/prepare_run.hpp"
#include "tools/penrig/run_several.hpp"
#include "tools/penrig/store_options.hpp"
#include "tools/penrig/study_command.hpp"
#include "tools/penrig/study_output.hpp"
#include "tools/penrig/suite_rounds.hpp"
#include "tools/penrig/suite_run.hpp"

namespace penrig::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A run of a study, as the trail has it.
struct StudyRun {
  std::string run_id, pen, appraiser;
};

void once(const std::vector<std::string>& names, const char* option, std::vector<Mistake>& mistakes) {
  std::set<std::string> known;
  for (const std::string& name : names) {
    if (name.empty()) mistakes.push_back(option_mistake(option, "one of the names is empty"));
    if (!name.empty() && !known.insert(name).second)
      mistakes.push_back(option_mistake(option, fmt::format("'{}' is there already", name)));
  }
}

/// The slots that are appraisers; of a rig that cannot be read none, and why not.
std::vector<std::string> appraising_slots(const GrrOptions& o, const std::string& rig, std::vector<Mistake>& mistakes) {
  if (o.slots.empty()) return {""};
  const Inputs inputs = load_rig_inputs(rig);
  add_new(mistakes, inputs.mistakes);
  return inputs.ok() ? chosen_slots(fmt::format("{}", fmt::join(o.slots, ",")), inputs.rig, mistakes)
                     : std::vector<std::string>{};
}

/// The study as a suite: an entry an appraiser, all in one random order.
LoadedSuite suite_of(const GrrOptions& o) {
  LoadedSuite loaded;
  loaded.path = o.plan;
  std::vector<Mistake>& mistakes = loaded.mistakes;
  once(o.pens, "--pens", mistakes);
  once(o.rigs, "--rig", mistakes);
  if (o.rigs.empty()) mistakes.push_back(option_mistake("--rig", "no rig is named (write: --rig FILE, or sim:seed=1)"));
  if (o.pens.size() < 2)
    mistakes.push_back(
        option_mistake("--pens", "a study needs at least two pens, ten are usual (write: --pens SN,SN)"));
  std::vector<std::pair<std::string, std::string>> benches;
  for (const std::string& rig : o.rigs) {
    std::vector<Mistake> found;
    for (const std::string& slot : appraising_slots(o, rig, found)) benches.emplace_back(rig, slot);
    add_new(mistakes, found);
  }
  if (benches.size() == 1)
    mistakes.push_back(option_mistake("--rig, --slots",
                                      "one bench alone has no reproducibility (name several --rig, or --slots of one; "
                                      "penrig study type1 studies one)"));
  const auto text = read_text(o.plan);
  if (!text) mistakes.push_back(option_mistake(o.plan, text.error().message));
  if (!loaded.ok()) return loaded;

  Suite& suite = loaded.suite;
  suite.name = "grr " + fs::path(o.plan).stem().string();
  suite.revision = 1;
  suite.random = true;
  suite.seed = o.seed;
  for (const auto& [rig, slot] : benches) {
    SuiteEntry e;
    e.name = o.rigs.size() == 1 ? slot : slot.empty() ? rig : fmt::format("{} slot {}", rig, slot);
    e.plan_path = fs::path(o.plan).filename().string();
    e.rig = rig;
    e.slot = slot;
    e.pens = o.pens;
    e.links = {""};
    e.repeats = o.trials;
    suite.entries.push_back(std::move(e));
  }
  // Pens are the same on every simulated bench, and no two runs draw the same.
  if (const auto uri = sim::parse_simulated_rig_uri(o.rigs.front())) loaded.family = uri->seed;
  loaded.items = items_of(suite);
  for (SuiteItem& item : loaded.items) item.draw = item.number;
  const Json all{{"plan", *text},  {"rigs", o.rigs},     {"slots", o.slots},
                 {"pens", o.pens}, {"trials", o.trials}, {"seed", o.seed}};
  loaded.text = all.dump();
  loaded.sha256 = sha256_hex(loaded.text);
  return loaded;
}

/// Everything that would keep one of its runs from starting, before the first one starts.
void check_study(LoadedSuite& loaded, const SuiteOptions& options) {
  for (const SuiteItem& item : loaded.items) {
    if (item.repeat > 1) continue;
    add_new(loaded.mistakes, prepare_run(options_of(loaded, item, options)).inputs.mistakes);
  }
}

/// The runs of a study that came to a value, and how many it has in all.
Result<std::vector<StudyRun>> runs_of(const std::string& records, const std::string& id, std::size_t& planned) {
  const auto store = RecordStore::open_existing(records, store_options());
  if (!store) return store.error();
  const auto trail = (*store)->audit_trail();
  if (!trail) return trail.error();
  std::map<std::size_t, StudyRun> runs;  // by item: one that was declared void is run again
  bool found = false;
  for (const TrailEntry& item : *trail) {
    const AuditEntry& e = item.entry;
    const bool begins = e.id == id, of_it = e.new_value.is_object() && e.new_value.value("suite", "") == id;
    if (!begins && !of_it) continue;
    if (!item.fault.empty())
      return fail(Errc::bad_data,
                  fmt::format("{} is of this study, and its signature does not count: {}", e.id, item.fault));
    if (begins && e.action == audit::kSuiteBegun && e.subject.starts_with("suite grr ")) {
      found = true;
      planned = e.new_value.value("items", Json::array()).size();
    }
    if (of_it && e.action == audit::kSuiteRun && !e.new_value.value("again", false))
      runs[e.new_value.value("item", std::size_t{0})] = {e.new_value.value("run", ""), e.new_value.value("pen", ""),
                                                         e.new_value.value("entry", "")};
  }
  if (!found)
    return fail(Errc::usage,
                fmt::format("{} is no study of {} (penrig audit lists them: 'suite begun suite grr …')", id, records));
  std::vector<StudyRun> all;
  for (auto& [item, run] : runs) all.push_back(std::move(run));
  return all;
}

ExitCode evaluate(const GrrOptions& o, const std::string& id) {
  std::size_t planned = 0;
  const auto runs = runs_of(o.records, id, planned);
  if (!runs) return complain(runs.error());
  if (runs->size() < planned) {
    return complain(fail(Errc::not_determined,
                         fmt::format("{} of the {} readings of {} are missing: a study with holes is not evaluated "
                                     "(run the rest with --resume)",
                                     planned - runs->size(), planned, id)));
  }
  RunSelection selection;
  for (const StudyRun& run : *runs) {
    std::int64_t number = 0;
    std::from_chars(run.run_id.data() + std::min<std::size_t>(2, run.run_id.size()),
                    run.run_id.data() + run.run_id.size(), number);
    selection.runs.emplace_back(number, number);
  }
  const auto all = runs_to_study(o.records, store_options());
  if (!all) return complain(all.error());
  const auto selected = select_runs(*all, selection, id, false);
  if (!selected) return complain(selected.error());
  if (selected->runs.size() < runs->size())
    return complain(
        fail(Errc::usage, fmt::format("{} of the runs of {} may not be used ({}): a study with holes is not "
                                      "evaluated",
                                      runs->size() - selected->runs.size(), id, selected->left_out())));
  const auto values = values_to_study(o.records, store_options(), selected->runs, o.measurand);
  if (!values) return complain(values.error());
  std::vector<ValueSeries> series = series_of(*values, GroupBy::none);
  std::set<std::string> pens, appraisers;
  for (ValueSeries& s : series) {
    for (ValueSeries::Point& p : s.points) {
      const auto run = std::ranges::find_if(*runs, [&](const StudyRun& r) { return r.run_id == p.label; });
      p.pen = run->pen;
      p.group = run->appraiser;
      pens.insert(p.pen);
      appraisers.insert(p.group);
    }
  }
  if (!o.only.empty()) {
    std::erase_if(series, [&](const ValueSeries& s) {
      return s.title.find(o.only) == std::string::npos && s.key.find(o.only) == std::string::npos;
    });
  }
  if (series.empty())
    return complain(
        fail(Errc::usage, fmt::format("{}: no measurement is called '{}'", id, o.only.empty() ? o.measurand : o.only)));
  const ValuesRun& newest = selected->runs.back();
  const GageSurvey survey =
      gage_survey(fmt::format("{}, plan {} rev {}{}: {} pens on {} benches, {} runs in a random order", id,
                              newest.plan_name, newest.plan_revision, newest.simulated ? ", simulated" : "",
                              pens.size(), appraisers.size(), runs->size()),
                  series, {o.tolerance, o.accept_percent / 100, o.categories});
  return put_study(
      gage_survey_summary(survey), o.files.json, [&] { return gage_survey_json(survey); }, o.files.html,
      [&] { return gage_survey_html(survey); });
}

}  // namespace

ExitCode study_rig_command(const GrrOptions& o) {
  if (o.nested)
    return refuse_study({option_mistake("--nested",
                                        "a pen that can be measured once alone is no part of a study of the "
                                        "rig (measure with penrig run, and take --csv)")});
  if (!o.of.empty()) return evaluate(o, o.of);
  LoadedSuite loaded = suite_of(o);
  SuiteOptions options;
  options.path = o.plan;
  options.rig = fmt::format("{}", fmt::join(o.rigs, " "));
  options.records = o.records;
  options.operator_name = o.operator_name;
  options.keys = o.keys;
  options.resume = o.resume;
  options.json = o.files.json;
  options.slots = fmt::format("{}", fmt::join(o.slots, ","));
  if (loaded.ok() && !o.slots.empty()) place_in_slots(loaded, options);
  if (loaded.ok()) check_study(loaded, options);
  if (!loaded.ok()) return refuse_study(loaded.mistakes);
  if (o.sheet) {
    const TerminalStyle style = detect_style(STDOUT_FILENO);
    print(style, folded(style, suite_head(loaded, options), kLabelWidth));
    print(style, folded(style, suite_list(loaded, options), kPlaceWidth));
    return ExitCode::pass;
  }
  SuiteTrail trail(loaded, options);
  if (auto ready = options.resume ? trail.resume() : trail.begin(); !ready) return complain(ready.error());
  const ExitCode run = run_suite_items(options, loaded, trail, {.blind = true, .errors_again = true});
  // FAIL and INDETERMINATE are readings like others; what has none is missing.
  if (run == ExitCode::pass || run == ExitCode::not_passed || trail.done().size() == loaded.items.size())
    return evaluate(o, trail.id());
  const ExitCode missing = evaluate(o, trail.id());
  return run == ExitCode::aborted ? run : missing;
}

}  // namespace penrig::cli
