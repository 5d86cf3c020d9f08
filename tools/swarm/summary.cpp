#include "tools/swarm/summary.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <fmt/format.h>

namespace penrig::swarm {
namespace {

constexpr std::size_t kExamples = 8;
constexpr int kRanges = 6;
constexpr double kProducerMost = 1e-3, kUnlikely = 1e-4;

constexpr std::size_t index_of(Verdict v) { return static_cast<std::size_t>(v); }

/// In which part of its defect's sizes a seed falls.
int range_of(const SeedResult& s) {
  if (!(s.size_to > s.size_from)) return 0;
  const double share = (s.size - s.size_from) / (s.size_to - s.size_from);
  return std::clamp(static_cast<int>(share * kRanges), 0, kRanges - 1);
}

std::uint64_t decided(const VerdictCounts& verdicts) {
  return verdicts[index_of(Verdict::pass)] + verdicts[index_of(Verdict::fail)] +
         verdicts[index_of(Verdict::indeterminate)];
}

}  // namespace

Share::Interval Share::interval() const {
  if (n == 0) return {};
  const auto kd = static_cast<double>(k), nd = static_cast<double>(n);
  constexpr double kTail = 0.025;
  Interval i;
  i.low = k == 0 ? 0 : boost::math::quantile(boost::math::beta_distribution<double>(kd, nd - kd + 1), kTail);
  i.high = k == n ? 1 : boost::math::quantile(boost::math::beta_distribution<double>(kd + 1, nd - kd), 1 - kTail);
  return i;
}

void Summary::add(const SeedResult& s) {
  ++seeds;
  rig_s += s.rig_s;
  ++verdicts[index_of(s.verdict)];
  const bool with_faults = s.faults_drawn > 0;
  if (with_faults) {
    ++seeds_with_faults;
  } else {
    ++verdicts_without_faults[index_of(s.verdict)];
    good_seeds += s.defect == "none" ? 1U : 0U;
  }
  if (decided(verdicts) == 0) ++undecided[s.reason];
  for (const std::string& kind : s.fault_kinds) ++faults[kind];

  const int range = range_of(s);
  MatrixRow& row = matrix[fmt::format("{} {}", s.defect, range)];
  row.defect = s.defect;
  row.unit = s.unit;
  const bool sized = s.size_to > s.size_from;
  const auto edge = [&](int i) { return (s.size_from * (kRanges - i) + s.size_to * i) / kRanges; };
  row.size_from = sized ? edge(range) : s.size_from;
  row.size_to = sized ? edge(range + 1) : s.size_to;
  ++row.seeds;
  row.outside += s.outside.empty() ? 0U : 1U;
  ++row.verdicts[index_of(s.verdict)];

  if (!s.outside.empty()) {
    ++consumer_outside.n;
    consumer_outside.k += s.verdict == Verdict::pass ? 1U : 0U;
  }
  consumer_near.n += s.near_outside;
  consumer_near.k += s.near_passed;
  near_risk += s.near_risk;
  if (!with_faults) {
    producer.n += s.inside;
    producer.k += s.refused.size();
    if (s.all_inside) {
      ++producer_pens.n;
      producer_pens.k += s.verdict != Verdict::pass ? 1U : 0U;
    }
    for (const std::string& text : s.refused) {
      if (refused.size() < kExamples) refused.push_back(fmt::format("seed {}: {}", s.seed, text));
    }
  }
  std::vector<std::string> told;
  for (const Broken& b : s.broken) {
    BrokenInvariant& kind = broken[b.invariant];
    if (std::find(told.begin(), told.end(), b.invariant) == told.end()) {
      ++kind.seeds;
      told.push_back(b.invariant);
    }
    if (kind.first.size() < kExamples) kind.first.push_back({s.seed, b.what});
  }
}

bool Summary::nothing_tested() const {
  return broken.empty() && ((good_seeds > 0 && decided(verdicts) == 0) || no_fault_began());
}

std::string Summary::untested() const {
  return no_fault_began() ? "and none of their faults began" : "and none came to a decision";
}

std::string Summary::why_untested() const {
  if (no_fault_began())
    return fmt::format("{} of them have faults, and their runs were over before (look at at_s, at_progress, at_phase)",
                       seeds_with_faults);
  const auto most = std::ranges::max_element(undecided, {}, [](const auto& reason) { return reason.second; });
  return most == undecided.end() ? "" : fmt::format("{} of them: {}", most->second, most->first);
}

double Summary::near_chance() const {
  if (consumer_near.k == 0) return 1;
  if (!(near_risk > 0)) return 0;
  const double p = near_risk / static_cast<double>(consumer_near.n);
  const boost::math::binomial_distribution<double> rule(static_cast<double>(consumer_near.n), std::min(p, 1.0));
  return boost::math::cdf(boost::math::complement(rule, static_cast<double>(consumer_near.k) - 1));
}

std::vector<std::string> Summary::statistics_broken() const {
  std::vector<std::string> out;
  if (const double chance = near_chance(); chance < kUnlikely) {
    out.push_back(
        fmt::format("{} of {} decisions whose truth lies outside by less than 1.5 U were PASS; the rules' risk allows "
                    "{:.1f} (chance {:.1g})",
                    consumer_near.k, consumer_near.n, near_risk, chance));
  }
  if (producer.n > 0 && producer.interval().low > kProducerMost) {
    out.push_back(fmt::format(
        "{} of {} decisions whose truth lies inside by U + 4 u were not PASS; 0.1 % are allowed (without faults)",
        producer.k, producer.n));
  }
  return out;
}

}  // namespace penrig::swarm
