#include "reports/recompute/recompute.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "reports/recompute/each_name.hpp"
#include "reports/recompute/recorded_facts.hpp"
#include "reports/recompute/rederive.hpp"
#include "rig/measure/algorithm_version.hpp"
#include "rig/run/conclude.hpp"

namespace penrig {

namespace {

std::string name_of_phase(const PhaseRecord& phase) {
  return phase.attempt > 1 ? fmt::format("{}, attempt {}", phase.name, phase.attempt) : phase.name;
}

void compare_values(RecordComparison& c, const PhaseRecord& was, const PhaseRecord& is) {
  each_name(was.values, is.values, [&c](const std::string& name, const double* recorded, const double* recomputed) {
    const auto number = [](const double* value) { return value == nullptr ? std::nullopt : std::optional(*value); };
    c.bits(name, number(recorded), number(recomputed));
  });
}

void compare_phase(RecordComparison& c, const PhaseRecord& was, const PhaseRecord& is) {
  const std::string name = name_of_phase(was);
  c.at(name);
  compare_values(c, was, is);
  c.count("samples", was.samples, is.samples);
  c.count("gaps", was.gaps, is.gaps);
  c.count("measurements", was.measurements.size(), is.measurements.size());
  compare(c, was.strokes, is.strokes);
  compare(c, was.traces, is.traces);
  for (std::size_t i = 0; i < std::min(was.measurements.size(), is.measurements.size()); ++i) {
    c.at(name_of_measurement(name, was.measurements[i]));
    compare(c, was.measurements[i], is.measurements[i]);
  }
}

/// Of the run as a whole: what conclude() gave, and what the teardown made of it.
void judge_again(const RunRecord& record, RederivedPhases& again, const Plan& plan, const Product& product,
                 RunOutcome& outcome) {
  RunFacts facts = recorded_facts(record);
  facts.without = again.without;
  facts.growth_mm.reset();
  if (again.zero_before && again.zero_after) {
    facts.growth_mm = again.zero_after->needle_zero_mm - again.zero_before->needle_zero_mm;
  }
  conclude(outcome, again.phases, facts, plan, product);
  const RunOutcome& was = record.outcome;
  if (again.calibrations) {
    outcome.corrections = corrections_of_run(*again.calibrations, was.temperature_c, again.without, again.zero_before);
  } else {
    outcome.corrections = was.corrections;
  }
  if (facts.stopped) again.told.push_back("why the run ended early: " + was.reason);
  if (!was.daq || record.phases.empty()) return;
  if (!conclude_teardown(outcome, was.safe_state_confirmed, record.phases.back())) return;
  again.told.emplace_back(was.safe_state_confirmed ? "what the teardown did not do"
                                                   : "that the safe state was not confirmed");
}

void compare_outcome(RecordComparison& c, const RunOutcome& was, const RunOutcome& is,
                     std::vector<RecomputedMeasurement>& measurements) {
  c.at("run");
  c.text("verdict", name_of(was.verdict), name_of(is.verdict));
  c.text("reason", was.reason, is.reason);
  c.text("deciding decision", was.deciding ? fmt::to_string(*was.deciding) : "none",
         is.deciding ? fmt::to_string(*is.deciding) : "none");
  c.count("measurements", was.measurements.size(), is.measurements.size());
  c.count("decisions", was.decisions.size(), is.decisions.size());
  c.count("corrections", was.corrections.size(), is.corrections.size());
  for (std::size_t i = 0; i < was.measurements.size(); ++i) {
    RecomputedMeasurement line{name_of_measurement("", was.measurements[i]), false, is_told(was.measurements[i])};
    if (i < is.measurements.size()) {
      const std::size_t before = c.differences().size();
      c.at("run, " + line.name);
      compare(c, was.measurements[i], is.measurements[i]);
      line.same = c.differences().size() == before;
    }
    measurements.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < std::min(was.decisions.size(), is.decisions.size()); ++i) {
    const Decision& d = was.decisions[i];
    const std::string of =
        d.measurement < was.measurements.size() ? name_of_measurement("", was.measurements[d.measurement]) : "?";
    c.at(fmt::format("decision {} of {}", d.requirement_id, of));
    compare(c, d, is.decisions[i]);
  }
  for (std::size_t i = 0; i < std::min(was.corrections.size(), is.corrections.size()); ++i) {
    c.at("correction " + was.corrections[i].name);
    compare(c, was.corrections[i], is.corrections[i]);
  }
}

}  // namespace

Recomputation recompute(const RunRecord& record, const WaveformSource& source, const RunDescriptions& run) {
  Recomputation out;
  out.run_id = record.header.run_id;
  out.recorded_algorithm = record.header.algorithm_version;
  out.algorithm = kAlgorithmVersion;
  const bool kept = std::ranges::any_of(record.phases, [](const PhaseRecord& p) { return !p.waveforms.empty(); });
  if (!kept && record.header.algorithm_version.empty()) {
    out.missing.emplace_back("the record keeps no waveforms: it was made by a version of penrig that kept none");
    return out;
  }
  RederivedPhases again = rederive(record, source);
  RecordComparison comparison;
  for (std::size_t i = 0; i < again.phases.size(); ++i) {
    if (again.derived[i]) compare_phase(comparison, record.phases[i], again.phases[i]);
  }
  // A run that was never closed has no outcome to be held against.
  if (record.closed && !record.outcome.interrupted && again.missing.empty()) {
    judge_again(record, again, run.plan, run.product, out.outcome);
    compare_outcome(comparison, record.outcome, out.outcome, out.measurements);
    if (!recorded_facts(record).told.empty())
      again.told.emplace_back("command latencies, signal strength and battery, of the link");
  }
  out.differences = unlike_descriptions(record, run);
  out.differences.insert(out.differences.end(), again.unlike.begin(), again.unlike.end());
  out.differences.insert(out.differences.end(), comparison.differences().begin(), comparison.differences().end());
  out.told = std::move(again.told);
  out.missing = std::move(again.missing);
  out.waveforms = again.waveforms;
  out.samples = again.samples;
  out.held = std::move(again.held);
  out.compared = comparison.compared();
  return out;
}

}  // namespace penrig
