#pragma once

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reports/statistics/interval.hpp"
#include "reports/store/measured_values.hpp"
#include "reports/store/record_store.hpp"
#include "reports/study/study_table.hpp"
#include "rig/record/run_record.hpp"

namespace penrig {

/// So many of so many, with Clopper and Pearson's interval of 95 %.
struct Share {
  std::size_t hits = 0, of = 0;
  double value() const { return of > 0 ? static_cast<double>(hits) / static_cast<double>(of) : 0; }
  statistics::Interval interval() const;
};

/// The one thing that decided a run: "D1, penetration of strokes", and beyond which limit it lies; else the verdict's
/// own word.
struct DecidingCause {
  std::string text, verdict, measurand, side;  ///< side: high, low or nothing
  friend bool operator<(const DecidingCause& a, const DecidingCause& b) {
    return std::tie(a.text, a.verdict, a.measurand, a.side) < std::tie(b.text, b.verdict, b.measurand, b.side);
  }
};

/// What one run did not pass by, each once: "D1 penetration, 1.0 mm, 7500/min", and in which phases.
struct RunCauses {
  std::vector<std::string> measurements, phases;
  DecidingCause deciding;
};
/// Of an ERROR or ABORTED run the cause is the phase that ended so, and "ERROR" in place of a measurement.
RunCauses causes_of(const RunRecord& run);
/// Run by run, from the records of those that are no PASS; the others' are empty.
Result<std::vector<RunCauses>> causes_of(RecordStore& store, const std::vector<ValuesRun>& runs);

/// Pareto's order: most first, equal ones by name.
struct ParetoRow {
  std::string name;
  std::size_t runs = 0;   ///< that did not pass by this
  std::size_t begun = 0;  ///< of a slot, a lot, an hour: all its runs; 0: says nothing
};

/// Yield of pens: a pen's first pass is its first run, whatever became of it; its final result is its last. A pen that
/// had run before has no first pass among these runs.
struct YieldReport {
  std::string source;
  std::size_t runs = 0, pens = 0, not_passed = 0;
  Share first_pass, final;
  Share first_judged;  ///< the first pass among first runs that came to a verdict of the pen: without the rig's own
                       ///< faults
  Share retested;      ///< pens with more than one run, or that had run before
  std::size_t seen_before = 0;  ///< pens that had run before
  struct Decided {
    DecidingCause cause;
    std::size_t runs = 0;
  };
  std::vector<Decided> decided;  ///< each run that did not pass once, in Pareto's order
  std::vector<ParetoRow> measurements, phases, slots, lots, hours;  ///< hours of the day, UTC
};
/// @param runs         oldest first.
/// @param seen_before  pens of which there are earlier runs than these.
YieldReport yield_report(std::string source, const std::vector<ValuesRun>& runs, const std::vector<RunCauses>& causes,
                         const std::set<std::string>& seen_before = {});
/// Pens of which `all` has a run of the same plan and kind, not void, before the first of `chosen`.
std::set<std::string> pens_seen_before(const std::vector<ValuesRun>& all, const std::vector<ValuesRun>& chosen);

/// PASS: the whole interval of the final yield reaches `least`; FAIL: none of it; not judged where nothing is asked.
Verdict yield_verdict(const YieldReport& report, double least);

StudySummary yield_summary(const YieldReport& report, double least);
std::string yield_html(const YieldReport& report, double least);
/// What decided, in Pareto's order: [{cause, verdict, measurand, side, runs}].
nlohmann::ordered_json decided_json(const YieldReport& report);
nlohmann::ordered_json yield_json(const YieldReport& report, double least);

}  // namespace penrig
