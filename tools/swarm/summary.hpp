#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/swarm/seed_run.hpp"

namespace penrig::swarm {

/// Runs by verdict.
using VerdictCounts = std::array<std::uint64_t, 6>;  ///< by Verdict

/// k of n, with the exact interval of 95 % (Clopper and Pearson).
struct Share {
  std::uint64_t k = 0, n = 0;
  double value() const { return n == 0 ? 0 : static_cast<double>(k) / static_cast<double>(n); }
  struct Interval {
    double low = 0, high = 1;
  };
  Interval interval() const;
};

/// Runs of one defect and one range of its size.
struct MatrixRow {
  std::string defect, unit;
  double size_from = 0, size_to = 0;
  std::uint64_t seeds = 0, outside = 0;  ///< outside: the truth may not be passed
  VerdictCounts verdicts{};
};

/// Seeds that broke an invariant; of each kind the first few are kept.
struct BrokenInvariant {
  std::uint64_t seeds = 0;
  struct Example {
    std::uint64_t seed = 0;
    std::string what;
  };
  std::vector<Example> first;
};

/// What a swarm adds up to.
class Summary {
 public:
  void add(const SeedResult& seed);

  std::uint64_t seeds = 0;
  double rig_s = 0;  ///< simulated
  VerdictCounts verdicts{}, verdicts_without_faults{};
  std::uint64_t seeds_with_faults = 0;
  std::uint64_t good_seeds = 0;                    ///< pens without a defect, on a bench without faults
  std::map<std::string, std::uint64_t> undecided;  ///< why seeds came to no decision, until one did
  std::map<std::string, MatrixRow> matrix;         ///< by defect and range
  std::map<std::string, std::uint64_t> faults;     ///< that began, by kind
  std::map<std::string, BrokenInvariant> broken;

  Share consumer_outside;  ///< pens that may not be passed: those that were
  Share consumer_near;     ///< decisions whose truth lies outside by less than 1.5 U: those that were PASS
  double near_risk = 0;    ///< how many of these the rule allows, by what the decisions state
  Share producer;          ///< decisions whose truth lies inside by U + 4 u, without faults: those that were not PASS
  Share producer_pens;     ///< pens all of whose truths do, without faults: those that were not PASS
  std::vector<std::string> refused;  ///< the first few of the producer's

  /// Probability that the rule's risk alone gives so many or more near passes.
  double near_chance() const;
  /// What is wrong beyond single seeds: passes near a limit more often than the rule's risk (chance below 1e-4), good
  /// measurements refused in more than 0.1 %; empty: nothing.
  std::vector<std::string> statistics_broken() const;
  /// A plan that no pen can be judged by is an ERROR for each of them, which breaks no invariant: where even a good pen
  /// came to no decision, no other did either, and nothing broke, nothing was tested. Where each had a defect or a
  /// fault of its own, an ERROR may be just what it should come to. Nor was anything tested where seeds had faults and
  /// none of them began.
  bool nothing_tested() const;
  bool no_fault_began() const { return seeds_with_faults > 0 && faults.empty(); }
  /// "and none came to a decision"; while nothing_tested().
  std::string untested() const;
  /// Why not. Of `undecided`: "8 of them: the pen says ...".
  std::string why_untested() const;
  bool whole() const { return broken.empty() && statistics_broken().empty() && !nothing_tested(); }
};

nlohmann::ordered_json to_json(const SeedResult& seed);
/// What to_json() wrote. Throws nlohmann::json::exception.
SeedResult seed_of_json(const nlohmann::ordered_json& json);
/// The summary as --json ends with; "event": "summary".
nlohmann::ordered_json to_json(const Summary& summary);
/// One self-contained page.
std::string summary_html(const Summary& summary, const std::string& title);

}  // namespace penrig::swarm
