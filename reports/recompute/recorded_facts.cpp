#include "reports/recompute/recorded_facts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "rig/spec/measurand.hpp"

namespace penrig {

namespace {

constexpr std::array<std::string_view, 4> kOfTheLink{"command_latency_median", "command_latency_p99", "rssi",
                                                     "battery"};

bool of_the_link(const Measurement& m) { return std::ranges::find(kOfTheLink, m.measurand) != kOfTheLink.end(); }

/// The one reason that is neither judged nor measured.
std::optional<Error> stopped_early(const RunRecord& record) {
  const RunOutcome& o = record.outcome;
  if (o.verdict != Verdict::aborted && o.verdict != Verdict::error) return std::nullopt;
  // conclude() leaves out what decided only where the run was stopped, or where nothing at all was decided.
  if (o.deciding || o.decisions.empty()) return std::nullopt;
  return fail(o.verdict == Verdict::aborted ? Errc::aborted : Errc::internal, o.reason);
}

}  // namespace

bool is_told(const Measurement& m) {
  return of_the_link(m) || m.measurand == "firmware" || m.measurand == "reconnect_time" ||
         m.measurand.starts_with(kAnswerPrefix);
}

RunFacts recorded_facts(const RunRecord& record) {
  RunFacts facts;
  for (const Measurement& m : record.outcome.measurements) {
    if (of_the_link(m) && m.value) facts.told.push_back(m);
  }
  std::optional<double> before, after;
  for (const PhaseRecord& phase : record.phases) {
    const auto zero = phase.values.find("needle_zero_mm");
    if (phase.kind != "reference" || zero == phase.values.end()) continue;
    (before ? after : before) = zero->second;
  }
  if (before && after) facts.growth_mm = *after - *before;
  facts.stopped = stopped_early(record);
  facts.decisions_planned = record.header.decisions_planned;
  for (const Correction& c : record.outcome.corrections) {
    if (!c.applied && c.note.starts_with("switched off")) (void)switch_off(facts.without, c.name);
  }
  return facts;
}

}  // namespace penrig
