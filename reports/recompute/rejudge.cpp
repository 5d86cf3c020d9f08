#include "reports/recompute/rejudge.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "reports/recompute/recorded_facts.hpp"
#include "rig/run/conclude.hpp"
#include "rig/run/judge.hpp"
#include "rig/run/sequencer.hpp"

namespace penrig {

namespace {

std::string setting_of(const RunOutcome& outcome, const Decision& d) {
  if (d.measurement >= outcome.measurements.size()) return "";
  const Measurement& m = outcome.measurements[d.measurement];
  return m.depth_mm && m.rate_per_min ? fmt::format("{} mm at {}/min", *m.depth_mm, *m.rate_per_min) : "";
}

/// A requirement may be decided several times at one setting (a soak): the n-th then is held against the n-th now.
class Made {
 public:
  explicit Made(const RunOutcome& outcome) : outcome_(outcome), taken_(outcome.decisions.size(), false) {}
  const Decision* take(const Decision& like, const std::string& where) {
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      const Decision& d = outcome_.decisions[i];
      if (taken_[i] || d.requirement_id != like.requirement_id || setting_of(outcome_, d) != where) continue;
      taken_[i] = true;
      return &d;
    }
    return nullptr;
  }
  std::vector<const Decision*> left() const {
    std::vector<const Decision*> all;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i]) all.push_back(&outcome_.decisions[i]);
    }
    return all;
  }

 private:
  const RunOutcome& outcome_;
  std::vector<bool> taken_;
};

}  // namespace

bool Rejudgement::overturned() const {
  return was != is || std::ranges::any_of(decisions, [](const RejudgedDecision& d) { return d.overturned(); });
}

Rejudgement rejudge(const RunRecord& record, const Plan& plan, const Product& product) {
  Rejudgement out;
  out.run_id = record.header.run_id;
  out.serial_number = record.header.serial_number;
  out.was = record.closed ? record.outcome.verdict : Verdict::error;
  RunFacts facts = recorded_facts(record);
  facts.decisions_planned = count_plan(plan, product, first_link(record.phases)).decisions;
  RunOutcome now;
  std::vector<PhaseRecord> phases = record.phases;
  conclude(now, phases, facts, plan, product);
  // What nobody closed, and what did not come to a safe state, is an ERROR whatever the limits are.
  if (record.outcome.daq && !record.phases.empty())
    conclude_teardown(now, record.outcome.safe_state_confirmed, record.phases.back());
  out.is = !record.closed || record.outcome.interrupted ? Verdict::error : now.verdict;
  Made made(record.outcome);
  for (const Decision& d : now.decisions) {
    const std::string where = setting_of(now, d);
    RejudgedDecision row{d.requirement_id, d.title, where, "", d.limit_text, std::nullopt, d.verdict, d.reason};
    if (const Decision* const was = made.take(d, where)) {
      row.limit_was = was->limit_text;
      row.was = was->verdict;
    }
    out.decisions.push_back(std::move(row));
  }
  for (const Decision* d : made.left()) {
    out.decisions.push_back({d->requirement_id, d->title, setting_of(record.outcome, *d), d->limit_text, "", d->verdict,
                             std::nullopt, "the product has no such requirement, or the plan does not judge it"});
  }
  return out;
}

}  // namespace penrig
