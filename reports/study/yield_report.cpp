#include "reports/study/yield_report.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/number_format.hpp"
#include "reports/statistics/distributions.hpp"
#include "reports/study/study_page.hpp"
#include "reports/study/yield_plots.hpp"
#include "reports/verdict_word.hpp"
#include "rig/spec/measurand.hpp"

namespace penrig {
namespace {

using Json = nlohmann::ordered_json;

void add_once(std::vector<std::string>& names, std::string name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

/// The phase in which a measurement of the outcome was made: those of the phases come first, in their order.
std::string phase_of(const RunRecord& run, std::size_t measurement) {
  for (const PhaseRecord& phase : run.phases) {
    if (measurement < phase.measurements.size()) return phase.name;
    measurement -= phase.measurements.size();
  }
  return "whole run";
}

std::vector<ParetoRow> sorted(const std::map<std::string, ParetoRow>& rows) {
  std::vector<ParetoRow> all;
  for (const auto& [name, row] : rows) {
    all.push_back(row);
    all.back().name = name;
  }
  std::ranges::stable_sort(all, [](const ParetoRow& a, const ParetoRow& b) { return a.runs > b.runs; });
  return all;
}

/// Beyond which limit it lies farther.
std::string side_of(const Decision& decision, const Measurement& m) {
  if (!m.value) return "";
  const double low = m.interval ? m.interval->low : *m.value, high = m.interval ? m.interval->high : *m.value;
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const double above = decision.upper ? high - *decision.upper : kNone;
  const double below = decision.lower ? *decision.lower - low : kNone;
  if (above == kNone && below == kNone) return "";
  return above >= below ? "high" : "low";
}

DecidingCause deciding_cause(const RunRecord& run) {
  const std::string verdict = verdict_word(run);
  const RunOutcome& outcome = run.outcome;
  const bool ended = run.closed && !outcome.interrupted;
  if (!ended || !outcome.deciding || *outcome.deciding >= outcome.decisions.size()) return {verdict, verdict, "", ""};
  const Decision& decision = outcome.decisions[*outcome.deciding];
  if (decision.measurement >= outcome.measurements.size()) return {verdict, verdict, "", ""};
  const Measurement& m = outcome.measurements[decision.measurement];
  const MeasurandInfo* info = find_measurand(m.measurand);
  const std::string title = info == nullptr ? decision.title : std::string(info->title);
  return {fmt::format("{}, {}", decision.requirement_id, title), verdict, m.measurand, side_of(decision, m)};
}

std::vector<YieldReport::Decided> sorted(const std::map<DecidingCause, std::size_t>& causes) {
  std::vector<YieldReport::Decided> all;
  all.reserve(causes.size());
  for (const auto& [cause, runs] : causes) all.push_back({cause, runs});
  std::ranges::stable_sort(all, std::ranges::greater{}, &YieldReport::Decided::runs);
  return all;
}

std::string share_text(const Share& s) {
  const auto i = s.interval();
  return fmt::format("{} of {}, {} ({} … {})", s.hits, s.of, study_percent(s.value()), study_percent(i.low),
                     study_percent(i.high));
}

StudyTable pareto_table(const std::string& title, const std::vector<ParetoRow>& rows, std::size_t not_passed) {
  StudyTable t;
  t.title = title;
  const bool of_runs = std::ranges::any_of(rows, [](const ParetoRow& r) { return r.begun > 0; });
  t.columns = {{"", true, false}, {"runs not passed", false, false}, {"share of them", false, false}};
  if (of_runs) t.columns.push_back({"of its own runs", false, false});
  for (const ParetoRow& r : rows) {
    if (r.runs == 0 && !of_runs) continue;
    StudyTable::Row row;
    row.cells = {r.name, std::to_string(r.runs),
                 study_percent(not_passed > 0 ? static_cast<double>(r.runs) / static_cast<double>(not_passed) : 0)};
    if (of_runs) row.cells.push_back(share_text({r.runs, r.begun}));
    t.rows.push_back(std::move(row));
  }
  return t;
}

/// "high" alone says nothing beside a limit that is the only one.
std::string words_of(const DecidingCause& c) {
  return c.side.empty() ? c.text : fmt::format("{}, too {}", c.text, c.side);
}

StudyTable decided_table(const YieldReport& r) {
  StudyTable t;
  t.title = "By what decided it";
  t.columns = {{"", true, false},
               {"verdict", true, false},
               {"runs not passed", false, false},
               {"share of them", false, false},
               {"with those above", false, false}};
  std::size_t above = 0;
  for (const YieldReport::Decided& d : r.decided) {
    above += d.runs;
    const auto share = [&](std::size_t runs) {
      return study_percent(static_cast<double>(runs) / static_cast<double>(r.not_passed));
    };
    t.rows.push_back({{words_of(d.cause), d.cause.verdict, std::to_string(d.runs), share(d.runs), share(above)},
                      Verdict::not_judged,
                      false,
                      0});
  }
  t.note = "Each run once.";
  return t;
}

Json share_json(const Share& s) {
  const auto i = s.interval();
  return {{"hits", s.hits}, {"of", s.of}, {"share", s.value()}, {"low", i.low}, {"high", i.high}};
}

Json pareto_json(const std::vector<ParetoRow>& rows) {
  Json all = Json::array();
  for (const ParetoRow& r : rows) {
    Json j{{"name", r.name}, {"not_passed", r.runs}};
    if (r.begun > 0) j["runs"] = r.begun;
    all.push_back(std::move(j));
  }
  return all;
}

}  // namespace

Json decided_json(const YieldReport& report) {
  Json json = Json::array();
  for (const YieldReport::Decided& d : report.decided)
    json.push_back({{"cause", d.cause.text},
                    {"verdict", d.cause.verdict},
                    {"measurand", d.cause.measurand.empty() ? Json(nullptr) : Json(d.cause.measurand)},
                    {"side", d.cause.side.empty() ? Json(nullptr) : Json(d.cause.side)},
                    {"runs", d.runs}});
  return json;
}

statistics::Interval Share::interval() const {
  return of == 0 ? statistics::Interval{0, 1}
                 : statistics::clopper_pearson(static_cast<double>(hits), static_cast<double>(of));
}

RunCauses causes_of(const RunRecord& run) {
  RunCauses causes;
  const Verdict verdict = counted_verdict(run);
  if (verdict == Verdict::pass) return causes;
  causes.deciding = deciding_cause(run);
  for (const Decision& d : run.outcome.decisions) {
    // Of what ended early every decision is an ERROR: that is one cause, not hundreds.
    if (d.verdict == Verdict::pass || d.verdict >= Verdict::aborted) continue;
    std::string setting;
    if (d.measurement < run.outcome.measurements.size()) {
      const Measurement& m = run.outcome.measurements[d.measurement];
      setting = format_setting(m.depth_mm, m.rate_per_min);
    }
    add_once(causes.measurements,
             fmt::format("{} {}{}{}", d.requirement_id, d.title, setting.empty() ? "" : ", ", setting));
    add_once(causes.phases, phase_of(run, d.measurement));
  }
  for (const PhaseRecord& phase : run.phases)
    if (phase.verdict >= Verdict::aborted) add_once(causes.phases, phase.name);
  if (verdict >= Verdict::aborted) add_once(causes.measurements, name_of(verdict));
  if (causes.phases.empty()) add_once(causes.phases, "whole run");
  return causes;
}

Result<std::vector<RunCauses>> causes_of(RecordStore& store, const std::vector<ValuesRun>& runs) {
  std::vector<RunCauses> causes;
  for (const ValuesRun& run : runs) {
    causes.emplace_back();
    if (run.closed && run.verdict == Verdict::pass) continue;
    const Result<RunRecord> record = store.load_run(run.run_id);
    if (!record) return record.error();
    causes.back() = causes_of(*record);
  }
  return causes;
}

std::set<std::string> pens_seen_before(const std::vector<ValuesRun>& all, const std::vector<ValuesRun>& chosen) {
  std::map<std::string, std::int64_t> first;
  for (const ValuesRun& run : chosen) first.emplace(run.serial_number, run.number);
  std::set<std::string> seen;
  for (const ValuesRun& run : all) {
    const auto at = first.find(run.serial_number);
    if (at != first.end() && run.number < at->second && !run.voided && run.plan_name == chosen.front().plan_name &&
        run.simulated == chosen.front().simulated)
      seen.insert(run.serial_number);
  }
  return seen;
}

YieldReport yield_report(std::string source, const std::vector<ValuesRun>& runs, const std::vector<RunCauses>& causes,
                         const std::set<std::string>& seen_before) {
  YieldReport r;
  r.source = std::move(source);
  r.runs = runs.size();
  std::map<std::string, std::vector<const ValuesRun*>> by_pen;
  std::map<DecidingCause, std::size_t> decided;
  std::map<std::string, ParetoRow> measurements, phases, slots, lots, hours;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const ValuesRun& run = runs[i];
    by_pen[run.serial_number].push_back(&run);
    const bool passed = run.closed && run.verdict == Verdict::pass;
    const std::string hour = format_iso8601(run.started_utc_ns).substr(11, 2) + " h";
    for (auto [group, name] : {std::pair{&slots, run.slot.empty() ? "no slot" : run.slot},
                               {&lots, run.cartridge_lot.empty() ? "no lot" : run.cartridge_lot},
                               {&hours, hour}}) {
      ParetoRow& row = (*group)[name];
      ++row.begun;
      if (!passed) ++row.runs;
    }
    if (passed) continue;
    ++r.not_passed;
    ++decided[causes[i].deciding];
    for (const std::string& name : causes[i].measurements) ++measurements[name].runs;
    for (const std::string& name : causes[i].phases) ++phases[name].runs;
  }
  r.pens = by_pen.size();
  for (const auto& [pen, all] : by_pen) {
    const auto passed = [](const ValuesRun* run) { return run->closed && run->verdict == Verdict::pass; };
    const ValuesRun* first = all.front();
    const bool seen = seen_before.contains(pen);
    ++r.final.of;
    ++r.retested.of;
    if (all.size() > 1 || seen) ++r.retested.hits;
    if (passed(all.back())) ++r.final.hits;
    if (seen) {
      ++r.seen_before;
      continue;
    }
    ++r.first_pass.of;
    if (passed(first)) ++r.first_pass.hits;
    if (!first->closed || first->verdict >= Verdict::aborted) continue;
    ++r.first_judged.of;
    if (passed(first)) ++r.first_judged.hits;
  }
  r.decided = sorted(decided);
  r.measurements = sorted(measurements);
  r.phases = sorted(phases);
  r.slots = sorted(slots);
  r.lots = sorted(lots);
  r.hours = sorted(hours);
  return r;
}

Verdict yield_verdict(const YieldReport& r, double least) {
  if (!(least > 0)) return Verdict::not_judged;
  const auto i = r.final.interval();
  return i.low >= least ? Verdict::pass : i.high < least ? Verdict::fail : Verdict::indeterminate;
}

StudySummary yield_summary(const YieldReport& r, double least) {
  StudySummary s;
  s.command = "penrig yield";
  s.verdict = yield_verdict(r, least);
  s.word = s.verdict == Verdict::pass            ? fmt::format("at least {}", study_percent(least))
           : s.verdict == Verdict::fail          ? fmt::format("less than {}", study_percent(least))
           : s.verdict == Verdict::indeterminate ? fmt::format("not clearly {}", study_percent(least))
                                                 : "yield";
  s.title = "yield and what it is lost by";
  s.lead = fmt::format("{}. First-pass yield {}, final {}.", r.source,
                       r.first_pass.of > 0 ? study_percent(r.first_pass.value()) : "of no pen",
                       study_percent(r.final.value()));
  if (r.seen_before > 0)
    s.lead += fmt::format(" {} {} had run before, outside the selection: {} no first pass here.", r.seen_before,
                          r.seen_before == 1 ? "pen" : "pens", r.seen_before == 1 ? "it has" : "they have");
  StudyTable t;
  t.title = "Yield";
  t.columns = {{"", true, false}, {"pens, share (95 %)", true, false}};
  const auto add = [&](const char* name, const Share& share) {
    t.rows.push_back({{name, share_text(share)}, Verdict::not_judged, false, 0});
  };
  add("first pass", r.first_pass);
  add("final", r.final);
  add("first pass, of runs that judged the pen", r.first_judged);
  add("run more than once", r.retested);
  s.tables.push_back(std::move(t));
  if (r.not_passed > 0) {
    s.tables.push_back(decided_table(r));
    s.tables.push_back(pareto_table("By measurement", r.measurements, r.not_passed));
    s.tables.push_back(pareto_table("By phase", r.phases, r.not_passed));
    s.tables.push_back(pareto_table("By slot", r.slots, r.not_passed));
    s.tables.push_back(pareto_table("By cartridge lot", r.lots, r.not_passed));
    s.tables.push_back(pareto_table("By hour of the day, UTC", r.hours, r.not_passed));
  }
  s.method = {
      "A pen's first pass is its first run, whatever became of it: an ERROR or an ABORTED run is none. Its final "
      "result is that of its last run. Only PASS is a pass.",
      "A run that did not pass by several measurements or phases counts at each of them, so shares may add up to "
      "more than 100 %.",
      "Intervals of 95 % by Clopper and Pearson (1934)."};
  return s;
}

std::string yield_html(const YieldReport& report, double least) {
  if (report.decided.empty()) return study_page(yield_summary(report, least), {});
  std::vector<ParetoBar> bars;
  for (const YieldReport::Decided& d : report.decided)
    bars.push_back({words_of(d.cause), d.runs, d.cause.verdict == name_of(Verdict::fail)});
  const std::string plot = study_figure(
      "What decided it", fmt::format("{} of {} runs did not pass", report.not_passed, report.runs), pareto_plot(bars));
  return study_page(yield_summary(report, least), {{"plots", "Pareto", plot}});
}

Json yield_json(const YieldReport& r, double least) {
  return {{"study", "yield"},
          {"source", r.source},
          {"verdict", name_of(yield_verdict(r, least))},
          {"runs", r.runs},
          {"pens", r.pens},
          {"runs_not_passed", r.not_passed},
          {"first_pass", share_json(r.first_pass)},
          {"final", share_json(r.final)},
          {"first_pass_judged", share_json(r.first_judged)},
          {"retested", share_json(r.retested)},
          {"seen_before", r.seen_before},
          {"by_deciding", decided_json(r)},
          {"by_measurement", pareto_json(r.measurements)},
          {"by_phase", pareto_json(r.phases)},
          {"by_slot", pareto_json(r.slots)},
          {"by_lot", pareto_json(r.lots)},
          {"by_hour", pareto_json(r.hours)}};
}

}  // namespace penrig
