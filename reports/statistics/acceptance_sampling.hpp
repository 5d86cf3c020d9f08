#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace penrig::statistics {

/// What a sampling plan has to do: of lots with a share `good` of nonconforming pens reject at most `alpha`, of lots
/// with a share `bad` accept at most `beta`. 0 < good < bad < 1.
///
/// Plans are computed from their operating characteristics for large lots. They are not the tables of ISO 2859-1 and
/// ISO 3951, which go by lot size, level and rules of switching.
struct SamplingTarget {
  double good = 0.01, alpha = 0.05, bad = 0.05, beta = 0.1;
};

/// By attributes: accept a lot when at most `accept` of `sample` pens do not conform.
struct AttributesPlan {
  std::uint64_t sample = 0, accept = 0;
  double probability_of_acceptance(double share) const;
};
/// The smallest sample that does it. None: more than 100,000, or a target that is none.
std::optional<AttributesPlan> attributes_plan(const SamplingTarget& target);

/// By variables, one limit, deviation not known: accept when (limit - mean)/s >= k.
struct VariablesPlan {
  std::uint64_t sample = 0;
  double k = 0;
  double probability_of_acceptance(double share) const;
};
/// The smallest sample that does it, exact by the noncentral t distribution; k such that a good lot is rejected with
/// alpha. Source: Guenther, "Sampling Inspection in Statistical Quality Control" (1977).
std::optional<VariablesPlan> variables_plan(const SamplingTarget& target);

}  // namespace penrig::statistics
